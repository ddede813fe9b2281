import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Served, serve } from '../../src/http/serve.ts';
import { expectAccessible } from '../http/pages.ts';
import { BROWSER, useBrowser } from '../support/browser.ts';
import { outcome } from '../support/outcome.ts';
import { onFreePort } from '../support/ports.ts';
import { useProviders } from '../support/providers.ts';
import { useSteward } from '../support/steward.ts';
import { askByForm, codeOf, ended, hurried, post } from './support.ts';

const providers = useProviders();
const steward = useSteward({ settings: () => providers.settings('ses'), privacy: hurried });
const browser = useBrowser();
const held = {} as { served: Served; gateway: string };
beforeAll(async () => {
  await onFreePort(async (port) => {
    held.served = await serve(steward.app, { host: '127.0.0.1', port });
    held.gateway = `http://127.0.0.1:${port}`;
  });
});
afterAll(() => held.served?.close(0));

let count = 0;
async function customer(): Promise<string> {
  count += 1;
  const id = `CUST-${Date.now().toString(36)}${count}`;
  const email = `${id.toLowerCase()}@customer.example`;
  await steward.owner
    .insertInto('customers')
    .values({ id, name: 'Ada', email, tier: 'standard', known_from: 'crm', first_ticket_id: null })
    .execute();
  return email;
}

/** `STEWARD_RECORD=on` takes the pictures of docs/privacy.md anew. */
const picture = (name: string) =>
  process.env.STEWARD_RECORD === 'on' ? { path: `docs/images/erasure-${name}.png` } : {};

describe.runIf(BROWSER)('in a browser', () => {
  test('asked for, a wrong code, the right one, the outcome: by keyboard alone and without a script', {
    timeout: 60_000,
  }, async () => {
    const email = await customer();
    const { page, wrong } = await browser.open(`${held.gateway}/privacy`, { javaScriptEnabled: false });
    // A trap for robots stands between, where no key leads to.
    const focused = () => page.locator(':focus');
    const tabTo = async (name: string) => {
      for (let tabs = 0; tabs < 8; tabs++) {
        await page.keyboard.press('Tab');
        const [label, id] = await Promise.all([focused().textContent(), focused().getAttribute('id')]);
        expect(id).not.toBe('website');
        if (
          label?.trim() === name ||
          (id !== null && (await page.locator(`label[for="${id}"]`).textContent()) === name)
        )
          return;
      }
      throw new Error(`no key leads to ${name}`);
    };
    await tabTo('Your e-mail address');
    await page.keyboard.type(email);
    await page.screenshot(picture('form'));
    await tabTo('Ask for erasure');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/privacy\/r\//);
    expect(await page.locator('#state').textContent()).toBe('waiting for the code');
    const requestId = (await page.locator('#request').textContent()) ?? '';
    const code = await codeOf(providers, requestId);

    await tabTo('Code from the mail');
    await page.keyboard.type(code.startsWith('0') ? '1111 1111' : '0000 0000');
    await page.keyboard.press('Enter');
    const alert = page.getByRole('alert');
    await alert.waitFor();
    expect(await alert.textContent()).toContain('That is not the code.');
    expect(await page.title()).toMatch(/^Problem: /);
    expect(await page.getByLabel('Code from the mail').getAttribute('aria-invalid')).toBe('true');

    await page.getByRole('link', { name: 'That is not the code.' }).focus();
    await tabTo('Code from the mail');
    await page.keyboard.type(code);
    await tabTo('Erase my data');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/privacy\/r\//);
    await ended(steward, requestId);
    await outcome(async () => {
      await page.reload();
      expect(await page.locator('#state').textContent()).toBe('your data is erased');
    });
    await page.screenshot(picture('outcome'));
    expect(await page.content()).not.toContain(email);
    // A refused form is 422, which a browser notes.
    expect(wrong.filter((one) => !one.includes('422'))).toEqual([]);
  });

  test('every control has a name that is read out', async () => {
    const { path } = await askByForm(steward, await customer());
    for (const at of ['/privacy', path]) {
      const { page } = await browser.open(`${held.gateway}${at}`, { javaScriptEnabled: true, width: 320 });
      const tree = await page.locator('main').ariaSnapshot();
      expect(tree).toMatch(at === '/privacy' ? /textbox "Your e-mail address"/ : /textbox "Code from the mail"/);
      expect(tree).toMatch(/button "(Ask for erasure|Erase my data)"/);
      expect(tree).not.toMatch(/- (textbox|button|link)(:|$)/m);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(320);
    }
  });
});

const NAUGHTY = [
  '<script>alert(1)</script>',
  '"><img src=x>',
  "' or 1=1; drop table customers; --",
  '{{7*7}}<%= 7*7 %>',
  '../../../../etc/passwd',
  'a@b.example\r\nBcc: all@b.example',
  '\u0000',
  '\u202Eelpmaxe',
  '٠١٢٣٤٥٦٧',
  '٠١٢٣ ٤٥٦٧',
  '\uD800',
  '💥'.repeat(2_000),
  'x'.repeat(100_000),
  '%00%ff%c0%ae',
  '-1',
  '',
];

describe('hostile input', () => {
  test.each(NAUGHTY.map((text) => [text.slice(0, 40), text]))('%j breaks no page', async (_, text) => {
    const { path } = await askByForm(steward, `n${++count}${Date.now().toString(36)}@naughty.example`);
    const token = decodeURIComponent(path.slice(path.lastIndexOf('/') + 1));
    const answers = [
      await post(steward, '/privacy', { token, email: text }),
      await post(steward, '/privacy', { token: text, email: 'ada@naughty.example' }),
      await post(steward, '/privacy', { token, email: 'ada@naughty.example', website: `x${text}` }),
      await post(steward, path, { code: text }),
      await post(steward, path, { [text]: text }),
    ];
    for (const answer of answers) {
      expect(answer.status).toBe(422);
      const page = await answer.text();
      expectAccessible(page);
      expect(page).not.toMatch(/<script|<img/);
      if (text.includes('<')) expect(page).not.toContain(text);
    }
  });

  test('links that open nothing are all alike', async () => {
    const { path } = await askByForm(steward, `n${++count}${Date.now().toString(36)}@naughty.example`);
    const changed = `${path.slice(0, -1)}${path.endsWith('A') ? 'B' : 'A'}`;
    const tokens = NAUGHTY.filter((text) => text !== '' && text.length < 5_000 && text !== '\uD800');
    for (const at of [changed, ...tokens.map((text) => `/privacy/r/${encodeURIComponent(text)}`), '/privacy/r/%ff']) {
      const got = await steward.app.request(at);
      const posted = await post(steward, at, { code: '0123 4567' });
      expect([got.status, posted.status], at).toEqual([404, 404]);
      const page = await got.text();
      expectAccessible(page);
      expect(page).not.toMatch(/<img|alert\(1\)/);
    }
  });
});
