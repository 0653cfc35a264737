import type { PossessionSettings } from '../../core/proof/possession-settings';
import type { OidcResourceMetadata } from '../../configuration/options';

/** The well-known path of protected resource metadata (RFC 9728 section 3). */
const WELL_KNOWN = '/.well-known/oauth-protected-resource';

/** The parts of the metadata that change at run time. */
export interface ResourceFacts {
  /** The issuers whose tokens are accepted now, as far as they are known. */
  readonly issuers: readonly string[];
  /** The scopes that routes require. */
  readonly scopes: readonly string[];
  /** How proofs of possession are checked; absent where they are not. */
  readonly possession?: PossessionSettings | undefined;
}

/** A protected resource and the location of its metadata. */
interface Resource {
  readonly identifier: string;
  /** The path of its metadata: the well-known path, then the path of the resource (section 3.1). */
  readonly metadataPath: string;
  readonly metadataUrl: string;
  readonly path: string;
}

/**
 * The API as a protected resource (RFC 9728), with one identifier or several. All URLs are configured: a request's `Host`
 * is never used.
 *
 * @internal
 */
export class ProtectedResource {
  readonly #resources: readonly Resource[];

  constructor(private readonly options: OidcResourceMetadata) {
    this.#resources = [options.resource].flat().map((identifier) => {
      const { origin, pathname } = new URL(identifier);
      // A slash that terminates the host is removed before the well-known path is inserted (section 3.1).
      const path = pathname === '/' ? '' : pathname;
      const metadataPath = `${WELL_KNOWN}${path}`;
      return { identifier, metadataPath, metadataUrl: `${origin}${metadataPath}`, path };
    });
  }

  /** The paths of the documents. */
  get paths(): readonly string[] {
    return [...new Set(this.#resources.map(({ metadataPath }) => metadataPath))];
  }

  /** The metadata URL of the resource for a request: the one with the longest matching path. */
  metadataUrlFor(requestPath: string): string | undefined {
    const fitting = this.#resources.filter(({ path }) =>
      isBelow(requestPath, path.endsWith('/') ? path.slice(0, -1) : path),
    );
    const [nearest] = fitting.sort((one, other) => other.path.length - one.path.length);
    return (nearest ?? this.#resources[0])?.metadataUrl;
  }

  /** The document at a path (section 3.2), without empty members. */
  document(
    path: string,
    { issuers, scopes, possession }: ResourceFacts,
  ): Readonly<Record<string, unknown>> | undefined {
    const resource = this.#resources.find(({ metadataPath }) => metadataPath === path);
    if (resource === undefined) {
      return undefined;
    }
    const { scopesSupported, resourceName, resourceDocumentation, resourcePolicyUri, resourceTosUri } = this.options;
    // Refresh tokens do not concern a resource server.
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
      ...membersOf(possession),
    };
    return Object.fromEntries(
      Object.entries(document).filter(
        ([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0),
      ),
    );
  }
}

/** What the metadata says of tokens that are bound to their sender (RFC 9728 section 2). False is the default of each. */
function membersOf(possession: PossessionSettings | undefined): Readonly<Record<string, unknown>> {
  if (possession === undefined) {
    return {};
  }
  const { namedAlgorithms, acceptsBearer, clientCertificate } = possession;
  return {
    dpop_signing_alg_values_supported: namedAlgorithms,
    dpop_bound_access_tokens_required: acceptsBearer ? undefined : true,
    tls_client_certificate_bound_access_tokens: clientCertificate === undefined ? undefined : true,
  };
}

function isBelow(path: string, base: string): boolean {
  return path === base || path.startsWith(`${base}/`);
}
