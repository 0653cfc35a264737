import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  chromium,
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  type Locator,
  type Page,
} from 'playwright-core';
import { Sample } from '../support/sample';

/** Where a browser may be: that of the environment, then those of Debian and others. */
const CHROMIUM = [process.env['CHROMIUM'], '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/**
 * The sample on ports of its own, in a headless Chromium that reaches nothing but loopback. Screenshots are left in a folder
 * outside the repository, `SCREENSHOTS` if that is set.
 *
 * @example
 * ```ts
 * let sample: SampleInBrowser;
 * beforeAll(async () => (sample = await SampleInBrowser.start()));
 * afterAll(() => sample.stop());
 * it('shows a page', async () => {
 *   const page = await sample.open('/docs');
 *   await sample.screenshot(page, 'docs');
 * });
 * ```
 */
export class SampleInBrowser {
  /** What pages asked of other hosts than this machine; a test expects that to be nothing. */
  readonly strangers: string[] = [];
  readonly #contexts: BrowserContext[] = [];

  private constructor(
    readonly sample: Sample,
    private readonly browser: Browser,
    /** Where the screenshots are. */
    readonly screenshots: string,
  ) {}

  static async start(): Promise<SampleInBrowser> {
    const executablePath = CHROMIUM.find((path) => path !== undefined && existsSync(path));
    if (executablePath === undefined) {
      throw new Error('there is no Chromium: install it (apt-get install chromium), or say by CHROMIUM where it is');
    }
    const screenshots = process.env['SCREENSHOTS'] ?? mkdtempSync(join(tmpdir(), 'screenshots-'));
    const sample = await Sample.start();
    try {
      // Chromium has no sandbox for root.
      const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
      const browser = await chromium.launch({ executablePath, args });
      console.log(`screenshots are in ${screenshots}`);
      return new SampleInBrowser(sample, browser, screenshots);
    } catch (error) {
      sample.process.kill('SIGKILL');
      throw error;
    }
  }

  /** Opens a page of the sample in a browser that knows nobody yet, 1280 by 1000 pixels unless told otherwise. */
  async open(path: string, options: Pick<BrowserContextOptions, 'colorScheme' | 'viewport'> = {}): Promise<Page> {
    const context = await this.browser.newContext({ viewport: { width: 1280, height: 1000 }, ...options });
    this.#contexts.push(context);
    await context.route(
      ({ hostname }) => hostname !== '127.0.0.1',
      async (route) => {
        this.strangers.push(route.request().url());
        await route.abort();
      },
    );
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    await page.goto(this.sample.url + path);
    return page;
  }

  /** Takes a picture for people to look at, of what is in view or of a part of the page. */
  async screenshot(of: Page | Locator, name: string): Promise<void> {
    await of.screenshot({ path: join(this.screenshots, `${name}.png`) });
  }

  /** Takes a picture of a page from its top to its end. */
  async screenshotOfAll(page: Page, name: string): Promise<void> {
    await page.screenshot({ path: join(this.screenshots, `${name}.png`), fullPage: true });
  }

  /** Ends all that was started. */
  async stop(): Promise<void> {
    await Promise.all(this.#contexts.map((context) => context.close()));
    await this.browser.close();
    this.sample.process.kill('SIGKILL');
  }
}
