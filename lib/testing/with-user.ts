import { resolveConfiguration } from '../configuration/resolve-configuration';
import { moveClients } from './move-clients';
import { overrideRuntime, type TestModuleBuilder } from './override-runtime';
import { createSigningKey } from './signing-key';
import type { TestUser, TestUserOf } from './test-users';
import { UserRuntime } from './user-runtime';

/**
 * Tests an application as one user, or as several, without tokens. Everything but the token is as it is: guards,
 * `@Public()`, `@Clients()`, `RolesGuard`, a stock `AuthGuard('oidc:<client>')`. Each request gets a principal of its
 * own. Nothing is fetched from any issuer, and no token is accepted any more, except of clients with a `secret` by
 * `OidcAuthService`.
 *
 * What starts the application (`compile()`) rejects with OidcConfigurationError if its own options have faults, and with
 * TypeError if the user is of a client that is not configured.
 *
 * @param builder what `Test.createTestingModule()` returns.
 * @param user who calls: options for `testPrincipal`, whose client is the first configured one unless named, and whose
 *   issuer is its client's; a principal to copy; `undefined` or `null` for nobody, answered as missing credentials are;
 *   or a function that says so for each request. Roles are by the application's names; what its client is granted and what
 *   they imply is added.
 * @returns the builder.
 * @example
 * ```ts
 * const builder = Test.createTestingModule({ imports: [AppModule] });
 * const module = await withUser(builder, { client: 'bcmi', roles: ['core_view_all'] }).compile();
 * ```
 */
export function withUser<Builder extends TestModuleBuilder>(builder: Builder, user: TestUser | TestUserOf): Builder {
  return overrideRuntime(builder, async (options, log) => {
    const { clients } = resolveConfiguration(options);
    // With keys in hand nothing is fetched; the private part of this one is gone at once.
    const { jwk } = await createSigningKey('ES256', 'nobody');
    const moved = moveClients(options, ({ name }) => {
      const issuer = clients.client(name)?.issuer.possibleIssuers[0];
      return { issuer, jwks: { keys: [jwk] } };
    });
    return new UserRuntime(moved, log, user);
  });
}
