import { setTimeout as sleep } from 'node:timers/promises';
import { SampleInBrowser } from './sample-in-browser';
import { SamplePage } from './sample-page';

let sample: SampleInBrowser;
beforeAll(async () => {
  sample = await SampleInBrowser.start();
});
afterAll(() => sample.stop());

/** Every step of the decision on a token of core-web on a route that asks for roles. */
const STEPS = [
  'parse',
  'client',
  'retired',
  'algorithm',
  'kind',
  'times',
  'claims',
  'key',
  'signature',
  'validate',
  'roles',
];

it('alice logs in and calls a route; no token is in a URL, nor left in storage', async () => {
  const page = await SamplePage.open(sample);
  await page.logIn('alice');
  expect(page.page.url()).toBe(`${sample.sample.url}/`);
  expect(await page.call('GET /mines')).toBe('200 OK');
  expect(await page.page.getByLabel('Body').innerText()).toContain('Copper Mountain');
  expect(await page.page.getByLabel('Request').innerText()).toMatch(
    /^curl -i -H "Authorization: Bearer eyJhbGciOi….{4}" http:\/\/127\.0\.0\.1:\d+\/mines$/,
  );
  expect(await page.result('Client selected')).toBe('core-web');
  expect(await page.result('Subject')).toBe('alice');
  expect(await page.result('Roles found')).toBe('core_view_all core_edit_mines');
  expect(await page.steps('passed')).toEqual(STEPS);

  const authorization = page.urls.find((url) => url.includes('/openid-connect/auth?')) ?? '';
  expect(Object.fromEntries(new URL(authorization).searchParams)).toMatchObject({
    response_type: 'code',
    code_challenge_method: 'S256',
    redirect_uri: `${sample.sample.url}/`,
  });
  expect(page.urls.filter((url) => url.includes('eyJ'))).toEqual([]);
  expect(await page.page.evaluate('[sessionStorage.length, localStorage.length, document.cookie]')).toEqual([0, 0, '']);
  expect(page.faults).toEqual([]);
  expect(sample.strangers).toEqual([]);
});

it('bob is refused for the role that he lacks, which is shown', async () => {
  const page = await SamplePage.open(sample);
  await page.logIn('bob');
  expect(await page.call('PUT /mines/:id')).toMatch(/^403 Forbidden missing_a_valid_role /);
  expect(await page.result('Roles found')).toBe('core_view_all');
  expect(await page.result('Missing')).toBe('any role of core_edit_mines');
  expect(await page.steps('failed')).toEqual(['roles']);
  expect(await page.page.locator('#challenge').innerText()).toContain('error="insufficient_scope"');
  await page.page.getByLabel('Mine (:id)').fill('1');
  expect(await page.call('GET /mines/:id')).toBe('200 OK');
  expect(page.faults).toEqual([]);
});

it('alice has one of two roles that a route wants, and becomes bob by logging in again', async () => {
  const page = await SamplePage.open(sample);
  await page.logIn('alice');
  expect(await page.call('POST /mines/:id/close')).toMatch(/^403 Forbidden missing_required_roles /);
  expect(await page.result('Missing')).toBe('every role of core_close_mines');
  expect(await page.call('GET /bcmi/mines')).toMatch(/^403 Forbidden client_not_allowed /);
  expect(await page.result('Missing')).toBe('a token of client bcmi');
  await page.logIn('bob');
  expect(await page.call('GET /me')).toBe('200 OK');
  expect(await page.result('Subject')).toBe('bob');
});

it('an expired token is refused, and its challenge explained', async () => {
  const page = await SamplePage.open(sample);
  await page.take('Expired token', 'expired');
  expect(await page.call('GET /mines')).toMatch(/^401 Unauthorized token_expired /);
  expect(await page.page.locator('#challenge').innerText()).toBe(
    'WWW-Authenticate: Bearer realm="api", error="invalid_token", error_description="The token has expired"',
  );
  expect(await page.page.locator('.meanings').innerText()).toContain('Get a new one, and try again.');
  expect(await page.result('Client selected')).toBe('core-web');
  expect(await page.result('Roles found')).toBe('none: nothing in a refused token is believed');
  expect(await page.steps('failed')).toEqual(['times']);
  expect(await page.steps('not reached')).toEqual(['claims', 'key', 'signature', 'validate', 'roles']);
});

it("the service account's token is taken for client bcmi; its secret never reaches the page", async () => {
  const page = await SamplePage.open(sample);
  const bodies: Promise<string>[] = [];
  page.page.on('response', (response) => bodies.push(response.text()));
  await page.page.reload();
  await page.isReady();
  await page.take('Service account (bcmi)', 'Service account');
  expect(await page.call('GET /bcmi/mines')).toBe('200 OK');
  expect(await page.result('Client selected')).toBe('bcmi');
  expect(await page.page.locator('#explanation tbody tr', { hasText: 'selected' }).innerText()).toContain('bcmi');
  expect(bodies.length).toBeGreaterThan(10);
  expect((await Promise.all(bodies)).filter((body) => body.includes('sample-secret'))).toEqual([]);
});

it('no token, and tokens that were pasted', async () => {
  const page = await SamplePage.open(sample);
  expect(await page.call('GET /mines')).toMatch(/^401 Unauthorized authorization_header_missing /);
  expect(await page.page.locator('#answer').innerText()).toContain('There was none, so there is no error to tell');
  expect(await page.call('GET /mine-types')).toBe('200 OK');
  await page.paste(sample.sample.tokens.get('PARTNER') ?? '');
  expect(await page.call('GET /partner/mines/:id/status')).toBe('200 OK');
  expect(await page.result('Client selected')).toBe('partner');
  await page.paste('<img src=x>');
  expect(await page.call('GET /mines')).toMatch(/^400 Bad Request invalid_request /);
  await page.paste(sample.sample.tokens.get('EVIL') ?? '');
  expect(await page.call('GET /mines')).toMatch(/^401 Unauthorized unknown_audience /);
  expect(await page.result('Client selected')).toBe('none');
  await page.paste('eyJ…');
  await page.button('Call the route').click();
  await page.page.locator('#verdict', { hasText: 'No answer' }).waitFor();
  await page.take('No token', 'No token');
  expect(await page.call('GET /mines')).toMatch(/^401 Unauthorized authorization_header_missing /);
  expect(page.faults).toEqual([]);
});

it('keys rotate while the page is open: the old token works on, a new login at once, and the fetch is seen', async () => {
  const page = await SamplePage.open(sample);
  await page.logIn('alice');
  const oldKey = await page.tokenSays('kid');
  expect(await page.call('GET /mines')).toBe('200 OK');
  // So that a fetch makes a difference.
  await sleep(2500);
  await page.button("Rotate the provider's keys").click();
  await page.page.locator('#key-sets-status', { hasText: 'Rotated.' }).waitFor();
  expect(await page.call('GET /mines')).toBe('200 OK');
  expect(await page.keyAge('core-web')).toBeGreaterThanOrEqual(2);

  await page.logIn('alice');
  expect(await page.tokenSays('kid')).not.toBe(oldKey);
  expect(await page.call('GET /mines')).toBe('200 OK');
  expect(await page.keyAge('core-web')).toBeLessThanOrEqual(1);
  await sample.screenshot(page.page.locator('#key-sets'), 'page-rotated');
});

it('a token of a key that is no longer published is refused once the set was fetched again', async () => {
  const page = await SamplePage.open(sample);
  const old = await sample.sample.freshToken();
  for (let rotation = 0; rotation < 2; rotation += 1) {
    await page.button("Rotate the provider's keys").click();
    await page.page.locator('#key-sets-status', { hasText: 'Rotated.' }).waitFor();
    await page.page.locator('#key-sets-status').evaluate((status) => (status.textContent = ''));
  }
  await page.take('Service account (bcmi)', 'Service account');
  expect(await page.call('GET /mines')).toBe('200 OK');
  await page.paste(old);
  expect(await page.call('GET /mines')).toMatch(/^401 Unauthorized unknown_key /);
  expect(await page.steps('failed')).toEqual(['key']);
});

it('a login that was not begun here is refused, and one that the provider refuses is told', async () => {
  const page = await SamplePage.open(sample);
  await page.page.goto(`${sample.sample.url}/?code=stolen&state=forged`);
  await page.page.locator('#token-status', { hasText: 'this login was not begun on this page' }).waitFor();
  expect(page.page.url()).toBe(`${sample.sample.url}/`);
  await page.page.evaluate(`sessionStorage.setItem('login', JSON.stringify({ state: 'mine', verifier: 'v' }))`);
  await page.page.goto(`${sample.sample.url}/?error=access_denied&state=mine`);
  await page.page.locator('#token-status', { hasText: 'No token: access_denied' }).waitFor();
});

it('shows who may call what, and what is there for the page alone apart', async () => {
  const page = await SamplePage.open(sample);
  const [api, own] = await page.page.getByRole('table', { name: /^Routes of/, includeHidden: true }).all();
  expect(await api?.locator('tbody tr').count()).toBe(8);
  expect(await api?.getByRole('row', { name: 'GET /bcmi/mines' }).innerText()).toMatch(
    /client bcmi\s+any role of core_view_all/,
  );
  expect(await own?.locator('tbody th').allTextContents()).toContain('POST /demonstration/explain');
});
