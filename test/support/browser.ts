import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';

const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/** An installed browser; `STEWARD_BROWSER` names one that lies elsewhere. None is downloaded: without one its tests are skipped. */
export const BROWSER = [process.env.STEWARD_BROWSER ?? '', ...PLACES].find(
  (place) => place !== '' && existsSync(place),
);

export interface Watched {
  readonly page: Page;
  /** Console errors, uncaught exceptions, and requests that left this machine: none is expected. */
  readonly wrong: string[];
}

/** One browser for the file; every page has cookies and storage of its own and is closed at the end. */
export function useBrowser() {
  const held: { browser?: Browser } = {};
  beforeAll(async () => {
    if (BROWSER === undefined) return;
    // As root, in containers, Chromium starts without its sandbox only. It sees our own pages and nothing else.
    held.browser = await chromium.launch({
      executablePath: BROWSER,
      args: ['--no-sandbox', '--disable-dev-shm-usage'],
    });
  });
  afterAll(() => held.browser?.close());

  return {
    async open(url: string, options: { javaScriptEnabled: boolean; width?: number }): Promise<Watched> {
      if (!held.browser) throw new Error('there is no browser: skip the test');
      const { javaScriptEnabled, width = 1000 } = options;
      const context = await held.browser.newContext({ javaScriptEnabled, viewport: { width, height: 900 } });
      const page = await context.newPage();
      const wrong: string[] = [];
      const home = new URL(url).host;
      page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') wrong.push(`console: ${message.text()}`);
      });
      page.on('pageerror', (error) => wrong.push(`exception: ${error.message}`));
      page.on('request', (request) => {
        const { host, protocol } = new URL(request.url());
        if (protocol !== 'data:' && host !== home) wrong.push(`request to ${host}`);
      });
      page.on('requestfailed', (request) => wrong.push(`failed: ${request.url()}`));
      await page.goto(url);
      return { page, wrong };
    },
  };
}
