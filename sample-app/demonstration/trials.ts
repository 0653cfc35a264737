import type { EmbeddedProvider } from '../provider/embedded-provider';
import { CLIENTS, PASSWORD, SECRET, USERS } from '../provider/realms';
import { clientNamed, expiredToken } from './tokens';

/** A request to try: whose token, which route, and what comes back. */
interface Trial {
  readonly token?: string;
  readonly method?: 'PUT' | 'POST';
  readonly path: string;
  readonly answer: string;
}

const TRIALS: readonly Trial[] = [
  { path: '/mine-types', answer: '200, public' },
  { path: '/mines', answer: '401 authorization_header_missing' },
  { token: 'CORE_WEB', path: '/me', answer: '200, and who that is' },
  { token: 'CORE_WEB', path: '/mines', answer: '200' },
  { token: 'CORE_WEB', method: 'PUT', path: '/mines/2', answer: '200' },
  { token: 'CORE_WEB', method: 'POST', path: '/mines/2/close', answer: '403 missing_required_roles' },
  { token: 'CORE_WEB', path: '/bcmi/mines', answer: '403 client_not_allowed' },
  { token: 'BCMI', path: '/bcmi/mines', answer: '200' },
  { token: 'BCMI', method: 'PUT', path: '/mines/2', answer: '403 missing_a_valid_role' },
  { token: 'DATABC', path: '/mines', answer: '200' },
  { token: 'DATABC', method: 'PUT', path: '/mines/2', answer: '403 missing_a_valid_role' },
  { token: 'DOCMAN_CELERY', method: 'POST', path: '/mines/2/close', answer: '200' },
  { token: 'DOCMAN_CELERY', path: '/mines', answer: '403 missing_a_valid_role' },
  { token: 'PARTNER', path: '/partner/mines/1/status', answer: '200, another issuer' },
  { token: 'PARTNER', path: '/mines', answer: '403 missing_a_valid_role' },
  { token: 'EVIL', path: '/mines', answer: '401 unknown_audience: "mds-bcmi-4587-evil" is not "mds-bcmi-4587"' },
  { token: 'FOREIGN', path: '/mines', answer: "401 unknown_audience: core-web's audience, at the other issuer" },
  { token: 'EXPIRED', path: '/mines', answer: '401 token_expired' },
  { token: 'ID_TOKEN', path: '/mines', answer: '401 wrong_token_type' },
  { token: 'TAMPERED', path: '/mines', answer: '401 invalid_signature' },
];

/** What a newcomer can paste into a shell: tokens, obtained from the provider, and requests with what they answer. */
export async function demonstrate(provider: EmbeddedProvider, url: string): Promise<string> {
  const tokens = Object.entries(await obtainTokens(provider)).map(([name, token]) => `${name}=${token}`);
  const requests = TRIALS.map(({ token, method, path, answer }) => {
    const verb = method === undefined ? '' : ` -X ${method}`;
    const header = token === undefined ? '' : ` -H "Authorization: Bearer $${token}"`;
    return `curl -i${verb}${header} ${url}${path}   # ${answer}`;
  });
  const bcmi = clientNamed('bcmi');
  const users = USERS.map(({ username }) => username).join(' or ');
  return [
    '',
    `# On that page, or by Swagger UI at ${url}/docs, log in as ${users}, password ${PASSWORD}.`,
    '',
    '# Tokens for five minutes, of a user of core-web and of the other clients themselves. Paste these first:',
    ...tokens,
    '',
    '# Then try:',
    ...requests,
    '',
    '# A fresh token of bcmi, whenever these have expired:',
    `curl -s -u ${bcmi.clientId}:${SECRET} -d grant_type=client_credentials ${provider.tokenEndpoint(bcmi)}`,
    '',
    '# New keys at the provider; old tokens go on working, new ones work at once:',
    `curl -X POST ${provider.url}/rotate-keys`,
    '',
    'Ctrl-C stops everything.',
  ].join('\n');
}

async function obtainTokens(provider: EmbeddedProvider): Promise<Record<string, string>> {
  const [user] = USERS;
  const tokens: Record<string, string> = {};
  for (const client of CLIENTS) {
    const stranger = client.realm === 'partners' ? 'FOREIGN' : 'EVIL';
    const name = client.name?.toUpperCase().replaceAll('-', '_') ?? stranger;
    tokens[name] =
      client.isPublic && user ? await provider.userToken(client, user) : await provider.clientCredentials(client);
  }
  const audience = clientNamed('core-web').clientId;
  const now = Math.floor(Date.now() / 1000);
  const claims = { aud: audience, azp: audience, sub: 'somebody', client_roles: ['core_view_all'] };
  tokens['EXPIRED'] = await expiredToken(provider);
  tokens['ID_TOKEN'] = await provider.sign('standard', { ...claims, typ: 'ID', iat: now, exp: now + 300 });
  tokens['TAMPERED'] = withOtherClaims(tokens['DATABC'] ?? '', { client_roles: ['core_view_all', 'core_edit_mines'] });
  return tokens;
}

/** A token whose claims somebody changed and whose signature is still the old one. */
function withOtherClaims(token: string, change: Record<string, unknown>): string {
  const [header, claims, signature] = token.split('.');
  const changed = { ...JSON.parse(Buffer.from(claims ?? '', 'base64url').toString()), ...change };
  return [header, Buffer.from(JSON.stringify(changed)).toString('base64url'), signature].join('.');
}
