import { isRetired, type Client } from '../core/client/client';
import type { ClientIndex } from '../core/client/client-index';
import type { OidcTokenSources } from '../configuration/options';
import { discoveryUrlsOf, isLoopback, parseUrl } from '../core/url';
import type { Components, SecurityRequirement } from './open-api-document';
import type { OidcSecurityOptions } from './options';

interface SecurityScheme {
  readonly type: 'http' | 'openIdConnect' | 'apiKey';
  readonly [field: string]: string;
}

/** What the shared scheme of clients that are not named is called; also what `addBearerAuth()` calls its own. */
const SHARED_SCHEME = 'bearer';

/** The last part of where an OpenID provider says what it is (OpenID Connect Discovery 1.0 section 4). */
const OPENID_CONFIGURATION = '/.well-known/openid-configuration';

/** The types of schemes whose requirements list scopes (OpenAPI 3.0, Security Requirement Object). */
const WITH_SCOPES: ReadonlySet<unknown> = new Set(['oauth2', 'openIdConnect']);

/**
 * The security schemes of clients, added when an operation needs them. A scheme of the document that has the name of a
 * client is used for that client.
 *
 * @internal
 */
export class SecuritySchemes {
  /** To the name of each client that has been asked for, what its scheme is called. */
  readonly #keys = new Map<string, string>();
  readonly #schemes = new Map<string, SecurityScheme>();
  readonly #named: ReadonlySet<string> | undefined;
  #sharedKey: string | undefined;

  /** @param now seconds since the epoch. */
  constructor(
    private readonly existing: Components,
    private readonly clients: ClientIndex,
    private readonly options: OidcSecurityOptions,
    private readonly now: number,
    private readonly sources: OidcTokenSources = {},
    private readonly acceptsCertificates: boolean = false,
  ) {
    this.#named = options.clients && new Set(options.clients);
  }

  /** Whether the document names a client. */
  names(client: string): boolean {
    return this.#named?.has(client) ?? true;
  }

  /** The clients whose tokens are accepted, or those of them that an operation is for. */
  accepted(only: ReadonlySet<string> | undefined): Client[] {
    return this.clients.clients.filter(
      (client) => !isRetired(client, this.now) && (only === undefined || only.has(client.name)),
    );
  }

  /**
   * One alternative for each named client, and one for all other clients. Never an empty list, which would mean that no
   * token is required.
   *
   * @param only the names of the clients that may call the operation; undefined for all.
   */
  requirementsFor(only: ReadonlySet<string> | undefined, scopes: readonly string[]): SecurityRequirement[] {
    // A client with several tenants occurs once for each.
    const accepted = [...new Set(this.accepted(only).map(({ name }) => name))];
    const names = accepted.length > 0 ? accepted : [...(only ?? [])];
    const keys = names.filter((name) => this.names(name)).map((name) => this.#keyOf(name));
    const isAllNamed = keys.length > 0 && keys.length === names.length;
    return [...keys, ...(isAllNamed ? [] : [this.#shared])].map((key) => ({
      [key]: this.#hasScopes(key) ? scopes : [],
    }));
  }

  /** What is to be in the document now: new ones in the order of the configuration. */
  get all(): Components {
    const order = [...this.clients.clients.map(({ name }) => this.#keys.get(name)), ...this.#schemes.keys()];
    const added = order.flatMap((key) => {
      const scheme = key === undefined ? undefined : this.#schemes.get(key);
      return key === undefined || scheme === undefined ? [] : [[key, scheme] as const];
    });
    return { ...this.existing, ...Object.fromEntries(added) };
  }

  get #shared(): string {
    this.#sharedKey ??= this.#add(SHARED_SCHEME, this.#plain('An access token (JWT).'));
    return this.#sharedKey;
  }

  #keyOf(name: string): string {
    let key = this.#keys.get(name);
    if (key === undefined) {
      // Component names may contain only some characters (OpenAPI 3.0, Components Object).
      key = this.#add(name.replaceAll(/[^\w.-]/g, '_'), this.#schemeOf(name));
      this.#keys.set(name, key);
    }
    return key;
  }

  #add(wanted: string, scheme: SecurityScheme): string {
    const taken = new Set([...this.#keys.values(), this.#sharedKey]);
    let key = wanted;
    for (let number = 2; taken.has(key); number += 1) {
      key = `${wanted}${number}`;
    }
    if (!Object.hasOwn(this.existing, key)) {
      this.#schemes.set(key, scheme);
    }
    return key;
  }

  #hasScopes(key: string): boolean {
    const scheme: unknown = this.existing[key] ?? this.#schemes.get(key);
    return typeof scheme === 'object' && scheme !== null && WITH_SCOPES.has(Reflect.get(scheme, 'type'));
  }

  /** A token in the `Authorization` header, or where the API reads it instead (OpenAPI 3.0, Security Scheme Object). */
  #plain(description: string, scheme: 'bearer' | 'dpop' = 'bearer'): SecurityScheme {
    const { authorization = true, header, cookie } = this.sources;
    if (authorization || (header === undefined && cookie === undefined)) {
      return { type: 'http', scheme, bearerFormat: 'JWT', description };
    }
    return header === undefined
      ? { type: 'apiKey', in: 'cookie', name: cookie ?? '', description }
      : { type: 'apiKey', in: 'header', name: header, description };
  }

  #schemeOf(name: string): SecurityScheme {
    const client = this.clients.client(name);
    if (client === undefined || isRetired(client, this.now)) {
      return this.#plain(`An access token of client ${name}: none is accepted at the moment.`);
    }
    const isBound = client.requireSenderConstraint;
    const description = `An access token of client ${name}${isBound ? ', bound to its sender (DPoP or mutual TLS)' : ''}.`;
    const url = this.options.discovery === false ? undefined : publicDiscoveryUrl(client);
    return url === undefined || this.sources.authorization === false
      ? this.#plain(description, isBound && !this.acceptsCertificates ? 'dpop' : 'bearer')
      : { type: 'openIdConnect', openIdConnectUrl: url, description };
  }
}

/**
 * The public URL of the discovery document of a client's issuer: below the issuer that its tokens name. Undefined if it is
 * unknown or private. The URL that this application fetches may be internal.
 */
function publicDiscoveryUrl({ issuer, usesKeySet }: Client): string | undefined {
  const { keySource, possibleIssuers } = issuer;
  const [identifier] = possibleIssuers;
  const isKnown = keySource.kind === 'discovery' && keySource.urls[0]?.endsWith(OPENID_CONFIGURATION);
  const url = identifier === undefined ? undefined : parseUrl(identifier);
  // An issuer with an http URL at another host is internal.
  const isPublic = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url));
  return identifier !== undefined && isKnown && isPublic && usesKeySet ? discoveryUrlsOf(identifier)[0] : undefined;
}
