import { accessibilityTree, lowContrast, nameless, overflow, tabTo } from './accessibility';
import { SampleInBrowser } from './sample-in-browser';
import { SamplePage } from './sample-page';

let sample: SampleInBrowser;
beforeAll(async () => {
  sample = await SampleInBrowser.start();
});
afterAll(() => sample.stop());

/** Everything the page can show at once: a refusal with its reasons, and all that opens is open. */
async function showEverything(page: SamplePage): Promise<void> {
  await page.logIn('bob');
  await page.call('PUT /mines/:id');
  await page.button('Look again').click();
  await page.page.locator('#key-sets-status', { hasText: 'As of' }).waitFor();
  for (const summary of await page.page.locator('summary').all()) {
    await summary.click();
  }
}

const SCHEMES = ['light', 'dark'] as const;
const WIDTHS = [1280, 375, 360] as const;

describe.each(SCHEMES)('in %s', (colorScheme) => {
  it.each(WIDTHS)('%i pixels wide: text can be read, nothing is cut off', async (width) => {
    const page = await SamplePage.open(sample, { colorScheme, viewport: { width, height: 900 } });
    expect(await overflow(page.page)).toBe(0);
    const atFirst = await lowContrast(page.page);
    expect(atFirst.low).toEqual([]);
    await sample.screenshotOfAll(page.page, `page-${colorScheme}-${width}-first`);

    await showEverything(page);
    expect(await overflow(page.page)).toBe(0);
    const refused = await lowContrast(page.page);
    expect(refused.low).toEqual([]);
    expect(refused.checked).toBeGreaterThan(atFirst.checked + 50);
    await sample.screenshotOfAll(page.page, `page-${colorScheme}-${width}-refused`);

    await page.take('Expired token', 'expired');
    await page.call('GET /mines');
    expect((await lowContrast(page.page)).low).toEqual([]);
    await sample.screenshotOfAll(page.page, `page-${colorScheme}-${width}-expired`);

    await page.take('Service account (bcmi)', 'Service account');
    expect(await page.call('GET /mines')).toBe('200 OK');
    expect(await overflow(page.page)).toBe(0);
    expect((await lowContrast(page.page)).low).toEqual([]);
    await sample.screenshotOfAll(page.page, `page-${colorScheme}-${width}-accepted`);
  });
});

it('the check of contrast finds what cannot be read', async () => {
  const page = await SamplePage.open(sample);
  await page.page.locator('html').evaluate((html) => {
    html.style.setProperty('--muted', '#999');
  });
  expect((await lowContrast(page.page)).low).toEqual(
    expect.arrayContaining([expect.stringMatching(/^Take a token, call a route.*: 2\.8\d instead of 4\.5$/)]),
  );
});

it('everything has a name, one heading is the first, and landmarks say where one is', async () => {
  const page = await SamplePage.open(sample);
  await showEverything(page);
  const tree = await accessibilityTree(page.page);
  const { seen, without } = nameless(tree);
  expect(without).toEqual([]);
  expect(seen).toBeGreaterThan(30);

  const namesOf = (role: string): string[] => tree.filter((node) => node.role === role).map(({ name }) => name);
  expect(namesOf('banner').length).toBe(1);
  expect(namesOf('main').length).toBe(1);
  expect(namesOf('contentinfo').length).toBe(1);
  expect(namesOf('navigation')).toEqual(['Page']);
  expect([...namesOf('region'), ...namesOf('form')]).toEqual(
    expect.arrayContaining(['1. Take a token', '2. Pick a route', '3. See the answer', '4. See why', 'Key sets']),
  );
  expect(namesOf('group')).toContain('Routes of the mines API');
  expect(namesOf('radio')).toEqual(expect.arrayContaining(['GET /mines', 'PUT /mines/:id']));
  // Styles that make cards of rows take nothing away from what is heard.
  expect(namesOf('table')).toEqual(expect.arrayContaining(['Routes of the mines API', 'Key sets of the clients']));

  const levels = await page.page
    .locator('h1, h2, h3')
    .evaluateAll((headings) => headings.map(({ tagName }) => tagName));
  expect(levels.filter((level) => level === 'H1')).toEqual(['H1']);
  expect(levels[0]).toBe('H1');
  expect(await page.page.locator('html').getAttribute('lang')).toBe('en');
  expect(await page.page.title()).not.toBe('');
});

it('tables stay tables for those who hear the page, where they look like cards', async () => {
  const page = await SamplePage.open(sample, { viewport: { width: 375, height: 900 } });
  const tree = await accessibilityTree(page.page);
  const count = (role: string): number => tree.filter((node) => node.role === role).length;
  expect([count('table'), count('rowheader'), count('columnheader')]).toEqual([2, 13, 10]);
});

it('what changes is announced: the token, the answer, the keys', async () => {
  const page = await SamplePage.open(sample);
  expect(await page.page.getByRole('status').count()).toBe(3);
  await page.call('GET /mines');
  expect(await page.page.getByRole('status').nth(1).innerText()).toMatch(
    /^401 Unauthorized authorization_header_missing/,
  );
});

it('the way from login to answer needs no mouse', async () => {
  const { page, ...samplePage } = await SamplePage.open(sample);
  await tabTo(page, 'Skip to the main content');
  await sample.screenshot(page, 'page-skip');
  await page.keyboard.press('Enter');
  await tabTo(page, 'Log in as a user of core-web');
  await page.keyboard.press('Enter');
  await page.getByLabel('User name').waitFor();
  await page.keyboard.type('alice');
  await page.keyboard.press('Tab');
  await page.keyboard.type('sample');
  await page.keyboard.press('Enter');
  await page.locator('#token-status:focus', { hasText: 'Logged in as alice' }).waitFor();
  await sample.screenshot(page, 'page-focus');

  // Where one is after the login, what the token says is next, and then the routes.
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  expect(await page.locator('input:focus').getAttribute('value')).toBe('GET /mines');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  expect(await page.locator('input:focus').getAttribute('value')).toBe('PUT /mines/:id');
  await tabTo(page, 'Mine (:id)');
  await tabTo(page, 'Call the route');
  await page.keyboard.press('Enter');
  await page.locator('#verdict', { hasText: '200 OK' }).waitFor();
  // One can call again at once.
  expect(await page.locator('button:focus').innerText()).toBe('Call the route');
  await tabTo(page, 'Request');
  await tabTo(page, "Rotate the provider's keys");
  await page.keyboard.press('Space');
  await page.locator('#key-sets-status', { hasText: 'Rotated.' }).waitFor();
  expect(samplePage.faults).toEqual([]);
});
