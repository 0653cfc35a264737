import type { IncomingMessage, ServerResponse } from 'node:http';
import type Provider from 'oidc-provider';
import { answerLogin, LOGIN_PATH } from './login';
import { CLIENTS, SECRET, USERS, type RealmName, type SampleClient } from './realms';

/** The package, which ships ES modules only and so is imported when the provider starts. */
export type OidcProvider = typeof import('oidc-provider');
export type Answer = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

export interface Jwk extends Record<string, unknown> {
  readonly kid: string;
}

/** What is granted to whoever logs in: the clients are the realm's own, and nobody is asked for consent. */
const USER_SCOPE = 'openid email profile';

/** What answers the requests to one realm: `oidc-provider`, and the page at which users log in. */
export function answerRealm(
  { default: ProviderOfRealm, interactionPolicy }: OidcProvider,
  name: RealmName,
  issuer: string,
  keys: readonly Jwk[],
): Answer {
  const clients = CLIENTS.filter(({ realm }) => realm === name);
  const policy = interactionPolicy.base();
  policy.get('consent')?.checks.remove('native_client_prompt');
  const provider = new ProviderOfRealm(issuer, {
    jwks: { keys },
    clients: clients.map(metadataOf),
    cookies: { keys: ['sample'] },
    responseTypes: ['code'],
    routes: {
      authorization: '/protocol/openid-connect/auth',
      jwks: '/protocol/openid-connect/certs',
      token: '/protocol/openid-connect/token',
      userinfo: '/protocol/openid-connect/userinfo',
    },
    // Pages of loopback may ask for tokens: the sample's own, and Swagger UI of the mines API.
    clientBasedCORS: (_context: unknown, origin: string) =>
      URL.canParse(origin) && new URL(origin).hostname === '127.0.0.1',
    interactions: {
      policy,
      url: (_context: unknown, { uid }: { uid: string }) => `${new URL(issuer).pathname}${LOGIN_PATH}${uid}`,
    },
    findAccount: (_context: unknown, username: string) =>
      USERS.some((user) => user.username === username)
        ? { accountId: username, claims: () => ({ sub: username, preferred_username: username }) }
        : undefined,
    loadExistingGrant: async (context: LoginContext) => {
      const { client, session, provider: ofRealm } = context.oidc;
      const grant = new ofRealm.Grant({ accountId: session.accountId, clientId: client.clientId });
      grant.addOIDCScope(USER_SCOPE);
      grant.addResourceScope(audienceUrn(client), USER_SCOPE);
      await grant.save();
      return grant;
    },
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        // Access tokens are meant for the client that got them, as in Gold SSO.
        defaultResource: (_context: unknown, client: { clientId: string }) => audienceUrn(client),
        useGrantedResource: () => true,
        getResourceServerInfo: (_context: unknown, resource: string) => ({
          scope: 'email profile',
          audience: resource.slice(audienceUrn({ clientId: '' }).length),
          accessTokenFormat: 'jwt',
          accessTokenTTL: 300,
          jwt: { sign: { alg: 'RS256' } },
        }),
      },
    },
    formats: {
      customizers: {
        jwt: (_context: unknown, token: { accountId?: string }, jwt: { header?: object; payload: Claims }) => {
          const client = clients.find(({ clientId }) => clientId === jwt.payload['client_id']);
          jwt.header = { typ: 'JWT' };
          Object.assign(jwt.payload, { typ: 'Bearer', azp: client?.clientId, ...subjectOf(token.accountId, client) });
          delete jwt.payload['client_id'];
        },
      },
    },
    ttl: { AccessToken: 300, ClientCredentials: 300, Grant: 3600, IdToken: 300, Interaction: 600, Session: 3600 },
  });
  const callback = provider.callback();
  return async (request, response) =>
    request.url?.startsWith(LOGIN_PATH) === true
      ? answerLogin(provider, request, response)
      : callback(request, response);
}

type Claims = Record<string, unknown>;

interface LoginContext {
  readonly oidc: {
    readonly client: { readonly clientId: string };
    readonly session: { readonly accountId: string };
    readonly provider: Provider;
  };
}

function audienceUrn({ clientId }: { readonly clientId: string }): string {
  return `urn:aud:${clientId}`;
}

function metadataOf({ clientId, isPublic }: SampleClient): object {
  return isPublic === true
    ? {
        client_id: clientId,
        // A native client's redirect URI of loopback may have any port (RFC 8252 section 7.3).
        application_type: 'native',
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code'],
        redirect_uris: ['http://127.0.0.1/', 'http://127.0.0.1/docs/oauth2-redirect.html'],
        response_types: ['code'],
      }
    : {
        client_id: clientId,
        client_secret: SECRET,
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
      };
}

/** Who a token is of, and the roles that the realm gives: a user, or the service account of a client. */
function subjectOf(username: string | undefined, client: SampleClient | undefined): Claims {
  const user = USERS.find((candidate) => candidate.username === username);
  const account = `service-account-${client?.clientId}`;
  return user === undefined
    ? { sub: account, preferred_username: account, ...client?.roleClaims }
    : { preferred_username: user.username, name: user.name, client_roles: user.roles };
}
