import { expect, test } from 'vitest';
import type { Hold } from '../../src/domain/erase-facts.ts';
import { createHoldStore } from '../../src/store/holds.ts';
import { ANN_AND_BOB } from '../support/officers.ts';
import { outcome } from '../support/outcome.ts';
import { useProviders } from '../support/providers.ts';
import { envelope, useSteward } from '../support/steward.ts';
import { askFor, hurried, inState, knownWithTicket, officer, over, row } from './support.ts';

/* Whoever comes back while an erasure keeps their id is found under it, and reached at the address that they bring. */

const providers = useProviders();
const steward = useSteward({
  settings: () => providers.settings('ses'),
  privacy: (policy) => ({
    ...hurried(policy),
    // The window is open for long enough to come back in it.
    erasure: { ...hurried(policy).erasure, lookAgainDays: 8 / 86_400 },
    officers: ANN_AND_BOB,
  }),
});

const rowOf = (id: string) =>
  steward.owner.selectFrom('customers').select(['name', 'email', 'phone']).where('id', '=', id).executeTakeFirst();

async function partlyErased(customerId: string, category: Hold['category']): Promise<string> {
  const holds = createHoldStore(steward.composed.databases.as('steward_officer'));
  await holds.place({ customerId }, { category, why: 'A lawsuit', until: null }, ['login/test', 'officer/ann']);
  const requestId = await askFor(steward, { customerId }, 'ann');
  await inState(steward, requestId, 'approving');
  await steward.steward.operateErasure(requestId, 'approve', officer('bob'));
  await outcome(async () => expect((await row(steward, requestId)).erased_at).not.toBeNull());
  return requestId;
}

test('a new address takes the place of a mask: they get our mail again, and the second look knows who brought it', {
  timeout: 60_000,
}, async () => {
  const { email, customerId } = await knownWithTicket(steward);
  const requestId = await partlyErased(customerId, 'identity');
  expect(await rowOf(customerId)).toEqual({ name: 'Ada Lovelace', email: '***', phone: '***' });

  const again = envelope({ customerId, customerEmail: email, customerPhone: '+49 30 901820' });
  expect((await steward.post(again)).status).toBe(202);
  const { ticketId } = again.detail;
  await outcome(async () => {
    const toThem = (await steward.read.deliveries(ticketId)).filter(({ channel }) => channel === 'mail');
    expect(toThem.map(({ status }) => status)).toContain('sent');
  });
  expect(await rowOf(customerId)).toEqual({ name: 'Ada Lovelace', email, phone: '+49 30 901820' });
  expect((await row(steward, requestId)).ended_at).toBeNull();

  expect((await over(steward, requestId)).outcome).toBe('partlyErased');
  const look = await steward.owner
    .selectFrom('erasure_steps')
    .select('receipt')
    .where('erasure_id', '=', requestId)
    .where('step', '=', 'lookLater')
    .executeTakeFirstOrThrow();
  expect(look.receipt).toMatchObject({ found: 0, places: [] });
});

test('who comes back without an address stays masked, and a first address stands as it stood', async () => {
  const { customerId } = await knownWithTicket(steward);
  await partlyErased(customerId, 'identity');
  const post = async (detail: Parameters<typeof envelope>[0]) => {
    const event = envelope({ customerId, ...detail });
    expect((await steward.post(event)).status).toBe(202);
    await outcome(async () => expect(await steward.read.ticket(event.detail.ticketId)).not.toBeNull());
  };
  await post({});
  expect((await rowOf(customerId))?.email).toBe('***');
  await post({ customerEmail: 'new@customer.example' });
  await post({ customerEmail: 'other@customer.example' });
  expect((await rowOf(customerId))?.email).toBe('new@customer.example');
});
