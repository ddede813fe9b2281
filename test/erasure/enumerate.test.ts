import { expect, test } from 'vitest';
import { outcome } from '../support/outcome.ts';
import { useProviders } from '../support/providers.ts';
import { useSteward } from '../support/steward.ts';
import { hurried, post, row } from './support.ts';

const providers = useProviders();
const steward = useSteward({
  settings: () => providers.settings('ses'),
  privacy: (policy) => ({
    ...policy,
    erasure: { ...hurried(policy).erasure, codeMinutes: 1 / 12, perSourceAndDay: 100_000 },
  }),
});
/** T8: does the form tell whether somebody is a customer? */

/**
 * How many pairs are measured by each door; of what looks odd then, as many more on top, and once more. There are six looks at most (three
 * by two doors), each of which finds a difference where none is in fewer than one of 100 000 (|z| > 4.42): a false alarm in 16 000 runs.
 */
const COUNT = 500;
const LOOKS = 3;
const APART = 4.42;
/** One comparison in a hundred of what is alike looks so: it is measured further. */
const ODD = 2.58;
const WARM_UP = 20;
const tag = Date.now().toString(36);
const address = (known: boolean, i: number) => `${known ? 'k' : 'u'}${i}.${tag}@customer.example`;

/** Ids, tokens and what names a moment: they differ with every request, whoever it is about. */
function blank(text: string): string {
  return text
    .replace(/ERA-[0-9a-f]{16}(~|%7E)?[\w-]*/g, 'ERA')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replace(/\d{1,2} \w+ 20\d\d, \d\d:\d\d(:\d\d)?/g, 'TIME');
}

async function seen(response: Response): Promise<string> {
  const headers = [...response.headers].map(([name, value]) => `${name}: ${blank(value)}`).sort();
  return [response.status, ...headers, blank(await response.text())].join('\n');
}

/** Wilcoxon's signed ranks of the differences within pairs, as a z: positive where the first of a pair is larger. */
function signedRanks(differences: readonly number[]): number {
  const sizes = differences.filter((d) => d !== 0).sort((x, y) => Math.abs(x) - Math.abs(y));
  let [sum, ties] = [0, 0];
  for (let i = 0; i < sizes.length; ) {
    let j = i;
    while (j < sizes.length && Math.abs(sizes[j] ?? 0) === Math.abs(sizes[i] ?? 0)) j++;
    for (let k = i; k < j; k++) sum += (Math.sign(sizes[k] ?? 0) * (i + 1 + j)) / 2;
    ties += (j - i) ** 3 - (j - i);
    i = j;
  }
  const n = sizes.length;
  return n === 0 ? 0 : sum / Math.sqrt((n * (n + 1) * (2 * n + 1)) / 6 - ties / 12);
}

test('the measure finds 2 ms within pairs whose noise is ten times that, and nothing where nothing is', () => {
  // Noise without chance: as often to the one side as to the other.
  const noise = Array.from({ length: COUNT }, (_, i) => ((((i * 7919) % COUNT) + 0.5) / COUNT - 0.5) * 40);
  expect(Math.abs(signedRanks(noise))).toBeLessThan(0.1);
  expect(signedRanks([...noise, ...noise, ...noise].map((d) => d + 2))).toBeGreaterThan(APART);
  expect(signedRanks(noise.map((d) => d - 4))).toBeLessThan(-APART);
  expect(signedRanks([0, 0, 0])).toBe(0);
});

test('T8: the private page of both is the same, before the code and after its time', { timeout: 90_000 }, async () => {
  const email = `later.${tag}@customer.example`;
  await steward.owner
    .insertInto('customers')
    .values({ id: `CUST-${tag}-later`, name: 'Ada', email, tier: 'standard', known_from: 'crm', first_ticket_id: null })
    .execute();
  const both = await Promise.all(
    [email, `nobody.${tag}@customer.example`].map(async (one) => {
      const token =
        /name="token" value="([^"]+)"/.exec(await (await steward.app.request('/privacy')).text())?.[1] ?? '';
      const path = (await post(steward, '/privacy', { token, email: one })).headers.get('location') ?? '';
      return { path, requestId: /ERA-[0-9a-f]{16}/.exec(decodeURIComponent(path))?.[0] ?? '' };
    }),
  );
  const pages = async () => Promise.all(both.map(async ({ path }) => seen(await steward.app.request(path))));
  const views = async () =>
    Promise.all(
      both.map(async ({ requestId }) =>
        seen(
          await steward.app.request(`/v1/erasures/${requestId}`, {
            headers: { authorization: `Bearer ${steward.apiKey}` },
          }),
        ),
      ),
    );
  const same = async () => {
    for (const [known, unknown] of [await pages(), await views()]) expect(known).toBe(unknown);
  };
  await outcome(async () => {
    for (const { requestId } of both) expect((await row(steward, requestId)).code_expires_at).not.toBeNull();
  });
  await same();
  const wrong = await Promise.all(both.map(async ({ path }) => seen(await post(steward, path, { code: '00000000' }))));
  expect(wrong[0]).toBe(wrong[1]);
  await outcome(async () => {
    for (const { requestId } of both) expect((await row(steward, requestId)).outcome).toBe('notProved');
  });
  await same();
});

test('T8: a wrong code says of no id whether we know it, nor whether we know an address of theirs', async () => {
  const id = (what: string) => `CUST-${tag}-${what}`;
  await steward.owner
    .insertInto('customers')
    .values(
      ['with', 'without'].map((what) => ({
        ...{ id: id(what), name: 'Ada', tier: 'standard', known_from: 'crm' as const, first_ticket_id: null },
        email: what === 'with' ? `by.id.${tag}@customer.example` : null,
      })),
    )
    .execute();
  const api = (path: string, body?: object) =>
    steward.app.request(path, {
      ...(body ? { method: 'POST', body: JSON.stringify(body) } : {}),
      headers: { authorization: `Bearer ${steward.apiKey}`, 'content-type': 'application/json' },
    });
  const seenOf = async (what: string) => {
    const asked = await api('/v1/erasures', { customerId: id(what) });
    const { requestId } = (await asked.clone().json()) as { requestId: string };
    await outcome(async () => expect((await row(steward, requestId)).code_expires_at).not.toBeNull());
    const wrong = await api(`/v1/erasures/${requestId}/code`, { code: '00000000' });
    return [await seen(asked), await seen(wrong), await seen(await api(`/v1/erasures/${requestId}`))];
  };
  const known = await seenOf('with');
  expect(known[1]).toContain('"wrong"');
  expect(await seenOf('without')).toEqual(known);
  expect(await seenOf('nobody')).toEqual(known);
});

test('T8: known and unknown addresses get the same answer in the same time, by form and by API', {
  timeout: 900_000,
}, async () => {
  await steward.owner
    .insertInto('customers')
    .values(
      Array.from({ length: COUNT * LOOKS + WARM_UP }, (_, i) => ({
        id: `CUST-${tag}-${i}`,
        name: 'Ada',
        email: address(true, i),
        tier: 'standard',
        known_from: 'crm' as const,
        first_ticket_id: null,
      })),
    )
    .execute();
  const answers = { known: new Set<string>(), unknown: new Set<string>() };
  const ask = async (known: boolean, i: number, byForm: boolean): Promise<number> => {
    const email = address(known, i);
    const form = byForm ? await (await steward.app.request('/privacy')).text() : '';
    const token = /name="token" value="([^"]+)"/.exec(form)?.[1] ?? '';
    const began = performance.now();
    const response = byForm
      ? await post(steward, '/privacy', { token, email })
      : await steward.app.request('/v1/erasures', {
          method: 'POST',
          headers: { authorization: `Bearer ${steward.apiKey}`, 'content-type': 'application/json' },
          body: JSON.stringify({ email }),
        });
    const took = performance.now() - began;
    answers[known ? 'known' : 'unknown'].add(`${byForm} ${await seen(response)}`);
    return took;
  };
  /** Known less unknown, one right after the other, whichever comes first: what the machine does besides meets both alike. */
  const pair = async (i: number, byForm: boolean): Promise<number> => {
    const knownFirst = Math.random() < 0.5;
    const first = await ask(knownFirst, i, byForm);
    const second = await ask(!knownFirst, i, byForm);
    return knownFirst ? first - second : second - first;
  };
  const doors = [true, false].map((byForm) => ({ byForm, differences: [] as number[] }));
  // Nobody works at the requests meanwhile: what is measured is the answer.
  await steward.restartWorkers(async () => {
    for (let i = 0; i < WARM_UP; i++) for (const { byForm } of doors) await pair(i, byForm);
    let odd = doors;
    for (let look = 0; look < LOOKS && odd.length > 0; look++) {
      for (let n = 0; n < COUNT; n++) {
        for (const { byForm, differences } of odd) {
          differences.push(await pair(WARM_UP + look * COUNT + n, byForm));
        }
      }
      odd = odd.filter(({ differences }) => {
        const z = Math.abs(signedRanks(differences));
        return z > ODD && z <= APART;
      });
    }
  });
  expect([...answers.known].sort()).toEqual([...answers.unknown].sort());
  expect(answers.known.size).toBe(2);
  for (const { byForm, differences } of doors) {
    const z = signedRanks(differences);
    const median = [...differences].sort((x, y) => x - y)[differences.length >> 1] ?? 0;
    const told = `${byForm ? 'form' : 'API'}: known takes ${median.toFixed(2)} ms longer in the middle of ${differences.length} pairs, z = ${z.toFixed(2)}`;
    expect(Math.abs(z), told).toBeLessThanOrEqual(APART);
  }
});
