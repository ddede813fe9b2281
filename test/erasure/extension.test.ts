import { afterEach, expect, test } from 'vitest';
import { requestKey } from '../../src/deps-erasure.ts';
import { ANN_AND_BOB } from '../support/officers.ts';
import { outcome } from '../support/outcome.ts';
import { useProviders } from '../support/providers.ts';
import { useSteward } from '../support/steward.ts';
import { addCustomer, askFor, hurried, inState, officer, over, provedByCode, row } from './support.ts';

/* The letter of an extension needs what goes with the end: it goes out before anything that comes after it, however quick the officers are. */

const providers = useProviders();
const steward = useSteward({
  settings: () => providers.settings('ses'),
  privacy: (policy) => ({ ...hurried(policy), officers: ANN_AND_BOB }),
});
afterEach(() => providers.aws.rejected.clear());

const say = (requestId: string, act: 'approve' | 'refuse' | 'extend') =>
  steward.steward.operateErasure(requestId, act, { ...officer('bob'), reason: 'it is much' });
/** What the person was told, in order. */
const told = (requestId: string) =>
  providers.aws.mails.flatMap(
    ({ raw }) => new RegExp(`X-Delivery-ID: ${requestId}-(extension|outcome)\\b`).exec(raw)?.[1] ?? [],
  );
const parkedIn = async (requestId: string) =>
  (await steward.steward.describeErasure(requestId)).parked.map(({ step }) => step);

/** Waits for approval, with more time, whose letter does not go out yet. */
async function extended() {
  const person = await addCustomer(steward);
  const requestId = await askFor(steward, { customerId: person.id }, 'ann');
  await inState(steward, requestId, 'approving');
  providers.aws.rejected.add(person.email);
  expect(new Date((await say(requestId, 'extend')).dueAt).getTime() - Date.now()).toBeGreaterThan(50 * 86_400_000);
  await outcome(async () => expect(await parkedIn(requestId)).toEqual(['tellExtension']));
  return { ...person, requestId };
}

async function isShredded(requestId: string): Promise<boolean> {
  const keys = steward.owner.selectFrom('data_keys').select('wrapped').where('name', '=', requestKey(requestId));
  return (await keys.executeTakeFirstOrThrow()).wrapped === null;
}

test.each([
  ['approve', 'erased'],
  ['refuse', 'refused'],
] as const)(
  'officers who %s at once: the letter about more time goes out first, and nothing is shredded before',
  async (act, end) => {
    const { requestId, email } = await extended();
    await say(requestId, act);
    await inState(steward, requestId, 'telling');
    expect(await parkedIn(requestId)).toEqual(['tellExtension']);
    expect(await isShredded(requestId)).toBe(false);
    expect(told(requestId)).toEqual([]);
    providers.aws.rejected.delete(email);
    await steward.steward.operateErasure(requestId, 'retry', { ...officer('bob'), step: 'tellExtension' });
    expect(await over(steward, requestId)).toMatchObject({ outcome: end });
    expect(told(requestId)).toEqual(['extension', 'outcome']);
  },
);

test('an officer may leave it out', async () => {
  const { requestId, email } = await extended();
  await say(requestId, 'approve');
  await inState(steward, requestId, 'telling');
  providers.aws.rejected.delete(email);
  await steward.steward.operateErasure(requestId, 'skip', { ...officer('bob'), step: 'tellExtension' });
  expect(await over(steward, requestId)).toMatchObject({ outcome: 'erased' });
  expect(told(requestId)).toEqual(['outcome']);
});

test('more time that is taken twice is one letter', async () => {
  const { requestId, email } = await extended();
  await say(requestId, 'extend');
  expect(await parkedIn(requestId)).toEqual(['tellExtension']);
  providers.aws.rejected.delete(email);
  await steward.steward.operateErasure(requestId, 'retry', { ...officer('bob'), step: 'tellExtension' });
  await outcome(() => expect(told(requestId)).toEqual(['extension']));
  await say(requestId, 'extend');
  await say(requestId, 'approve');
  expect(await over(steward, requestId)).toMatchObject({ outcome: 'erased' });
  expect(told(requestId)).toEqual(['extension', 'outcome']);
});

test('a request that the person’s own takes the place of does not end before its letter is out', async () => {
  const { requestId, email } = await extended();
  providers.aws.rejected.delete(email);
  const own = await provedByCode(steward, providers, email);
  await outcome(async () => expect((await row(steward, requestId)).superseded_by).toBe(own.requestId));
  expect(await isShredded(requestId)).toBe(false);
  await steward.steward.operateErasure(requestId, 'retry', { ...officer('bob'), step: 'tellExtension' });
  expect(await over(steward, requestId)).toMatchObject({ outcome: 'superseded' });
  expect(told(requestId)).toEqual(['extension']);
  expect(await over(steward, own.requestId)).toMatchObject({ outcome: 'erased' });
});
