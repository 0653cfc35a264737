import type { BrowserContextOptions, Locator, Page } from 'playwright-core';
import type { SampleInBrowser } from './sample-in-browser';

/** The sample's own page, as its user sees it. */
export class SamplePage {
  /** What went wrong in the page itself, such as what its Content-Security-Policy forbids. */
  readonly faults: string[] = [];
  /** Every URL that was asked for. */
  readonly urls: string[] = [];

  private constructor(readonly page: Page) {
    page.on('pageerror', (error) => this.faults.push(error.message));
    page.on('console', (message) => {
      // Chromium writes every refusal of the API there, too.
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) {
        this.faults.push(message.text());
      }
    });
    page.on('request', (request) => this.urls.push(request.url()));
  }

  static async open(
    sample: SampleInBrowser,
    options?: Pick<BrowserContextOptions, 'colorScheme' | 'viewport'>,
  ): Promise<SamplePage> {
    const samplePage = new SamplePage(await sample.open('/icon.svg', options));
    await samplePage.page.goto(sample.sample.url);
    await samplePage.isReady();
    return samplePage;
  }

  async isReady(): Promise<void> {
    await this.page.locator('html[data-ready]').waitFor();
  }

  button(name: string): Locator {
    return this.page.getByRole('button', { name, exact: true });
  }

  /** Logs in at the provider, and comes back. */
  async logIn(username: string): Promise<void> {
    await this.button('Log in as a user of core-web').click();
    await this.page.getByLabel('User name').fill(username);
    await this.page.getByLabel('Password').fill('sample');
    await this.page.getByRole('button', { name: 'Log in' }).click();
    await this.tokenStatus(`Logged in as ${username}`);
  }

  /** Presses a button that takes a token, and waits for what is then said. */
  async take(name: string, said: string): Promise<void> {
    await this.button(name).click();
    await this.tokenStatus(said);
  }

  async paste(token: string): Promise<void> {
    if (!(await this.page.getByLabel('Access token').isVisible())) {
      await this.page.getByText('Paste a token').click();
    }
    await this.page.getByLabel('Access token').fill(token);
    await this.button('Use this token').click();
    await this.tokenStatus('Pasted');
  }

  private async tokenStatus(said: string): Promise<void> {
    await this.page.locator('#token-status', { hasText: said }).waitFor();
    await this.isReady();
  }

  /** Calls a route, and gives what is announced of the answer. */
  async call(route: string): Promise<string> {
    await this.page.getByRole('radio', { name: route, exact: true }).check();
    return this.answerTo(() => this.button('Call the route').click());
  }

  /** What is announced after something was done that calls the route. */
  async answerTo(action: () => Promise<unknown>): Promise<string> {
    const looked = this.page.waitForResponse((response) => response.url().endsWith('/demonstration/key-sets'));
    await action();
    await (await looked).finished();
    return this.page.locator('#verdict').innerText();
  }

  /** What the token in use says of itself under that name. */
  async tokenSays(term: string): Promise<string> {
    return this.valueOf('#token-facts', term);
  }

  /** What the page says of the decision under that name. */
  async result(term: string): Promise<string> {
    return this.valueOf('#result', term);
  }

  /** The steps that have that outcome. */
  async steps(outcome: string): Promise<string[]> {
    return this.page.locator(`.step[data-outcome="${outcome}"] strong`).allInnerTexts();
  }

  /** How many seconds ago the keys of a client were confirmed, as the page shows it. */
  async keyAge(client: string): Promise<number> {
    const row = this.page
      .locator('#key-sets-table tbody tr')
      .filter({ has: this.page.getByText(client, { exact: true }) });
    return Number.parseInt(await row.locator('[data-column="Keys confirmed"]').innerText(), 10);
  }

  private async valueOf(list: string, term: string): Promise<string> {
    const row = this.page.locator(`${list} > div`).filter({ has: this.page.getByText(term, { exact: true }) });
    return (await row.locator('dd').textContent()) ?? '';
  }
}
