import { expect, test } from 'vitest';
import { createHoldStore } from '../../src/store/holds.ts';
import { ANN_AND_BOB } from '../support/officers.ts';
import { outcome } from '../support/outcome.ts';
import { useProviders } from '../support/providers.ts';
import { envelope, useSteward } from '../support/steward.ts';
import {
  addCustomer,
  askByForm,
  askFor,
  ended,
  hurried,
  inState,
  knownWithTicket,
  officer,
  provedByCode,
} from './support.ts';

/* Whoever has no address (any more) can't be told, and is erased all the same. */

const providers = useProviders();
const steward = useSteward({
  settings: () => providers.settings('ses', 'slack'),
  privacy: (policy) => ({
    ...hurried(policy),
    approval: 'never',
    officers: ANN_AND_BOB,
  }),
});

const stepsOf = (requestId: string) =>
  steward.owner.selectFrom('erasure_steps').selectAll().where('erasure_id', '=', requestId).execute();

/** A further ticket of theirs, once people were told of it. */
async function knownWithTicketOf(customerId: string) {
  const { detail, ...event } = envelope({ customerId });
  expect((await steward.post({ ...event, detail })).status).toBe(202);
  await outcome(async () => {
    const sent = await steward.read.deliveries(detail.ticketId);
    expect(sent.filter(({ recipient }) => recipient.kind === 'customer')).toHaveLength(1);
  });
  return detail;
}

test('a code that its address does not take is not sent: the officers read why', async () => {
  const { email } = await addCustomer(steward);
  providers.aws.rejected.add(email);
  const { requestId } = await askByForm(steward, email);
  await outcome(async () => {
    const step = (await stepsOf(requestId)).find(({ step }) => step === 'sendCode');
    expect(step?.receipt).toEqual({ mails: 0, why: expect.stringMatching(/^not sent: \S+/) });
  });
  expect(JSON.stringify(await stepsOf(requestId))).not.toContain(email);
});

test('a mask is no address: who asks again by id, their address erased, is erased and not written to', async () => {
  const person = await knownWithTicket(steward);
  const holds = createHoldStore(steward.composed.databases.as('steward_officer'));
  await holds.place({ customerId: person.customerId }, { category: 'identity', why: 'A lawsuit', until: null }, [
    'login/test',
    'officer/ann',
  ]);
  const first = await provedByCode(steward, providers, person.email);
  expect((await ended(steward, first.requestId)).outcome).toBe('partlyErased');
  // Their mail was sent: no receipt says otherwise.
  expect((await stepsOf(first.requestId)).map(({ step }) => step)).not.toContain('tellPerson');

  // Nor is it one for an answer to a ticket: the ledger says that it was not sent, and why.
  const { ticketId } = await knownWithTicketOf(person.customerId);
  const sent = await steward.read.deliveries(ticketId);
  expect(sent.filter(({ recipient }) => recipient.kind === 'customer')).toMatchObject([
    { status: 'suppressed', reason: 'no address known' },
  ]);

  const again = await askFor(steward, { customerId: person.customerId }, 'ann');
  await inState(steward, again, 'approving');
  await steward.steward.operateErasure(again, 'approve', officer('bob'));
  expect((await ended(steward, again)).outcome).toBe('partlyErased');
  expect((await stepsOf(again)).find(({ step }) => step === 'tellPerson')?.receipt).toEqual({
    mails: 0,
    why: 'no address is known',
  });
  expect(providers.aws.mails.filter(({ raw }) => raw.includes(`X-Delivery-ID: ${again}-outcome`))).toEqual([]);
});
