import type { OidcResourceMetadata } from '../../configuration/options';

/** Where the metadata of a protected resource is (RFC 9728 section 3). */
const WELL_KNOWN = '/.well-known/oauth-protected-resource';

/** What differs while an application runs. */
export interface ResourceFacts {
  /** The issuers whose tokens are accepted now, as far as they are known. */
  readonly issuers: readonly string[];
  /** The scopes that routes ask for. */
  readonly scopes: readonly string[];
}

/** A protected resource: what it is called, and where its metadata is. */
interface Resource {
  readonly identifier: string;
  /** The path of its metadata at its own host, the resource's path behind the well-known one (section 3.1). */
  readonly metadataPath: string;
  readonly metadataUrl: string;
  readonly path: string;
}

/**
 * The API as a protected resource (RFC 9728), under one identifier or several. All URLs come from the configuration: none
 * from a request, whose `Host` anybody can choose.
 *
 * @internal
 */
export class ProtectedResource {
  readonly #resources: readonly Resource[];

  constructor(private readonly options: OidcResourceMetadata) {
    this.#resources = [options.resource].flat().map((identifier) => {
      const { origin, pathname } = new URL(identifier);
      // A slash that ends the host is taken away before the well-known part comes in (section 3.1).
      const path = pathname === '/' ? '' : pathname;
      const metadataPath = `${WELL_KNOWN}${path}`;
      return { identifier, metadataPath, metadataUrl: `${origin}${metadataPath}`, path };
    });
  }

  /** The paths at which there is a document. */
  get paths(): readonly string[] {
    return [...new Set(this.#resources.map(({ metadataPath }) => metadataPath))];
  }

  /** The URL of the metadata of the resource that a request is for: of the longest path the request's begins with. */
  metadataUrlFor(requestPath: string): string | undefined {
    const fitting = this.#resources.filter(({ path }) =>
      isBelow(requestPath, path.endsWith('/') ? path.slice(0, -1) : path),
    );
    const [nearest] = fitting.sort((one, other) => other.path.length - one.path.length);
    return (nearest ?? this.#resources[0])?.metadataUrl;
  }

  /** The document at a path (section 3.2); what has no value is left out. */
  document(path: string, { issuers, scopes }: ResourceFacts): Readonly<Record<string, unknown>> | undefined {
    const resource = this.#resources.find(({ metadataPath }) => metadataPath === path);
    if (resource === undefined) {
      return undefined;
    }
    const { scopesSupported, resourceName, resourceDocumentation, resourcePolicyUri, resourceTosUri } = this.options;
    // A refresh token is between a client and its authorization server, and none of a resource's business.
    const named = scopesSupported ?? scopes.filter((scope) => scope !== 'offline_access');
    const document = {
      resource: resource.identifier,
      authorization_servers: [...new Set(issuers)].sort(),
      scopes_supported: [...new Set(named)].sort(),
      bearer_methods_supported: ['header'],
      resource_name: resourceName,
      resource_documentation: resourceDocumentation,
      resource_policy_uri: resourcePolicyUri,
      resource_tos_uri: resourceTosUri,
    };
    return Object.fromEntries(
      Object.entries(document).filter(
        ([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0),
      ),
    );
  }
}

function isBelow(path: string, base: string): boolean {
  return path === base || path.startsWith(`${base}/`);
}
