/** What the register of personal data claims, tried: a customer whose every field is marked goes through all that writes. */
import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { expect, test, vi } from 'vitest';
import { PERSONAL_DATA } from '../../src/domain/personal-data.ts';
import { retrying, testFile } from '../support/files.ts';
import { envelope, useSteward } from '../support/steward.ts';
import { about, entry, handleOf, PATIENCE, until } from './support.ts';

/** Single words, like labels: nothing but where they stand tells that they are personal. */
const mark = (field: string) => `m${field}${randomBytes(5).toString('hex')}`;
const MARKS = {
  subject: mark('subject'),
  message: mark('message'),
  customerName: mark('name'),
  customerEmail: `${mark('mail')}@customer.example`,
  customerPhone: mark('phone'),
  customerId: mark('id'),
};
const REPLY = mark('reply');

/** Asks for every personal field by a rule, moves one elsewhere, and fails with a customer's words as its cause. */
function nosyFlow(): string {
  const nobody = (Variable: string) => ({ Variable, StringEquals: 'nobody', Next: 'Fail' });
  const fields = Object.keys(MARKS).map((field) => nobody(`$.detail.${field}`));
  return testFile('nosy.asl.json', {
    StartAt: 'Nosy',
    States: {
      Nosy: { Type: 'Choice', Choices: fields, Default: 'Move' },
      Move: { Type: 'Pass', Parameters: { 'label.$': '$.detail.customerId', 'detail.$': '$.detail' }, Next: 'Moved' },
      Moved: { Type: 'Choice', Choices: [nobody('$.label')], Default: 'Welcome' },
      Welcome: {
        Type: 'Task',
        Resource: 'module:sendWelcomeEmail',
        ResultPath: '$.w',
        Retry: retrying(0),
        Next: 'Give',
      },
      Give: { Type: 'Task', Resource: 'module:escalateToAgent', ResultPath: '$.e', Retry: retrying(0), Next: 'Fail' },
      Fail: { Type: 'Fail', Error: 'Nosy', CausePath: '$.detail.message' },
    },
  });
}
const steward = useSteward({ settings: () => ({ STEWARD_FLOW: nosyFlow() }) });

/** Columns that hold one of these, as `table.column`. */
async function holding(marks: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const { table, column } of PERSONAL_DATA) {
    const { rows } = await sql<{ there: boolean }>`select exists (select 1 from ${sql.table(table)}
      where ${sql.ref(column)}::text ilike any (${marks.map((text) => `%${text}%`)}::text[])) as there`.execute(
      steward.owner,
    );
    if (rows[0]?.there) found.push(`${table}.${column}`);
  }
  return found.sort();
}

test('what a customer says and is stands in no column that the register would keep', async () => {
  const event = envelope(MARKS);
  const { ticketId } = event.detail;
  await steward.post(about(ticketId, 'ticket.replied', 'early', { message: `${REPLY} early` }));
  await steward.post(event);
  await entry(steward, ticketId, 'parked');
  await handleOf(steward, ticketId).signal('rated', { score: REPLY });
  await handleOf(steward, ticketId).signal('unheardOf', REPLY);
  await entry(steward, ticketId, 'ignored', 2);
  await steward.steward.operate(ticketId, 'abort', {});
  await steward.steward.tell(ticketId, 'customerReplied', { message: `${REPLY} again`, eventId: 'e1' });
  await steward.steward.reply(ticketId, { agentId: 'ana', message: `Dear ${MARKS.customerName}` });
  await steward.steward.tell(ticketId, 'rated', { score: 5, eventId: 'e2' });
  await steward.steward.resolve(ticketId, { agentId: 'ana' });
  await until(steward, ticketId, { state: 'solved' });
  await vi.waitFor(async () => {
    const sent = (await steward.read.deliveries(ticketId)).filter(({ status }) => status === 'sent');
    expect(sent.map(({ template }) => template)).toEqual(
      expect.arrayContaining(['welcome', 'escalation', 'agent-reply', 'parked']),
    );
  }, PATIENCE);

  expect(await holding([...Object.values(MARKS), REPLY])).toEqual([
    'customers.email',
    'customers.id',
    'customers.name',
    'customers.phone',
    'data_keys.subject_id',
    'deliveries.recipient_id',
    'messages.author_id',
    'messages.body',
    'messages.subject',
    'tickets.customer_id',
  ]);
  const bound = PERSONAL_DATA.filter(({ verdict }) => verdict !== 'keep').map(
    (found) => `${found.table}.${found.column}`,
  );
  expect(bound).toEqual(expect.arrayContaining(await holding(Object.values(MARKS))));
});

test('labels of events that may be an address stand nowhere; what was said under them is taken, once', async () => {
  const event = envelope();
  const { ticketId } = event.detail;
  await steward.post(event);
  await entry(steward, ticketId, 'parked');
  const home = `${mark('label')}.example`;
  const at = (name: string) => ({ eventId: `<${name}@${home}>`, source: `post@${home}` });
  const ticket = handleOf(steward, ticketId);
  for (const message of ['one', 'two', 'one']) await ticket.signal('customerReplied', { message, ...at(message) });
  await ticket.signal('customerReplied', { message: 'of another source', ...at('one'), source: `other@${home}` });
  await ticket.signal('rated', { score: 4, ...at('rating') });
  await ticket.signal('deliveryFailed', { deliveryId: '1', outcome: 'bounced', ...at('bounce') });
  await ticket.signal('strangerReplied', { otherTicketId: 'MAIL-1', ...at('stranger') });
  await ticket.signal('lookAgain', { incidentId: '1', ...at('incident') });
  await ticket.signal('assignmentDue', at('room'));
  await ticket.signal('clicked', { by: 'ana', user: 'U0ANA00001', act: 'claim', round: 99, ...at('click') });
  await ticket.signal('reopened', at('unlawful'));
  const claim = { args: [{ agentId: 'ana' }] as [object], updateId: `claim@${home}` };
  await ticket.executeUpdate('claim', claim);
  await ticket.executeUpdate('claim', claim);

  await entry(steward, ticketId, 'customerReplied', 3);
  await entry(steward, ticketId, 'ignored', 2);
  await entry(steward, ticketId, 'claimed');
  const timeline = await steward.read.timeline(ticketId);
  const taken = timeline.filter(({ kind }) => ['customerReplied', 'rated', 'claimed'].includes(kind));
  expect(taken.map(({ kind }) => kind).sort()).toEqual(['claimed', ...Array(3).fill('customerReplied'), 'rated']);
  for (const { facts } of taken) expect(facts.eventId).toMatch(/^unnamed-[0-9a-f-]{36}$/);
  const messages = steward.owner.selectFrom('messages').select('body').where('ticket_id', '=', ticketId);
  const bodies = (await messages.orderBy('id').execute()).map(({ body }) => body);
  expect(bodies.slice(1)).toEqual(['one', 'two', 'of another source']);
  await outcomeSent(ticketId);
  expect(await holding([home])).toEqual([]);
});

/** Also what is written of messages is written by then. */
function outcomeSent(ticketId: string) {
  return vi.waitFor(async () => {
    const open = (await steward.read.deliveries(ticketId)).filter(({ status }) => status !== 'sent');
    expect(open).toEqual([]);
  }, PATIENCE);
}
