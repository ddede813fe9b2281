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
