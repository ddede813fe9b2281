import { expect, test } from 'vitest';
import { readPrivacyPolicy } from '../../src/adapters/privacy-policy.ts';
import { judge } from '../../src/config.ts';
import { outcome } from '../support/outcome.ts';
import { useProviders } from '../support/providers.ts';
import { envelope, useSteward } from '../support/steward.ts';
import { askByForm, codeOf, hurried, post, routed, row, useErasureCommands } from './support.ts';

const providers = useProviders();
const steward = useSteward({
  settings: () => providers.settings('ses', 'slack'),
  privacy: (policy) => ({ ...hurried(policy), erasure: { ...hurried(policy).erasure, codeMinutes: 10 } }),
});
const commands = useErasureCommands(steward, () => providers.settings('ses', 'slack'));
/** T7: a stranger erases somebody else's data, or guesses the code. */

async function known(): Promise<string> {
  const email = `eve.${Math.random().toString(36).slice(2)}@customer.example`;
  const event = envelope({ customerEmail: email });
  expect((await steward.post(event)).status).toBe(202);
  await routed(steward, event.detail.ticketId);
  return email;
}

function other(code: string, by = 1): string {
  return String((Number(code.replace(' ', '')) + by) % 100_000_000).padStart(8, '0');
}

function evaluated(requestId: string) {
  return steward.owner
    .selectFrom('audit_entries')
    .select('id')
    .where('object', '=', `erasure/${requestId}`)
    .where('action', '=', 'erasure.codeTried')
    .execute();
}

test('T7: of 200 guesses at once five are counted and evaluated, and then the right code is too late', async () => {
  const { requestId, path } = await askByForm(steward, await known());
  const code = await codeOf(providers, requestId);
  const guesses = await Promise.all(
    Array.from({ length: 200 }, (_, i) => post(steward, path, { code: other(code, i + 1) })),
  );
  expect([...new Set(guesses.map(({ status }) => status))]).toEqual([422]);
  const said = await Promise.all(guesses.map((response) => response.text()));
  // A guess that was evaluated may find on its way back that the tries are over by now.
  expect(said.filter((page) => page.includes('That is not the code')).length).toBeLessThan(5);
  expect((await row(steward, requestId)).code_attempts).toBe(5);
  expect(await evaluated(requestId)).toHaveLength(5);
  expect((await post(steward, path, { code })).status).toBe(422);
  expect((await row(steward, requestId)).proved_at).toBeNull();
});

test('after five wrong tries page and command say what to do now, the same whether we know the person', async () => {
  const asked = [await known(), `nobody.${Math.random().toString(36).slice(2)}@customer.example`];
  const told = await Promise.all(
    asked.map(async (email) => {
      const { requestId, path } = await askByForm(steward, email);
      await outcome(async () => expect((await row(steward, requestId)).code_expires_at).not.toBeNull());
      const { codeDigest } = steward.composed.deps.erasure;
      const right = codeDigest(requestId, '00000000');
      await steward.composed.deps.erasure.store.setCode(requestId, right, new Date(Date.now() + 600_000));
      const same = (text: string) =>
        text
          .replaceAll(path, '/PATH')
          .replaceAll(requestId, 'ERA')
          .replace(/\d\d? \w+ \d{4}.*UTC/g, '');
      const answers: string[] = [];
      for (let i = 1; i <= 6; i++) {
        const answer = await post(steward, path, { code: String(i).repeat(8) });
        expect(answer.status).toBe(422);
        answers.push(same(await answer.text()).replace(/datetime="[^"]*"/g, ''));
      }
      const page = same(await (await steward.app.request(path)).text()).replace(/datetime="[^"]*"/g, '');
      const { out } = await commands('erasure', 'show', requestId);
      return { answers, page, code: /^code: .*$/m.exec(out)?.[0] };
    }),
  );
  expect(told[1]).toEqual(told[0]);
  const { answers, page, code } = told[0] ?? { answers: [], page: '' };
  expect(answers.slice(0, 4).every((one) => one.includes('That is not the code') && one.includes('<form'))).toBe(true);
  for (const one of [...answers.slice(4), page]) {
    expect(one).toContain('A wrong code was entered too often');
    expect(one).toContain('<a href="/privacy">ask anew</a>: that is a new request, with a new code');
    expect(one).not.toContain('<form');
  }
  expect(code).toBe(
    'code: its tries are used up; the person has to ask anew, by the form or `npx steward erase`: a new request has a new code',
  );
});

test('the right code, clicked twice, proves the request once, and both clicks are told so', async () => {
  const { requestId, path } = await askByForm(steward, await known());
  const code = await codeOf(providers, requestId);
  const answers = await Promise.all([1, 2].map(() => post(steward, path, { code })));
  expect([...new Set(answers.map(({ status }) => status))]).toEqual([303]);
  expect(await evaluated(requestId)).toHaveLength((await row(steward, requestId)).code_attempts);
  const proved = await steward.owner
    .selectFrom('audit_entries')
    .select('id')
    .where('object', '=', `erasure/${requestId}`)
    .where('action', '=', 'erasure.proved')
    .execute();
  expect(proved).toHaveLength(1);
});

test('T7: the code of another request, of the same person too, proves nothing', async () => {
  const email = await known();
  const [first, second] = [await askByForm(steward, email), await askByForm(steward, email)];
  const code = await codeOf(providers, first.requestId);
  expect(await codeOf(providers, second.requestId)).not.toBe(code);
  expect((await post(steward, second.path, { code })).status).toBe(422);
  expect((await row(steward, second.requestId)).proved_at).toBeNull();
  const { codeDigest } = steward.composed.deps.erasure;
  expect(Buffer.from(codeDigest(first.requestId, code))).not.toEqual(Buffer.from(codeDigest(second.requestId, code)));
});

test('T7: an expired code, and one that was used, prove nothing', async () => {
  const { db } = steward.composed;
  const late = await askByForm(steward, await known());
  const code = await codeOf(providers, late.requestId);
  await db
    .updateTable('erasures')
    .set({ code_expires_at: new Date(Date.now() - 1) })
    .where('id', '=', late.requestId)
    .execute();
  expect((await post(steward, late.path, { code })).status).toBe(422);
  expect(await row(steward, late.requestId)).toMatchObject({ proved_at: null, code_attempts: 0 });

  const used = await askByForm(steward, await known());
  const right = await codeOf(providers, used.requestId);
  expect((await post(steward, used.path, { code: right })).status).toBe(303);
  const { proved_at, code_attempts } = await row(steward, used.requestId);
  const headers = { authorization: `Bearer ${steward.apiKey}`, 'content-type': 'application/json' };
  const again = await steward.app.request(`/v1/erasures/${used.requestId}/code`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ code: right }),
  });
  expect([again.status, await again.json()]).toEqual([409, { answer: 'over' }]);
  expect(await row(steward, used.requestId)).toMatchObject({ proved_at, code_attempts });
});

test('T7: a new code for the same request begins no new tries', async () => {
  const { requestId, path } = await askByForm(steward, await known());
  const code = await codeOf(providers, requestId);
  for (let i = 1; i <= 5; i++) expect((await post(steward, path, { code: other(code, i) })).status).toBe(422);
  // As when the answer to the mail was lost, and it is sent again.
  const { store, codeDigest } = steward.composed.deps.erasure;
  await store.setCode(requestId, codeDigest(requestId, '00000000'), new Date(Date.now() + 60_000));
  expect((await post(steward, path, { code: '00000000' })).status).toBe(422);
  expect((await row(steward, requestId)).proved_at).toBeNull();
});

test('T7: a guess succeeds in 5 of 10^8 cases at most, whoever asks and however often a day', async () => {
  const policy = await readPrivacyPolicy(judge({}).config.files.privacy);
  const { newCode } = steward.composed.deps.erasure;
  const codes = Array.from({ length: 20_000 }, () => newCode());
  expect(codes.filter((code) => !/^\d{8}$/.test(code))).toEqual([]);
  // All ten digits in each place, about equally: 10^8 codes, none likelier than another.
  for (let place = 0; place < 8; place++) {
    for (let digit = 0; digit < 10; digit++) {
      const share = codes.filter((code) => code[place] === String(digit)).length / codes.length;
      expect(Math.abs(share - 0.1)).toBeLessThan(0.015);
    }
  }
  const perRequest = policy.erasure.tries / 10 ** 8;
  expect(perRequest).toBeLessThanOrEqual(5e-8);
  expect(perRequest * policy.erasure.perAddressAndDay).toBeLessThanOrEqual(2.5e-7);
});

test('T7: an address is asked for five times a day, by whatever spelling and door', async () => {
  const email = await known();
  for (let i = 0; i < 3; i++) await askByForm(steward, i % 2 ? email : ` ${email.toUpperCase()} `.trim());
  const ask = () =>
    steward.app.request('/v1/erasures', {
      method: 'POST',
      headers: { authorization: `Bearer ${steward.apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ email }),
    });
  expect([(await ask()).status, (await ask()).status, (await ask()).status]).toEqual([202, 202, 429]);
});

test('T7: the mail says what to do when it was not you', async () => {
  const { requestId } = await askByForm(steward, await known());
  await codeOf(providers, requestId);
  const mail = providers.aws.mails.find(({ raw }) => raw.includes(`X-Delivery-ID: ${requestId}-code`));
  expect(mail?.parsed.text).toContain('If it was not you, do nothing');
  expect(mail?.parsed.text).toContain('valid for 10 minutes and 5 tries');
});
