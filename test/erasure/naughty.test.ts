import { describe, expect, test } from 'vitest';
import type { Context } from '../../src/cli/context.ts';
import { composePrivacy } from '../../src/compose-privacy.ts';
import { wellFormed } from '../../src/schema/fields.ts';
import { runOn } from '../cli/support.ts';
import { LINK_SECRET } from '../support/link-secret.ts';
import { outcome } from '../support/outcome.ts';
import { useProviders } from '../support/providers.ts';
import { publicJson, publicPath } from '../support/public-data.ts';
import { useSteward } from '../support/steward.ts';
import { addCustomer, askByForm, codeOf, hurried, post } from './support.ts';

/* The big list of naughty strings, through every door of an erasure at which somebody may type. */

const FILE = 'naughty-strings/blns.json';
const strings = publicJson<string[]>(FILE) ?? [];
const [skipped, without] = [strings.length === 0, `(skipped without ${publicPath(FILE)})`];
const providers = useProviders();
const steward = useSteward({
  settings: () => providers.settings('ses'),
  privacy: (policy) => ({
    ...hurried(policy),
    erasure: { ...hurried(policy).erasure, perSourceAndDay: 100_000 },
    purposes: { news: 'News by mail' },
  }),
});

/** Nothing that was typed may become a part of the page: no tag but ours, no attribute of its own. */
function expectEscaped(page: string, typed: string): void {
  expect(page, typed).not.toMatch(
    /<(script|img|svg|iframe|object|embed|marquee|video|audio|style onload|a href="?javascript)/i,
  );
  if (typed.length > 3 && /[<>"]/.test(typed)) expect(page.includes(typed), typed).toBe(false);
}

describe('T12: the privacy form', () => {
  test.skipIf(skipped)(
    `no string breaks a page of it, or stands in it unescaped ${without}`,
    { timeout: 120_000 },
    async () => {
      const { path } = await askByForm(steward, 'naughty@customer.example');
      const token = decodeURIComponent(path.slice(path.lastIndexOf('/') + 1));
      for (const text of strings) {
        const answers = [
          await post(steward, '/privacy', { token, email: text }),
          await post(steward, '/privacy', { token, email: `${text}@` }),
          await post(steward, '/privacy', { token: text, email: 'ada@naughty.example' }),
          await post(steward, '/privacy', { token, email: 'ada@naughty.example', website: `x${text}` }),
          await post(steward, path, { code: text }),
          await post(steward, path, { [text]: text }),
          await steward.app.request(`/privacy/r/${encodeURIComponent(wellFormed(text))}`),
        ];
        for (const answer of answers) {
          expect([text, [422, 404].includes(answer.status), answer.status]).toEqual([text, true, answer.status]);
          expectEscaped(await answer.text(), text);
        }
      }
    },
  );
});

describe('T12: the API and the event', () => {
  test.skipIf(skipped)(`no string is answered by a 5xx in any field ${without}`, { timeout: 120_000 }, async () => {
    const headers = { authorization: `Bearer ${steward.apiKey}`, 'content-type': 'application/json' };
    const api = async (path: string, body: unknown) =>
      steward.app.request(path, { method: 'POST', headers, body: JSON.stringify(body) });
    const requestId = `ERA-${'0'.repeat(16)}`;
    for (const text of strings) {
      const event = (detail: object, more: object = {}) =>
        steward.post({ source: 'p', id: 'e', 'detail-type': 'erasure.requested', detail, ...more });
      const answers = [
        await api('/v1/erasures', { email: text }),
        await api('/v1/erasures', { customerId: text }),
        await api('/v1/erasures', { email: 'n1@customer.example', assertion: text }),
        await api('/v1/erasures', { [text]: text }),
        await api('/v1/erasures', text),
        await api(`/v1/erasures/${requestId}/code`, { code: text }),
        await event({ email: text }),
        await event({ customerId: text }),
        // Of one address only the first few are begun.
        await event({ email: 'n2@customer.example' }, { id: text }),
        await event({ email: 'n3@customer.example' }, { source: text }),
        await event({ email: 'n4@customer.example', assertion: text }),
      ];
      const statuses = answers.map(({ status }) => status);
      expect([text, statuses.filter((status) => ![202, 400, 404, 422, 429].includes(status))]).toEqual([text, []]);
    }
  });
});

describe('T12: the mails', () => {
  const risky = strings
    .filter((text) => /[<>"\\\r\n\u2028\u202e:;]/.test(text) && !text.includes('\u0000'))
    .slice(0, 60);

  test.skipIf(skipped)(
    `a name adds no header and no reader, and nothing of it is HTML ${without}`,
    { timeout: 180_000 },
    async () => {
      expect(risky.length).toBe(60);
      for (const text of risky) {
        const { id, email } = await addCustomer(steward);
        const name = wellFormed(text).slice(0, 200);
        await steward.owner.updateTable('customers').set({ name }).where('id', '=', id).execute();
        const { requestId } = await askByForm(steward, email);
        await codeOf(providers, requestId);
        const mail = providers.aws.mails.find(({ raw }) => raw.includes(`X-Delivery-ID: ${requestId}-code`));
        const parsed = mail?.parsed;
        const to = [parsed?.to ?? []].flat().flatMap(({ value }) => value.map(({ address }) => address));
        expect([text, to]).toEqual([text, [email]]);
        expect([text, parsed?.html]).toEqual([text, false]);
        const keys = parsed?.headerLines.map(({ key }) => key) ?? [];
        expect(keys).toContain('x-delivery-id');
        expect([text, keys.filter((key) => /^(cc|bcc|reply-to)$/.test(key))]).toEqual([text, []]);
        expect(new Set(keys).size, text).toBe(keys.length);
      }
    },
  );
});

describe('T12: the officers’ commands', () => {
  const run = (...args: string[]) => {
    const operator = {
      privacy: {
        ...composePrivacy({
          db: steward.composed.databases.as('steward_officer'),
          policyFile: 'policies/privacy.yaml',
          by: { kind: 'person', id: 'login/test' },
          linkSecret: async () => LINK_SECRET,
        }),
        policy: async () => steward.composed.deps.erasure.policy,
      },
      close: async () => {},
    };
    return runOn({ operator: async () => operator as unknown as Awaited<ReturnType<Context['operator']>> }, ...args);
  };

  test.skipIf(skipped)(`no string throws what nobody foresaw ${without}`, { timeout: 180_000 }, async () => {
    const { id } = await addCustomer(steward);
    // What a shell can't hand to a program is left out.
    for (const text of strings.filter((one) => !one.includes('\u0000'))) {
      const said = await Promise.all([
        run('consent', 'set', id, 'news', 'granted', `--evidence=${text}`),
        run('consent', 'set', '--', text, 'news', 'granted'),
        run('consent', 'set', '--', id, text, 'granted'),
        run('consent', 'set', '--', id, 'news', text),
        run('consent', 'show', '--', text),
        run('hold', 'place', id, `--why=${text}`, '--by=privacy'),
        run('hold', 'place', id, '--why=a lawsuit', `--by=${text}`),
        run('hold', 'place', id, '--why=a lawsuit', '--by=privacy', `--until=${text}`),
        run('hold', 'list', '--', text),
        run('hold', 'lift', '--by=privacy', '--', text),
        run('export-person', '--', text),
      ]);
      for (const { err } of said)
        expect([text, err]).toEqual([text, expect.not.stringMatching(/\n +at |^Error|^error:/)]);
    }
  });

  test.skipIf(skipped)(`what may be kept is shown as it was typed ${without}`, { timeout: 60_000 }, async () => {
    const { id } = await addCustomer(steward);
    const fitting = strings.filter((text) => /^[^\p{Cc}\p{Cs}]{1,200}$/u.test(text)).slice(0, 100);
    for (const text of fitting) await run('consent', 'set', id, 'news', 'granted', `--evidence=${text}`);
    const rows = steward.owner.selectFrom('consent_history').select('evidence').where('customer_id', '=', id);
    const kept = (await rows.execute()).map(({ evidence }) => evidence);
    expect(kept.filter((evidence) => evidence !== null && !fitting.includes(evidence))).toEqual([]);
    await outcome(() => expect(kept.length).toBeGreaterThan(50));
  });
});
