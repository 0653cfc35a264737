import { OidcPrincipal } from '../core/principal/oidc-principal';

/** Who a test principal is. */
export interface TestPrincipalOptions {
  /** Default: `test-client`. */
  readonly client?: string;
  /** Default: `https://issuer.test`. */
  readonly issuer?: string;
  /** Default: `test-user`. */
  readonly subject?: string;
  /** By the application's names. Default: none. */
  readonly roles?: readonly string[];
  /** Default: none. */
  readonly scopes?: readonly string[];
  /** Claims beside those that follow from the other options. */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** What `enrich` of the client would add as `details`, which is not called for test users. Default: undefined. */
  readonly details?: unknown;
}

/**
 * A principal that no token stands behind, for tests that put one on `request.user` in place of `MultiJwtGuard`.
 *
 * @example
 * ```ts
 * const principal = testPrincipal({ client: 'bcmi', roles: ['core_view_all'] });
 * ```
 */
export function testPrincipal(options: TestPrincipalOptions = {}): OidcPrincipal {
  const { client = 'test-client', issuer = 'https://issuer.test', subject = 'test-user', claims } = options;
  const expiry = Math.floor(Date.now() / 1000) + 300;
  return OidcPrincipal.of({
    ...options,
    client,
    issuer,
    subject,
    claimsText: JSON.stringify({ iss: issuer, sub: subject, exp: expiry, ...claims }),
  });
}
