import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import { expect, test, vi } from 'vitest';
import { erasureWorkflowId, RETENTION_WORKFLOW, type RetentionResult } from '../../src/contract.ts';
import type { Hold } from '../../src/domain/erase-facts.ts';
import type { PrivacyPolicy } from '../../src/domain/privacy-policy.ts';
import { reapplyErasures } from '../../src/erasure-reapply.ts';
import { createHoldStore } from '../../src/store/holds.ts';
import { ANN_AND_BOB } from '../support/officers.ts';
import { outcome } from '../support/outcome.ts';
import { useRefusedEntries } from '../support/refuse-entries.ts';
import { envelope, useSteward } from '../support/steward.ts';
import {
  askByForm,
  askFor,
  ended,
  hurried,
  inState,
  knownWithTicket,
  officer,
  over,
  type Person,
  row,
} from './support.ts';

/* What an erasure kept goes in the night after its reason has ended. */

const duty = {
  why: 'Taxes',
  statute: '§ 147 AO',
  exception: 'legalObligation',
  period: 'P1Y',
  from: 'requestReceived',
};
const steward = useSteward({
  privacy: (policy) => ({
    ...hurried(policy),
    approval: 'whenRefused',
    officers: ANN_AND_BOB,
    categories: {
      ...policy.categories,
      contact: { ...policy.categories.contact, keep: [duty] } as PrivacyPolicy['categories']['contact'],
    },
  }),
});
const refuseEntries = useRefusedEntries();

const night = (): Promise<RetentionResult> =>
  steward.temporal.client.workflow.execute(RETENTION_WORKFLOW, {
    workflowId: `retention-test-${randomBytes(4).toString('hex')}`,
    taskQueue: steward.taskQueue,
  });
const holds = () => createHoldStore(steward.composed.databases.as('steward_officer'));

test('a request whose workflow somebody terminated before its proof ends in the night, with its letter and the address', async () => {
  const email = `lost.${randomBytes(4).toString('hex')}@customer.example`;
  const [lost, waiting] = [await askByForm(steward, email), await askByForm(steward, email)];
  for (const { requestId } of [lost, waiting]) {
    await inState(steward, requestId, 'proving');
    await vi.waitFor(() => readFile(letterOf(requestId)), 10_000);
    await steward.owner
      .updateTable('erasures')
      .set({ received_at: new Date(Date.now() - 25 * 3_600_000) })
      .where('id', '=', requestId)
      .execute();
  }
  await steward.temporal.client.workflow.getHandle(erasureWorkflowId(lost.requestId)).terminate('by hand');
  await night();
  const { owner } = steward;
  expect(await row(steward, lost.requestId)).toMatchObject({
    state: 'ended',
    outcome: 'abandoned',
    sealed: Buffer.alloc(0),
  });
  await expect(readFile(letterOf(lost.requestId))).rejects.toMatchObject({ code: 'ENOENT' });
  const key = owner
    .selectFrom('data_keys')
    .select('shredded_at')
    .where('name', '=', `erasure-request/${lost.requestId}`);
  expect((await key.executeTakeFirstOrThrow()).shredded_at).not.toBeNull();
  expect(await row(steward, waiting.requestId)).toMatchObject({ state: 'proving', outcome: null });
});
const letterOf = (requestId: string) => join(steward.stateDir, 'outbox', `${requestId}-code.eml`);

async function partlyErased(person: Person, ...categories: Hold['category'][]) {
  const placed = await Promise.all(
    categories.map((category) =>
      holds().place({ customerId: person.customerId }, { category, why: 'A lawsuit', until: null }, [
        'login/test',
        'officer/ann',
      ]),
    ),
  );
  const requestId = await askFor(steward, { customerId: person.customerId }, 'ann');
  await inState(steward, requestId, 'approving');
  await steward.steward.operateErasure(requestId, 'approve', officer('bob'));
  expect((await over(steward, requestId)).outcome).toBe('partlyErased');
  const lift = async () => {
    for (const [hold] of placed) expect(await holds().lift(hold?.id ?? '', ['login/test', 'officer/ann'])).toBe(true);
  };
  return { requestId, lift };
}
const wordsOf = async (ticketId: string) => {
  const rows = await steward.owner.selectFrom('messages').select('body').where('ticket_id', '=', ticketId).execute();
  return [...new Set(rows.map(({ body }) => body))];
};
const filesOf = async (ticketId: string) => {
  const rows = await steward.owner.selectFrom('deliveries').select('id').where('ticket_id', '=', ticketId).execute();
  const read = rows.map(({ id }) => readFile(join(steward.stateDir, 'outbox', `${id}.eml`), 'utf8').catch(() => null));
  return (await Promise.all(read)).filter((text) => text !== null);
};
const logged = async (requestId: string, action: string) =>
  (
    await steward.owner
      .selectFrom('audit_entries')
      .select(['actor_id', 'after'])
      .where('object', '=', `erasure/${requestId}`)
      .where('action', '=', action)
      .orderBy('id')
      .execute()
  ).map(({ actor_id, after }) => ({ by: actor_id, after }));
/** Every table that speaks of a customer, as text. */
async function rowsThatSay(word: string): Promise<number> {
  const tables = ['customers', 'tickets', 'messages', 'deliveries', 'consents', 'legal_holds', 'data_keys', 'timeline'];
  const counts = tables.map(async (table) => {
    const { rows } = await sql<{ n: number }>`select count(*)::integer as n from ${sql.table(table)} x
      where position(${word} in x::text) > 0`.execute(steward.owner);
    return rows[0]?.n ?? 0;
  });
  return (await Promise.all(counts)).reduce((sum, n) => sum + n, 0);
}
const yearsAgo = (requestId: string) =>
  steward.owner
    .updateTable('erasures')
    .set({ received_at: new Date(Date.now() - 3 * 366 * 86_400_000) })
    .where('id', '=', requestId)
    .execute();

test('while it is held nothing is touched; once the hold is lifted, words, files and rows go, told once', async () => {
  const person = await knownWithTicket(steward);
  const { requestId, lift } = await partlyErased(person, 'conversations');
  const [words, files] = [await wordsOf(person.ticketId), await filesOf(person.ticketId)];
  expect(files).not.toEqual([]);
  expect((await row(steward, requestId)).still_kept.sort()).toEqual(['contact', 'conversations']);
  expect((await night()).kept).toMatchObject({ ended: 0, unclear: 0 });
  expect(await wordsOf(person.ticketId)).toEqual(words);
  expect(await filesOf(person.ticketId)).toEqual(files);

  await lift();
  expect((await night()).kept?.ended).toBe(1);
  expect(await wordsOf(person.ticketId)).toEqual(['[erased]']);
  expect(await filesOf(person.ticketId)).toEqual([]);
  expect((await night()).kept?.ended).toBe(0);
  expect(await logged(requestId, 'erasure.endKeptIntent')).toHaveLength(1);
  // Of four nights, those that found something new.
  const contact = {
    category: 'contact',
    why: 'Taxes',
    statute: 'Art. 17(3)(b) GDPR, § 147 AO',
    until: expect.any(String),
  };
  const held = { category: 'conversations', why: 'held by law', statute: 'Art. 17(3)(e) GDPR', until: null };
  const reviews = (await logged(requestId, 'erasure.keptReviewed')).map(({ after }) => after);
  expect(reviews).toEqual([
    { state: 'decided', kept: [contact, held] },
    { state: 'decided', kept: [contact] },
  ]);
  expect(await logged(requestId, 'erasure.keptEnded')).toEqual([
    { by: expect.stringMatching(/^retention-test-/), after: { category: 'conversations', how: 'erased' } },
  ]);
  const after = await row(steward, requestId);
  expect(after.still_kept).toEqual(['contact']);
  expect(after.kept_ended).toMatchObject([{ category: 'conversations', how: 'erased', at: expect.any(String) }]);
  const lines = (await steward.composed.deps.erasure.ledger.read()).filter((entry) => entry.requestId === requestId);
  expect(lines.at(-1)?.kept.map(({ category }) => category)).not.toContain('conversations');
});

test('a duty whose date has passed keeps the address no longer; name and id go with the hold on them', async () => {
  const person = await knownWithTicket(steward);
  const { requestId, lift } = await partlyErased(person, 'identity');
  expect(await rowsThatSay(person.email)).toBe(1);
  await yearsAgo(requestId);
  expect((await night()).kept?.ended).toBe(1);
  expect(await rowsThatSay(person.email)).toBe(0);
  expect(await rowsThatSay(person.customerId)).toBeGreaterThan(0);
  await lift();
  expect((await night()).kept?.ended).toBe(1);
  expect(await rowsThatSay(person.customerId)).toBe(0);
  expect(await rowsThatSay('Ada Lovelace')).toBe(0);
  expect((await row(steward, requestId)).still_kept).toEqual([]);
});

test('an error in the decision keeps everything, and is seen', async () => {
  const person = await knownWithTicket(steward);
  const { requestId, lift } = await partlyErased(person, 'conversations');
  const words = await wordsOf(person.ticketId);
  await lift();
  const { store } = steward.composed.deps.erasure;
  const { decisionFacts } = store;
  Object.assign(store, {
    decisionFacts: async (...args: Parameters<typeof decisionFacts>) => ({
      ...(await decisionFacts(...args)),
      holds: [{}],
    }),
  });
  try {
    const { kept } = await night();
    expect(kept?.ended).toBe(0);
    expect(kept?.unclear).toBeGreaterThan(0);
    expect((await logged(requestId, 'erasure.keptReviewed')).at(-1)?.after).toEqual({ state: 'unclear' });
    const nights = await steward.owner
      .selectFrom('audit_entries')
      .select(['object', 'after'])
      .where('action', '=', 'retention.keptReviewed')
      .orderBy('id', 'desc')
      .execute();
    expect(nights[0]).toMatchObject({ object: 'retention', after: { ended: 0, unclear: kept?.unclear } });
    expect(nights[0]?.after).not.toHaveProperty('fault');
  } finally {
    Object.assign(store, { decisionFacts });
  }
  expect(await wordsOf(person.ticketId)).toEqual(words);
  expect(await logged(requestId, 'erasure.endKeptIntent')).toEqual([]);
});

test('nothing goes before the log says that it will', async () => {
  const person = await knownWithTicket(steward);
  const { lift } = await partlyErased(person, 'conversations');
  const words = await wordsOf(person.ticketId);
  await lift();
  const { allow, tries } = await refuseEntries(steward.owner, 'erasure.endKeptIntent');
  const running = night();
  await outcome(async () => expect(await tries()).toBeGreaterThanOrEqual(1));
  expect(await wordsOf(person.ticketId)).toEqual(words);
  await allow();
  await running;
  expect(await wordsOf(person.ticketId)).toEqual(['[erased]']);
});

test('what was stopped before it could be written down is finished by the next try, and told once', async () => {
  const person = await knownWithTicket(steward);
  const { requestId, lift } = await partlyErased(person, 'conversations');
  await lift();
  const { allow, tries } = await refuseEntries(steward.owner, 'erasure.keptEnded');
  const running = night();
  await outcome(async () => expect(await tries()).toBeGreaterThanOrEqual(1));
  expect(await wordsOf(person.ticketId)).toEqual(['[erased]']);
  expect((await row(steward, requestId)).still_kept).toContain('conversations');
  await allow();
  await running;
  expect((await row(steward, requestId)).still_kept).not.toContain('conversations');
  expect(await logged(requestId, 'erasure.keptEnded')).toHaveLength(1);
});

test('what fails for one request does not keep the data of the others, and is tried again', async () => {
  const made = [];
  for (const person of [await knownWithTicket(steward), await knownWithTicket(steward)]) {
    const { requestId, lift } = await partlyErased(person, 'conversations');
    await lift();
    made.push({ requestId, ticketId: person.ticketId });
  }
  // The one whose turn comes first.
  const [broken, sound] = made.sort((one, other) => (one.requestId < other.requestId ? -1 : 1));
  if (!broken || !sound) throw new Error('there are two');
  const words = await wordsOf(broken.ticketId);
  await sql`create function refuse_words() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$`.execute(
    steward.owner,
  );
  await sql`create trigger refuse_words before update on messages for each row
    when (new.ticket_id = ${sql.lit(broken.ticketId)}) execute function refuse_words()`.execute(steward.owner);
  const running = night();
  await outcome(async () => expect(await wordsOf(sound.ticketId)).toEqual(['[erased]']));
  expect(await wordsOf(broken.ticketId)).toEqual(words);
  await sql`drop function refuse_words() cascade`.execute(steward.owner);
  await running;
  expect(await wordsOf(broken.ticketId)).toEqual(['[erased]']);
  expect(await logged(sound.requestId, 'erasure.keptEnded')).toHaveLength(1);
});

test('who came back keeps their row and new words; the old words go', async () => {
  const person = await knownWithTicket(steward);
  const { requestId, lift } = await partlyErased(person, 'identity', 'conversations');
  const next = envelope({ customerId: person.customerId, customerEmail: person.email, message: 'Here I am again' });
  expect((await steward.post(next)).status).toBe(202);
  await outcome(async () => expect(await wordsOf(next.detail.ticketId)).toContain('Here I am again'));
  await lift();
  await night();
  expect(await wordsOf(person.ticketId)).toEqual(['[erased]']);
  expect(await wordsOf(next.detail.ticketId)).toContain('Here I am again');
  expect(await rowsThatSay(person.customerId)).toBeGreaterThan(0);
  expect(await logged(requestId, 'erasure.keptEnded')).toMatchObject([
    { after: { category: 'identity', how: 'cameBack' } },
    { after: { category: 'conversations', how: 'erased' } },
  ]);
});

test('while another request of the person is open nothing goes; refused, it gives the row back', async () => {
  const person = await knownWithTicket(steward);
  const { requestId, lift } = await partlyErased(person, 'identity');
  const other = await askFor(steward, { customerId: person.customerId }, 'ann');
  await inState(steward, other, 'approving');
  await lift();
  await night();
  expect(await rowsThatSay(person.customerId)).toBeGreaterThan(0);
  expect((await logged(requestId, 'erasure.keptReviewed')).at(-1)?.after).toEqual({ state: 'anotherRequest' });
  await steward.steward.operateErasure(other, 'refuse', { ...officer('bob'), reason: 'asked twice' });
  await ended(steward, other);
  expect((await night()).kept?.ended).toBe(1);
  expect(await rowsThatSay(person.customerId)).toBe(0);
  expect((await row(steward, requestId)).still_kept).toEqual(['contact']);
});

test('a restored database that still keeps what has ended loses it again, though it holds it', async () => {
  const person = await knownWithTicket(steward);
  const { requestId, lift } = await partlyErased(person, 'conversations');
  const { owner } = steward;
  const before = await row(steward, requestId);
  const messages = await owner.selectFrom('messages').selectAll().where('ticket_id', '=', person.ticketId).execute();
  await lift();
  await night();
  expect(await wordsOf(person.ticketId)).toEqual(['[erased]']);
  // The rows as a backup from between has them: neither the lifting nor the end is known.
  const { body, subject } = messages[0] ?? { body: '', subject: null };
  await owner.updateTable('messages').set({ body, subject }).where('ticket_id', '=', person.ticketId).execute();
  const { still_kept } = before;
  const kept = { still_kept, kept_ended: sql<never>`'[]'::jsonb` };
  await owner.updateTable('erasures').set(kept).where('id', '=', requestId).execute();
  const ref = before.subject_ref ?? '';
  await owner
    .updateTable('legal_holds')
    .set({ lifted_at: null, lifted_by: null })
    .where('customer_id', '=', ref)
    .execute();

  const { erasure } = steward.composed.deps;
  const done = await reapplyErasures({
    erasure,
    keys: erasure.keys,
    deleteHistory: async () => {},
    tasks: { ofFlows: async () => [], callOff: async () => {} },
    by: { kind: 'system', id: 'restore' },
    isRunning: async () => false,
  });
  expect(done.map((one) => one.requestId)).toEqual([requestId]);
  expect(await wordsOf(person.ticketId)).toEqual(['[erased]']);
  expect((await row(steward, requestId)).still_kept).toEqual(['contact']);
});

test('the person’s page tells what is kept no longer as erased', async () => {
  const person = await knownWithTicket(steward);
  const { requestId, lift } = await partlyErased(person, 'conversations');
  const { erasure } = steward.composed.deps;
  const words = erasure.policy.categories.conversations.description;
  const lists = async () => {
    const page = await (await steward.app.request(erasure.pageOf(requestId))).text();
    return page.split('<h2 id="').slice(1, 3);
  };
  expect((await lists()).map((list) => list.includes(words))).toEqual([false, true]);
  await lift();
  await night();
  expect((await lists()).map((list) => list.includes(words))).toEqual([true, false]);
});
