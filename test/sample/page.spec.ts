import { readdirSync, readFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { NestFactory } from '@nestjs/core';
import { describeAccess } from 'nestjs-oidc-multi-auth';
import { TestIssuer } from 'nestjs-oidc-multi-auth/testing';
import 'nestjs-oidc-multi-auth/testing/jest';
import { DemonstrationModule } from '../../sample-app/demonstration/demonstration.module';
import { Sample } from '../support/sample';
import { get } from '../support/test-app';

const FOLDER = join(__dirname, '../../sample-app/page');

const post = async (url: string, body?: object) =>
  fetch(url, {
    method: 'POST',
    ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });

describe('the page of the sample on its own provider', () => {
  let sample: Sample;
  beforeAll(async () => {
    sample = await Sample.start();
  }, 60_000);
  afterAll(() => sample.process.kill('SIGKILL'));

  it('is named first of all that the sample prints', () => {
    expect(sample.output.indexOf(`in a browser: ${sample.url}/\n`)).toBeGreaterThan(0);
    expect(sample.output.indexOf(`${sample.url}/\n`)).toBe(sample.output.indexOf(sample.url));
  });

  it('may load its own files and ask its own API and provider, and nothing else', async () => {
    const page = await fetch(`${sample.url}/`);
    const [, provider] = /^# New keys .*\ncurl -X POST (\S+)\/rotate-keys$/m.exec(sample.output) ?? [];
    expect(page.status).toBe(200);
    expect(page.headers.get('content-security-policy')?.split('; ')).toEqual([
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self'",
      `connect-src 'self' ${provider}`,
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
      "trusted-types 'none'",
    ]);
    expect(page.headers.get('referrer-policy')).toBe('no-referrer');
    expect(page.headers.get('x-content-type-options')).toBe('nosniff');
    expect(await page.text()).toBe(readFileSync(join(FOLDER, 'index.html'), 'utf8'));
  });

  it('explains a token on a route, and says when a question is wrong', async () => {
    const url = `${sample.url}/demonstration/explain`;
    const answer = await post(url, { token: sample.tokens.get('BCMI'), route: 'PUT /mines/:id' });
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(await answer.json()).toMatchObject({ accepted: false, code: 'missing_a_valid_role', client: 'bcmi' });
    for (const question of [undefined, {}, { token: 1, route: 'GET /mines' }, { token: 'x', route: 'GET /nowhere' }]) {
      expect([question, (await post(url, question)).status]).toEqual([question, 400]);
    }
  });

  it('takes tokens without knowing a secret', async () => {
    const tokenOf = async (name: string): Promise<string> =>
      ((await (await post(`${sample.url}/demonstration/${name}`)).json()) as { access_token: string }).access_token;
    expect(await sample.call('/bcmi/mines', await tokenOf('service-token'))).toBe('200');
    expect(await sample.call('/mines', await tokenOf('expired-token'))).toBe('401 token_expired');
    expect(JSON.stringify((await get(`${sample.url}/demonstration/settings`)).body)).not.toContain('secret');
  });

  it('has routes of its own, which say so in the access table', async () => {
    const handlers: { module: string; method: string; path: string; access: string }[] = (
      await get(`${sample.url}/demonstration/access`)
    ).body;
    const own = handlers.filter(({ module }) => module !== 'AppModule' && module !== '');
    expect(own.map(({ method, path, access }) => `${method} ${path} ${access}`)).toEqual([
      'GET /demonstration/access public',
      'POST /demonstration/expired-token public',
      'POST /demonstration/explain public',
      'GET /demonstration/key-sets public',
      'POST /demonstration/rotate-keys public',
      'POST /demonstration/service-token public',
      'GET /demonstration/settings public',
    ]);
    expect(handlers.filter(({ module }) => module === 'AppModule')).toHaveLength(8);
  });
});

it('with a real provider there are no routes that only the embedded one can serve', async () => {
  const application = await NestFactory.createApplicationContext(
    DemonstrationModule.of({ application: () => application }),
    { preview: true, logger: false },
  );
  const own = Object.keys(describeAccess(application).toMatrix()).filter((route) => route.includes('/demonstration/'));
  expect(own).toEqual([
    'GET /demonstration/access',
    'POST /demonstration/explain',
    'GET /demonstration/key-sets',
    'GET /demonstration/settings',
  ]);
});

it('with a real provider users log in there, and the sample hands out no tokens', async () => {
  const issuer = await TestIssuer.start();
  const sample = await Sample.start(
    { JWT_OIDC_WELL_KNOWN_CONFIG: issuer.discoveryUrl, JWT_OIDC_AUDIENCE_CORE_WEB: 'web' },
    'The mines API is at',
  );
  expect((await get(`${sample.url}/demonstration/settings`)).body).toEqual({
    login: { client: 'core-web', clientId: 'web', discoveryUrl: issuer.discoveryUrl },
  });
  for (const name of ['service-token', 'expired-token', 'rotate-keys']) {
    expect((await post(`${sample.url}/demonstration/${name}`)).status).toBe(404);
  }
  sample.process.kill('SIGINT');
  await once(sample.process, 'exit');
  await issuer.stop();
});

it('has no inline script or style, nothing from elsewhere, and no way to make HTML of text', () => {
  const files = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((name) => name.includes('.'));
  expect(files.length).toBeGreaterThan(15);
  for (const name of files) {
    const text = readFileSync(join(FOLDER, name), 'utf8').replace('http://www.w3.org/2000/svg', '');
    expect([name, text.match(/https?:|innerHTML|outerHTML|insertAdjacentHTML|document\.write|localStorage/g)]).toEqual([
      name,
      null,
    ]);
  }
  const html = readFileSync(join(FOLDER, 'index.html'), 'utf8');
  expect(html.match(/<style|\sstyle=|\son\w+=|javascript:/g)).toBeNull();
  expect(html.match(/<script\b[^>]*>/g)).toEqual(['<script type="module" src="scripts/main.js">']);
});
