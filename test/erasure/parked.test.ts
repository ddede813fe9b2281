import { afterEach, expect, test } from 'vitest';
import { outcome } from '../support/outcome.ts';
import { useProviders } from '../support/providers.ts';
import { useSteward } from '../support/steward.ts';
import { addCustomer, askByForm, codeOf, ended, hurried, over, post, row, useErasureCommands } from './support.ts';

/* A step of an erasure that is stuck, and what an operator says to it at the command line. */

const providers = useProviders();
const settings = () => providers.settings('ses');
const running = useSteward({ settings, privacy: hurried });
const steward = useErasureCommands(running, settings);
afterEach(() => providers.aws.rejected.clear());

/** Somebody who has proved that they want to be forgotten. `before` the code is entered. */
async function proved(before: (person: { id: string; email: string }) => Promise<unknown> | unknown) {
  const { id, email } = await addCustomer(running);
  const { requestId, path } = await askByForm(running, email);
  const code = await codeOf(providers, requestId);
  await before({ id, email });
  expect((await post(running, path, { code })).status).toBe(303);
  return { requestId, id, email };
}
const unreachable = () => proved(({ email }) => providers.aws.rejected.add(email));

async function shown(requestId: string) {
  return JSON.parse((await steward('erasure', 'show', requestId, '--json')).out);
}
function parkedAt(requestId: string, step: string, since = '') {
  return outcome(async () => {
    const [parked] = (await shown(requestId)).parked;
    expect(parked).toMatchObject({ step });
    expect(parked.since > since).toBe(true);
    return parked;
  });
}
const customers = (id: string) => running.owner.selectFrom('customers').select('id').where('id', '=', id).execute();
/** Mails that tell the officer that the step is stuck. */
const heardOf = (requestId: string, step: string) =>
  providers.aws.mails.filter(({ raw }) => raw.includes(`X-Delivery-ID: ${requestId}-officer-privacy-parked-${step}`));
const answersTo = (requestId: string) =>
  providers.aws.mails.filter(({ raw }) => raw.includes(`X-Delivery-ID: ${requestId}-outcome`));

async function expectRefused(args: string[], message: RegExp): Promise<void> {
  const { exit, out, err } = await steward('erasure', ...args);
  expect({ exit, out }, args.join(' ')).toEqual({ exit: 1, out: '' });
  expect(err).toMatch(message);
  expect(err).not.toMatch(/\n\s+at /);
}

test('skip leaves out the answer to who can’t be reached, and all else is done; wrong words change nothing', async () => {
  const { requestId, id, email } = await unreachable();
  const parked = await parkedAt(requestId, 'tellPerson');
  const { out } = await steward('erasure', 'show', requestId);
  expect(out).toMatch(/\nwaits for an operator: tellPerson \(\w+\)\nparked: tellPerson, \w+: /);
  expect(out).not.toContain(email);
  for (const act of ['retry', 'skip']) {
    for (const step of ['shred', 'tellperson', '__proto__']) {
      await expectRefused(
        [act, requestId, '--step', step],
        new RegExp(`^steward: ${step} is not parked; see .*erasure show`),
      );
    }
  }
  expect((await shown(requestId)).parked).toEqual([parked]);

  expect(await steward('erasure', 'skip', requestId, '--step', 'tellPerson')).toMatchObject({
    exit: 0,
    err: '',
    out: expect.stringMatching(new RegExp(`^${requestId}: skipped: it goes on without tellPerson\\.\n`)),
  });
  expect(await over(running, requestId)).toMatchObject({ outcome: 'erased' });
  expect(await customers(id)).toEqual([]);
  expect(answersTo(requestId)).toEqual([]);
  for (const act of ['retry', 'skip'])
    await expectRefused([act, requestId], /^steward: no running workflow for erasure ERA-/);
});

test('retry sends the answer once its way is free, and parks it again where it is not', async () => {
  const { requestId, email } = await unreachable();
  const { since } = await parkedAt(requestId, 'tellPerson');
  expect(JSON.parse((await steward('erasure', 'retry', requestId, '--json')).out)).toMatchObject({
    requestId,
    parked: [],
  });
  await parkedAt(requestId, 'tellPerson', since);
  // What is stuck again after somebody's word is news again.
  await outcome(() => expect(heardOf(requestId, 'tellPerson')).toHaveLength(2));
  providers.aws.rejected.delete(email);
  expect((await steward('erasure', 'retry', requestId)).exit).toBe(0);
  expect((await ended(running, requestId)).outcome).toBe('erased');
  expect(answersTo(requestId)).toHaveLength(1);
});

test('a step of the erasure itself can’t be skipped: it is retried until its cause is mended', async () => {
  const consents = running.owner;
  const { requestId, id } = await proved(({ id: customer_id }) =>
    // For something that the policy does not know: what is unclear erases nothing.
    consents
      .insertInto('consents')
      .values({ customer_id, purpose: 'lottery', status: 'granted', at: new Date(), source: 'test', evidence: null })
      .execute(),
  );
  const { since, cause } = await parkedAt(requestId, 'decide');
  // Where it stands is shown with the purpose and the mend, and told to the officers.
  expect(cause).toMatch(/consents\.lottery.*name it under `purposes` in policies\/privacy\.yaml/);
  expect((await steward('erasure', 'show', requestId)).out).toMatch(
    /\nparked: decide, DecisionDenied: .*lottery.*privacy\.yaml/,
  );
  await outcome(() => expect(heardOf(requestId, 'decide')).toHaveLength(1));
  for (const step of [[], ['--step', 'decide']]) {
    await expectRefused(
      ['skip', requestId, ...step],
      /^steward: decide is a part of the erasure itself; it can be retried only; see /,
    );
  }
  expect((await steward('erasure', 'retry', requestId, '--step', 'decide')).exit).toBe(0);
  await parkedAt(requestId, 'decide', since);
  expect(await row(running, requestId)).toMatchObject({ decision: null, state: 'deciding' });
  expect(await customers(id)).toHaveLength(1);

  await consents.deleteFrom('consents').where('customer_id', '=', id).execute();
  expect((await steward('erasure', 'retry', requestId)).exit).toBe(0);
  expect((await ended(running, requestId)).outcome).toBe('erased');
  expect(await customers(id)).toEqual([]);
});

test('a recorded consent for a purpose that the policy no longer names holds an erasure up until the policy is mended', async () => {
  const { requestId, id } = await proved(({ id: customer_id }) =>
    running.owner
      .insertInto('consents')
      .values({ customer_id, purpose: 'raffle', status: 'withdrawn', at: new Date(), source: 'test', evidence: null })
      .execute(),
  );
  const { cause } = await parkedAt(requestId, 'decide');
  expect(cause).toContain('raffle');
  // As somebody who writes the purpose into the file again, and starts the workers anew.
  const { policy } = running.composed.deps.erasure;
  await running.restartWorkers(async () => void Object.assign(policy.purposes, { raffle: 'A raffle' }));
  expect((await steward('erasure', 'retry', requestId)).exit).toBe(0);
  expect((await ended(running, requestId)).outcome).toBe('erased');
  expect(await customers(id)).toEqual([]);
});

test.each([
  'ERA-0000000000000000',
  'ERA-1',
  'TKT-2026-0423',
  '',
  '../../etc/passwd',
  "' or 1=1; --",
  '\u202eARE',
  'x'.repeat(5_000),
])('no request has the id %j', async (id) => {
  for (const act of ['retry', 'skip']) {
    await expectRefused([act, id], /^steward: no running workflow for erasure /);
    await expectRefused([act, id, '--step', 'tellPerson'], /^steward: no running workflow for erasure /);
  }
});

test.each([
  [['retry']],
  [['skip']],
  [['retry', 'ERA-1', '--step']],
  [['skip', 'ERA-1', 'tellPerson']],
  [['fix', 'ERA-1']],
])('%j was called wrongly', async (args) => {
  const { exit, out } = await steward('erasure', ...args);
  expect({ exit, out }).toEqual({ exit: 2, out: '' });
});
