import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Served, serve } from '../../src/http/serve.ts';
import { BROWSER, useBrowser } from '../support/browser.ts';
import { useSteward } from '../support/steward.ts';
import { messagesOf, PATIENCE, ratingsOf, until } from '../workflows/support.ts';

const steward = useSteward();
const browser = useBrowser();
const own = {} as { served: Served };
beforeAll(async () => {
  own.served = await serve(steward.app, { host: '127.0.0.1', port: 0 });
});
afterAll(() => own.served?.close(0));

async function fillIn(page: Page, message: string): Promise<void> {
  await page.getByLabel('Your name').fill('Mira Okafor');
  await page.getByLabel('Your e-mail address').fill('mira@customer.example');
  await page.getByLabel('Subject').fill('Invoice');
  await page.getByLabel('Your message').fill(message);
}

const numberOf = async (page: Page) => (await page.locator('#ticket').textContent()) ?? '';
const words = (page: Page) => page.locator('.conversation .words').allTextContents();

describe.skipIf(BROWSER === undefined)('the form in a browser (skipped where none is installed)', () => {
  it.each([
    ['with a script', true],
    ['without JavaScript', false],
  ])('%s: write, follow, reply, rate', async (_how, javaScriptEnabled) => {
    const { page, wrong } = await browser.open(`${own.served.url}/`, { javaScriptEnabled });
    expect(page.url()).toBe(`${own.served.url}/support`);
    await fillIn(page, 'How do I download my invoice for last month?');
    await page.getByRole('button', { name: 'Send' }).click();

    await page.waitForURL(/\/support\/t\//);
    const ticketId = await numberOf(page);
    expect(ticketId).toMatch(/^WEB-[0-9a-f]{16}$/);
    expect(await page.locator('h1').textContent()).toBe('Invoice');
    expect((await words(page))[0]).toBe('How do I download my invoice for last month?');
    await until(steward, ticketId, { state: 'waitingForCustomer', route: 'bot' });
    await page.reload();
    expect(await page.locator('#state').textContent()).toBe('We have answered. Reply below if there is more to say.');
    expect(await words(page)).toHaveLength(2);

    await page.getByLabel('Your reply').fill('Zeile 1\n<b>"Zeile" & 2</b> \u{1F600}');
    await page.getByRole('button', { name: 'Send reply' }).click();
    await page.getByRole('status').waitFor();
    expect(await page.getByRole('status').textContent()).toBe('Thank you, we have your reply.');
    expect((await words(page)).at(-1)).toBe('Zeile 1\n<b>"Zeile" & 2</b> \u{1F600}');
    await until(steward, ticketId, { state: 'waitingForAgent', route: 'agent' });

    await page.getByLabel(/^4/).check();
    await page.getByRole('button', { name: 'Send rating' }).click();
    await page.getByText('You gave 4 of 5.').waitFor();
    await page.getByLabel(/^5/).check();
    await page.getByRole('button', { name: 'Send rating' }).click();
    await page.getByText('You gave 5 of 5.').waitFor();
    expect(await ratingsOf(steward, ticketId)).toEqual([{ episode: 1, score: 5 }]);

    await steward.steward.resolve(ticketId, { agentId: 'ana' });
    await vi.waitFor(async () => {
      await page.reload();
      expect(await page.locator('#state').getAttribute('data-state')).toBe('solved');
    }, PATIENCE);
    expect(wrong).toEqual([]);
  });

  it('a form whose button is clicked twice is one ticket', async () => {
    const { page } = await browser.open(`${own.served.url}/support`, { javaScriptEnabled: true });
    await fillIn(page, 'Twice?');
    const button = page.getByRole('button', { name: 'Send' });
    await button.dblclick();
    // The second click breaks off the first's navigation, so there is no load to wait for but the page's own.
    await page.locator('#ticket').waitFor();
    const first = await numberOf(page);
    const { db } = steward.composed;
    const same = await db.selectFrom('messages').select('ticket_id').where('body', '=', 'Twice?').execute();
    expect(same).toEqual([{ ticket_id: first }]);
  });

  it('says what is missing in words, at the top and at the field, and keeps what was typed', async () => {
    const { page, wrong } = await browser.open(`${own.served.url}/support`, { javaScriptEnabled: false });
    await page.getByLabel('Your message').fill('No address');
    await page.getByRole('button', { name: 'Send' }).click();
    const summary = page.getByRole('alert');
    expect(await summary.getByRole('link').allTextContents()).toEqual([
      'Enter your e-mail address, such as name@example.com.',
      'Enter a subject.',
    ]);
    expect(await page.title()).toMatch(/^Problem: /);
    expect(await page.getByRole('textbox', { name: 'Your message' }).inputValue()).toBe('No address');
    await summary.getByRole('link').first().click();
    const email = page.getByLabel('Your e-mail address');
    expect(await email.getAttribute('aria-invalid')).toBe('true');
    const described = (await email.getAttribute('aria-describedby')) ?? '';
    for (const id of described.split(' ')) expect(await page.locator(`[id="${id}"]`).count()).toBe(1);
    // The browser itself logs that the answer was a 422.
    expect(wrong.filter((line) => !line.includes('422'))).toEqual([]);
  });

  it('can be gone through by keyboard alone', async () => {
    const { page } = await browser.open(`${own.served.url}/support`, { javaScriptEnabled: true });
    const typed = ['Mira', 'mira@customer.example', 'Keys', 'By keyboard alone'];
    // Past the link that skips to the content, and the link home.
    for (let i = 0; i < 3; i++) await page.keyboard.press('Tab');
    for (const text of typed) {
      await page.keyboard.type(text);
      await page.keyboard.press('Tab');
    }
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Send');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/support\/t\//);
    expect(await words(page)).toContain('By keyboard alone');
  });

  it.each(['form', 'status page'])(
    '%s: every control has a name, ids are unique, headings go down in order',
    async (which) => {
      const { page } = await browser.open(`${own.served.url}/support`, { javaScriptEnabled: true, width: 320 });
      if (which === 'status page') {
        await fillIn(page, 'Accessible?');
        await page.getByRole('button', { name: 'Send' }).click();
        await page.waitForURL(/\/support\/t\//);
      }
      const found = (await page.evaluate(LOOK)) as Look;
      expect(found.lang).toBe('en');
      expect(found.mains).toBe(1);
      expect(found.h1s).toBe(1);
      expect(found.unnamed).toEqual([]);
      expect(found.doubled).toEqual([]);
      found.levels.slice(1).forEach((level, i) => {
        expect(level - (found.levels[i] ?? 1)).toBeLessThanOrEqual(1);
      });
      expect(found.positiveTabindex).toBe(0);
      // At 320 px, or 400% zoom, nothing must be scrolled sideways.
      expect(found.overflow).toBeLessThanOrEqual(0);
      for (const { what, height } of found.targets) expect(height, what).toBeGreaterThanOrEqual(24);
    },
  );

  it('a link in a mail that is only opened, by whatever opens it, changes nothing', async () => {
    const { page } = await browser.open(`${own.served.url}/support`, { javaScriptEnabled: true });
    await fillIn(page, 'Only looking');
    await page.getByRole('button', { name: 'Send' }).click();
    await page.waitForURL(/\/support\/t\//);
    const ticketId = await numberOf(page);
    const path = new URL(page.url()).pathname;
    for (const opened of ['', '/rate?score=1', '/reply?message=x'])
      await page.goto(`${own.served.url}${path}${opened}`);
    expect(await ratingsOf(steward, ticketId)).toEqual([]);
    expect((await messagesOf(steward, ticketId)).filter((line) => line.author === 'customer')).toHaveLength(1);
  });
});

interface Look {
  readonly lang: string;
  readonly mains: number;
  readonly h1s: number;
  readonly unnamed: string[];
  readonly doubled: string[];
  readonly levels: number[];
  readonly positiveTabindex: number;
  readonly overflow: number;
  readonly targets: { what: string; height: number }[];
}

/** Run inside the page, hence as text. */
const LOOK = `(() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const controls = all('input:not([type=hidden]), textarea, select, button, a[href]');
  const nameOf = (e) => (e.labels?.[0] ?? e.closest('label') ?? e).textContent.trim() || e.getAttribute('aria-label') || '';
  const ids = all('[id]').map((e) => e.id);
  const visible = controls.filter((e) => !e.closest('[aria-hidden=true]') && !e.classList.contains('skip'));
  return {
    lang: document.documentElement.lang,
    mains: all('main').length,
    h1s: all('h1').length,
    unnamed: controls.filter((e) => nameOf(e) === '').map((e) => e.outerHTML),
    doubled: ids.filter((id, i) => ids.indexOf(id) !== i),
    levels: all('h1,h2,h3,h4').map((e) => Number(e.tagName[1])),
    positiveTabindex: all('[tabindex]').filter((e) => e.tabIndex > 0).length,
    overflow: document.documentElement.scrollWidth - innerWidth,
    targets: visible.filter((e) => e.tagName !== 'A').map((e) => ({ what: nameOf(e), height: (e.closest('label') ?? e).getBoundingClientRect().height })),
  };
})()`;
