/**
 * The sample with a real Keycloak: starts one on loopback, with realms shaped like those of Gold SSO, then the mines API
 * configured for it by environment variables, and prints tokens and requests to try. Ctrl-C stops both.
 *
 * PORT (3000) and PROVIDER_PORT (3001) choose the ports; 0 is any that is free. Keycloak is fetched from Maven Central the
 * first time, and kept in `$XDG_CACHE_HOME/nestjs-oidc-multi-auth` or below `~/.cache`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keycloak } from '../test/providers/keycloak/keycloak.mjs';
import { SampleApplication } from '../test/providers/support/sample-application.mjs';

const REQUESTS = [
  ['', '/mine-types', '200, public'],
  ['', '/mines', '401 authorization_header_missing'],
  ['ALICE', '/me', '200, and who that is'],
  ['ALICE', '/mines', '200'],
  ['ALICE', '-X PUT /mines/2', '200'],
  ['ALICE', '-X POST /mines/2/close', '403 missing_required_roles'],
  ['ALICE', '/bcmi/mines', '403 client_not_allowed'],
  ['BOB', '/mines', '200'],
  ['BOB', '-X PUT /mines/2', '403 missing_a_valid_role'],
  ['BCMI', '/bcmi/mines', '200'],
  ['DOCMAN_CELERY', '-X POST /mines/2/close', '200'],
  ['PARTNER', '/partner/mines/1/status', '200, another realm'],
  ['EVIL', '/mines', '401 unknown_audience: "mds-bcmi-4587-evil" is not "mds-bcmi-4587"'],
  ['ID_TOKEN', '/mines', '401 wrong_token_type'],
  ['REFRESH_TOKEN', '/mines', '401 unknown_audience: it is for Keycloak alone'],
];

const port = (variable, otherwise) => {
  const value = Number(process.env[variable] ?? otherwise);
  if (!Number.isInteger(value) || value < 0 || value > 65_535) {
    throw new Error(`${variable} is not a port`);
  }
  return value;
};

async function obtainTokens(provider) {
  const alice = await provider.logIn('alice');
  return {
    ALICE: alice.access_token,
    BOB: (await provider.logIn('bob')).access_token,
    BCMI: await provider.serviceToken('mds-bcmi-4587'),
    DOCMAN_CELERY: await provider.serviceToken('mds-docman-celery-internal-4865'),
    PARTNER: await provider.serviceToken('partner-portal', 'partners'),
    EVIL: await provider.serviceToken('mds-bcmi-4587-evil'),
    ID_TOKEN: alice.id_token,
    REFRESH_TOKEN: alice.refresh_token,
  };
}

function formatRequest([name, request, answer], url) {
  const [, method = '', path] = /^(-X \w+ )?(.*)$/.exec(request);
  const header = name === '' ? '' : `-H "Authorization: Bearer $${name}" `;
  return `curl -i ${method}${header}${url}${path}   # ${answer}`;
}

const missing = keycloak.missing();
if (missing.length > 0) {
  console.error(
    `Keycloak needs ${missing.join(', ')}, and that is not installed (Debian: openjdk-17-jre-headless maven unzip)`,
  );
  process.exit(1);
}
const folder = mkdtempSync(join(tmpdir(), 'sample-keycloak-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(name, () => process.exit(0));
}

console.log('Starting Keycloak. That takes half a minute, and one more the first time.');
const provider = await keycloak.start(folder, port('PROVIDER_PORT', 3001));
const { JWT_OIDC_AUDIENCE_CARELESS: _careless, ...environment } = provider.environment;
const variables = { ...environment, JWT_OIDC_AUDIENCE_DOCMAN_CELERY: 'mds-docman-celery-internal-4865' };
const application = await SampleApplication.start(variables, folder, port('PORT', 3000));
const tokens = Object.entries(await obtainTokens(provider)).map(([name, token]) => `${name}=${token}`);
console.log(
  [
    '',
    `Log in, call routes and see why they answer as they do, in a browser: ${application.url}/`,
    `The mines API is at ${application.url}, configured by`,
    '',
    ...Object.entries(variables).map(([name, value]) => `${name}=${value}`),
    '',
    `Keycloak is at ${provider.url}. Its users are alice and bob, its administrator is admin; passwords are the names.`,
    '',
    '# Tokens for five minutes. Paste these first:',
    ...tokens,
    '',
    '# Then try:',
    ...REQUESTS.map((request) => formatRequest(request, application.url)),
    '',
    '# A fresh token of bcmi, whenever these have expired:',
    `curl -s -u mds-bcmi-4587:sample-secret -d grant_type=client_credentials ${provider.url}/realms/standard/protocol/openid-connect/token`,
    '',
    'Ctrl-C stops everything.',
  ].join('\n'),
);
