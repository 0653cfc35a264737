import { optionsFromEnv, type OidcClientRules, type OidcMultiAuthOptions } from 'nestjs-oidc-multi-auth';

/** What the environment cannot say: where the tokens of a client have their roles, if not where Gold SSO has them. */
const RULES: Readonly<Record<string, OidcClientRules>> = {
  partner: { preset: 'keycloak' },
};

/** The clients of the mines API, from the same environment variables that the Flask API had. */
export function authOptions(): OidcMultiAuthOptions {
  const { clients, ...options } = optionsFromEnv(process.env);
  return {
    ...options,
    clients: clients.map((client) => ({ ...client, ...RULES[client.name] })),
    defaults: { preset: 'gold-sso' },
    // A new route that does not say who may call it is a fault at start, not an open door.
    requireExplicitAccess: true,
    // Swagger UI serves itself, outside the router of Nest.
    unguardedRoutes: ['/docs/*', '/docs-json', '/docs-yaml'],
  };
}
