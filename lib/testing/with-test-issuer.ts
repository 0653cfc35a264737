import { OidcConfigurationError } from '../configuration/configuration-error';
import type { OidcClientOptions, OidcMultiAuthOptions } from '../configuration/options';
import { resolveConfiguration } from '../configuration/resolve-configuration';
import { OidcRuntime } from '../nest/runtime/oidc-runtime';
import { moveClients } from './move-clients';
import { overrideRuntime, type TestModuleBuilder } from './override-runtime';
import type { TestIssuer } from './test-issuer';

/**
 * Turns an application under test to a test issuer, without touching its code: its clients are the same in everything
 * (audiences, roles, algorithms, `validate`), except that their tokens come from there. A client with a `secret` keeps
 * it. The issuer then knows the clients by name, for `tokenForClient`.
 *
 * What starts the application (`compile()`) rejects with OidcConfigurationError if the application's own options have
 * faults, and with TypeError if clients of several issuers cannot be told apart at the one test issuer.
 *
 * @param builder what `Test.createTestingModule()` returns.
 * @param issuer the issuer of all clients; or a function that says which is a client's, asked once for each client with
 *   what it inherits from `defaults`.
 * @returns the builder.
 * @example
 * ```ts
 * const issuer = await TestIssuer.start();
 * const module = await withTestIssuer(Test.createTestingModule({ imports: [AppModule] }), issuer).compile();
 * const token = await issuer.tokenForClient('bcmi', { roles: ['core_view_all'] });
 * ```
 */
export function withTestIssuer<Builder extends TestModuleBuilder>(
  builder: Builder,
  issuer: TestIssuer | ((client: OidcClientOptions) => TestIssuer),
): Builder {
  return overrideRuntime(builder, async (options, log) => {
    const issuers: TestIssuer[] = [];
    const moved = moveClients(options, (client) => {
      const own = typeof issuer === 'function' ? issuer(client) : issuer;
      issuers.push(own);
      return { issuer: own.issuer };
    });
    assertToldApart(moved);
    await Promise.all(issuers.map((own, index) => own.addClients(moved.clients.slice(index, index + 1))));
    return new OidcRuntime(moved, log);
  });
}

/** Clients of different issuers may have one audience, and still must when they have one issuer. */
function assertToldApart(moved: OidcMultiAuthOptions): void {
  try {
    resolveConfiguration(moved);
  } catch (error) {
    if (!(error instanceof OidcConfigurationError)) {
      throw error;
    }
    throw new TypeError(
      'withTestIssuer: clients of several issuers cannot be told apart at one: give it a function that returns a ' +
        `TestIssuer of its own for each issuer. ${error.message}`,
      { cause: error },
    );
  }
}
