import { generateKeyPair } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import type Provider from 'oidc-provider';

/** Who can log in, and the roles of each. */
const USERS: Readonly<Record<string, readonly string[]>> = { alice: [], bob: [], ines: ['inspector'] };

const LOGIN = '/login/';
const SCOPES = ['mines.read', 'mines.close'];

interface GrantContext {
  readonly oidc: {
    readonly client: { readonly clientId: string };
    readonly session: { readonly accountId: string };
    readonly provider: Provider;
    readonly params: { readonly scope?: string; readonly resource?: string | readonly string[] };
  };
}

/** Starts an authorization server on loopback with dynamic registration (RFC 7591): the certified `oidc-provider`. */
export async function startProvider(
  port: number,
  resources: readonly string[],
): Promise<{ issuer: string; server: Server }> {
  const { default: OidcProvider, interactionPolicy } = await import('oidc-provider');
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  const key = { ...privateKey.export({ format: 'jwk' }), kid: 'sample', use: 'sig', alg: 'RS256' };
  const policy = interactionPolicy.base();
  policy.get('consent')?.checks.remove('native_client_prompt');
  const provider = new OidcProvider(issuer, {
    jwks: { keys: [key] },
    cookies: { keys: ['sample'] },
    responseTypes: ['code'],
    scopes: ['openid', 'offline_access', ...SCOPES],
    clientDefaults: { application_type: 'native', token_endpoint_auth_method: 'none' },
    // Clients register with the scope that they begin with. They may ask for more later.
    extraClientMetadata: {
      properties: ['software_id'],
      validator: (_context: unknown, _name: string, _value: unknown, metadata: { scope?: string }) => {
        delete metadata.scope;
      },
    },
    interactions: { policy, url: (_context: unknown, { uid }: { uid: string }) => `${LOGIN}${uid}` },
    findAccount: (_context: unknown, name: string) =>
      Object.hasOwn(USERS, name) ? { accountId: name, claims: () => ({ sub: name }) } : undefined,
    // The sample asks nobody for consent: what is requested is granted.
    loadExistingGrant: async ({ oidc }: GrantContext) => {
      const grant = new oidc.provider.Grant({ accountId: oidc.session.accountId, clientId: oidc.client.clientId });
      grant.addOIDCScope(['openid', 'offline_access', ...SCOPES].join(' '));
      for (const resource of [oidc.params.resource ?? []].flat()) {
        grant.addResourceScope(resource, SCOPES.join(' '));
      }
      await grant.save();
      return grant;
    },
    features: {
      devInteractions: { enabled: false },
      registration: { enabled: true },
      resourceIndicators: {
        enabled: true,
        useGrantedResource: () => true,
        getResourceServerInfo: (_context: unknown, resource: string) => {
          if (!resources.includes(resource)) {
            throw new Error('the resource is not known here');
          }
          const jwt = { sign: { alg: 'RS256' } };
          return { scope: SCOPES.join(' '), audience: resource, accessTokenFormat: 'jwt', accessTokenTTL: 300, jwt };
        },
      },
    },
    formats: {
      customizers: {
        jwt: (_context: unknown, { accountId }: { accountId?: string }, jwt: { payload: Record<string, unknown> }) => {
          jwt.payload['roles'] = USERS[accountId ?? ''] ?? [];
        },
      },
    },
    ttl: { AccessToken: 300, Grant: 3600, IdToken: 300, Interaction: 600, Session: 3600 },
  });
  const callback = provider.callback();
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const answer =
      request.url?.startsWith(LOGIN) === true ? logIn(provider, request, response) : callback(request, response);
    answer.catch(() => response.writeHead(500).end());
  });
  return { issuer, server };
}

/** A page with a button for each user: the sample has no passwords. */
async function logIn(provider: Provider, request: IncomingMessage, response: ServerResponse): Promise<void> {
  await provider.interactionDetails(request, response);
  if (request.method !== 'POST') {
    const buttons = Object.keys(USERS).map((name) => `<button name="user" value="${name}">${name}</button>`);
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' });
    response.end(`<!doctype html><title>Log in</title><form method="post">Log in as ${buttons.join(' ')}</form>`);
    return;
  }
  let form = '';
  for await (const chunk of request) {
    form = `${form}${String(chunk)}`.slice(0, 1000);
  }
  const accountId = new URLSearchParams(form).get('user') ?? '';
  await provider.interactionFinished(request, response, { login: { accountId } });
}
