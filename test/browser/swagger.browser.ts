import type { Locator, Page } from 'playwright-core';
import { SampleInBrowser } from './sample-in-browser';

let sample: SampleInBrowser;
beforeAll(async () => {
  sample = await SampleInBrowser.start();
});
afterAll(() => sample.stop());

const operation = (page: Page, id: string): Locator => page.locator(`[id$="-${id}"]`);

/** Opens an operation, calls it, and gives the status and the body of the answer. */
async function call(page: Page, id: string, parameters: Record<string, string> = {}) {
  const block = operation(page, id);
  const clear = block.getByRole('button', { name: 'Clear' });
  if ((await clear.count()) > 0) {
    // What was answered before is not mistaken for the answer.
    await clear.click();
  } else {
    await block.locator('.opblock-summary-control').click();
    await block.getByRole('button', { name: 'Try it out' }).click();
  }
  for (const [name, value] of Object.entries(parameters)) {
    await block.locator(`tr[data-param-name="${name}"] input`).fill(value);
  }
  await block.getByRole('button', { name: 'Execute' }).click();
  const answer = block.locator('.live-responses-table tbody tr.response').first();
  const body = await answer.locator('code.language-json').innerText();
  const status = await answer.locator('.response-col_status').innerText();
  return { status: Number.parseInt(status, 10), body: JSON.parse(body) };
}

const coreWebIn = (page: Page): Locator =>
  page.locator('.auth-container').filter({ hasText: 'core-web (OAuth2, authorizationCode with PKCE)' });

/** Opens what Swagger UI opens to log in: the provider's login page, in a window of its own. */
async function openLogin(page: Page): Promise<Page> {
  await page.getByRole('button', { name: 'Authorize' }).first().click();
  const opened = page.waitForEvent('popup');
  await coreWebIn(page).getByRole('button', { name: 'Apply given OAuth2 credentials' }).click();
  return opened;
}

/** Logs in by Swagger UI, and comes back. */
async function logIn(page: Page, username: string): Promise<void> {
  const login = await openLogin(page);
  await sample.screenshot(page, `authorize-${username}`);
  await login.getByLabel('User name').fill(username);
  await login.getByLabel('Password').fill('sample');
  await sample.screenshot(login, `login-${username}`);
  await login.getByRole('button', { name: 'Log in' }).click();
  await coreWebIn(page).getByRole('button', { name: 'Remove authorization' }).waitFor();
  await sample.screenshot(page, `authorized-${username}`);
  await coreWebIn(page).getByRole('button', { name: 'Close' }).click();
}

it('a user of core-web logs in by Swagger UI, and calls what the roles open', async () => {
  const page = await sample.open('/docs');
  expect(await call(page, 'MinesController_findAll')).toMatchObject({
    status: 401,
    body: { code: 'authorization_header_missing' },
  });

  const authorization = page
    .context()
    .waitForEvent('request', (request) => request.url().includes('/openid-connect/auth?'));
  await logIn(page, 'alice');
  const asked = new URL((await authorization).url()).searchParams;
  expect(Object.fromEntries(asked)).toMatchObject({ response_type: 'code', code_challenge_method: 'S256' });
  expect(await call(page, 'MeController_me')).toMatchObject({
    status: 200,
    body: { client: 'core-web', subject: 'alice', roles: ['core_view_all', 'core_edit_mines'] },
  });
  expect(await call(page, 'MinesController_findAll')).toMatchObject({ status: 200, body: [{ id: '1' }, { id: '2' }] });
  await sample.screenshot(operation(page, 'MinesController_findAll'), 'called');

  expect(await call(page, 'MinesController_close', { id: '2' })).toMatchObject({
    status: 403,
    body: { code: 'missing_required_roles' },
  });
  await sample.screenshot(operation(page, 'MinesController_close'), 'refused');

  // Swagger UI says at the top what it does not understand in a document.
  expect(await page.locator('.errors-wrapper').count()).toBe(0);
  expect(sample.strangers).toEqual([]);
});

it('each user has roles of his or her own', async () => {
  const page = await sample.open('/docs');
  await logIn(page, 'bob');
  expect(await call(page, 'MinesController_find', { id: '1' })).toMatchObject({ status: 200, body: { id: '1' } });
  expect(await call(page, 'MinesController_reopen', { id: '1' })).toMatchObject({
    status: 403,
    body: { code: 'missing_a_valid_role' },
  });
});

it('nobody logs in with a wrong password', async () => {
  const page = await sample.open('/docs');
  const login = await openLogin(page);
  await login.getByLabel('User name').fill('alice');
  await login.getByLabel('Password').fill('wrong');
  await login.getByRole('button', { name: 'Log in' }).click();
  await login.getByRole('alert').waitFor();
  expect(await login.getByRole('alert').innerText()).toBe('Nobody has that name and password.');
});

it('public operations have no lock', async () => {
  const page = await sample.open('/docs');
  const locks = async (id: string) => operation(page, id).locator('.authorization__btn').count();
  expect([await locks('MinesController_findAll'), await locks('ReferenceController_findAll')]).toEqual([1, 0]);
  expect(await call(page, 'ReferenceController_findAll')).toMatchObject({ status: 200 });
});
