import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { useProviders } from '../support/providers.ts';
import { envelope, useSteward } from '../support/steward.ts';
import { ended, hurried, knownWithTicket, provedByCode, row } from './support.ts';

/* Words need not name whose they are: what an erasure did not empty is found by whose row it is. */

const providers = useProviders();
const steward = useSteward({ settings: () => providers.settings('ses', 'slack'), privacy: hurried });

/** From now on the database changes no row of this table in which this is so, and says nothing of it: as an erasure that misses them. */
async function unchangeable(table: string, condition: string): Promise<void> {
  await sql
    .raw(
      `create function stays_${table}() returns trigger language plpgsql as $$ begin return null; end $$;
      create trigger stays_${table} before update on ${table} for each row when (${condition}) execute function stays_${table}()`,
    )
    .execute(steward.owner);
}

function erased(requestId: string) {
  const at = async () => (await row(steward, requestId)).erased_at;
  return expect.poll(at, { timeout: 20_000 }).toBeTruthy();
}

async function findingsOf(requestId: string) {
  return steward.owner
    .selectFrom('erasure_findings')
    .select(['look', 'place', 'kind'])
    .where('erasure_id', '=', requestId)
    .orderBy('look')
    .orderBy('place')
    .execute();
}

test('words that were not emptied are found at both looks, though nothing in them is an address, a number or an id', {
  timeout: 60_000,
}, async () => {
  const { email, ticketId, customerId } = await knownWithTicket(steward);
  await sql`update messages set body = 'I, Quirin Zappelbein, have diabetes.' where ticket_id = ${ticketId} and author = 'customer'`.execute(
    steward.owner,
  );
  await sql`insert into consent_history (customer_id, purpose, status, at, source, evidence)
    values (${customerId}, 'newsletter', 'granted', now(), 'test', 'a form')`.execute(steward.owner);
  await unchangeable('messages', `old.body like '%Zappelbein%'`);
  await unchangeable('deliveries', `old.ticket_id = '${ticketId}' and new.provider_message_id is null`);
  const { requestId } = await provedByCode(steward, providers, email);
  await ended(steward, requestId);

  const left = (await findingsOf(requestId)).filter(({ kind }) => kind === 'notEmptied');
  const places = ['deliveries.facts', 'deliveries.provider_message_id', 'messages.body', 'messages.subject'];
  expect(left).toEqual(
    ['atOnce', 'later'].flatMap((look) => places.map((place) => ({ look, place, kind: 'notEmptied' }))),
  );
  const { receipt } = await steward.owner
    .selectFrom('erasure_steps')
    .select('receipt')
    .where('erasure_id', '=', requestId)
    .where('step', '=', 'lookAtOnce')
    .executeTakeFirstOrThrow();
  expect(receipt).toMatchObject({
    places: expect.arrayContaining([{ store: 'postgres', place: 'messages.body', kind: 'notEmptied', count: 1 }]),
  });
});

test('a score of many digits is found: with it, who has the words can tell that they are these', {
  timeout: 60_000,
}, async () => {
  const { email, ticketId } = await knownWithTicket(steward);
  const { requestId } = await provedByCode(steward, providers, email);
  await erased(requestId);
  await sql`update tickets set facts = facts || '{"sentiment": {"scores": {"MIXED": 0.9876543211}}}' where id = ${ticketId}`.execute(
    steward.owner,
  );
  await ended(steward, requestId);
  const left = (await findingsOf(requestId)).filter(({ look }) => look === 'later');
  expect(left).toEqual([{ look: 'later', place: 'tickets.facts', kind: 'notEmptied' }]);
});

test('where everything is emptied nothing is found, nor what the person writes after they came back', {
  timeout: 60_000,
}, async () => {
  const { email, customerId } = await knownWithTicket(steward);
  const { requestId } = await provedByCode(steward, providers, email);
  await erased(requestId);
  expect((await steward.post(envelope({ customerEmail: email, customerId }))).status).toBe(202);
  await ended(steward, requestId);
  expect(await findingsOf(requestId)).toEqual([]);
});
