import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { PERSONAL_DATA } from '../../src/domain/personal-data.ts';
import { heldOf } from '../../src/store/erasure-preview.ts';
import { outcome } from '../support/outcome.ts';
import { useProviders } from '../support/providers.ts';
import { envelope, useSteward } from '../support/steward.ts';
import { askByForm, codeOf, ended, hurried, post } from './support.ts';

const providers = useProviders();
const steward = useSteward({
  settings: () => providers.settings('ses', 'slack'),
  privacy: (policy) => ({ ...hurried(policy), purposes: { ...policy.purposes, newsletter: 'our newsletter' } }),
});

const MARK = `mark${Date.now().toString(36)}`;
const EMAIL = `${MARK}.mail@customer.example`;
const PHONE = '+49 30 9876543210';

/** Two rows of one person, and a mark of them in every column that can hold one. */
async function seed(): Promise<{ ids: string[]; tickets: string[] }> {
  const db = steward.owner;
  const events = [EMAIL, EMAIL.toUpperCase()].map((customerEmail, i) =>
    envelope({
      customerId: `CUST-${MARK}-${i}`,
      customerEmail,
      customerName: `${MARK} Lovelace`,
      customerPhone: PHONE,
      subject: `${MARK} subject`,
      message: `I am ${MARK}, and I can't log in.`,
      mail: { messageId: `<${i}@${MARK}.example>`, newWords: `I am ${MARK}.` },
    }),
  );
  for (const event of events) expect((await steward.post(event)).status).toBe(202);
  const tickets = events.map(({ detail }) => detail.ticketId);
  const ids = events.map(({ detail }) => detail.customerId);
  await outcome(async () => {
    const { rows } = await sql<{ n: number }>`select count(*)::integer as n from deliveries
      where ticket_id = any(${tickets}::text[]) and status = 'sent'`.execute(db);
    expect(rows[0]?.n).toBe(4);
  });
  for (const [i, id] of ids.entries()) {
    await sql`insert into consents (customer_id, purpose, status, at, source, evidence)
      values (${id}, 'newsletter', ${i === 0 ? 'granted' : 'withdrawn'}, ${new Date(1_700_000_000_000 + i)}, 'test', ${`form of ${MARK}`})`.execute(
      db,
    );
    await sql`insert into consent_history (customer_id, purpose, status, at, source, evidence)
      select customer_id, purpose, status, at, source, evidence from consents where customer_id = ${id}`.execute(db);
    await sql`insert into legal_holds (id, customer_id, category, why, placed_by, lifted_by, lifted_at)
      values (${`HOLD-${MARK.length}-${i}`}, ${id}, 'all', 'a lawsuit that is over', 'privacy', 'privacy', now())`.execute(
      db,
    );
    // One is from the person, the other speaks of them.
    const mail = `From: ${i === 0 ? EMAIL : 'bo@customer.example'}\r\nTo: ${EMAIL.toUpperCase()}\r\n\r\n${MARK}`;
    await sql`insert into parked_mails (id, reason, sender, mail, provider_id)
      values (${`PM-${i}`}, 'spam', ${i === 0 ? EMAIL : 'bo@customer.example'}, ${mail}, ${`${MARK}-${i}`})`.execute(
      db,
    );
    await sql`insert into suppressions (customer_id, reason) values (${id}, 'bounced')`.execute(db);
    await sql`insert into data_keys (name, subject_id) values (${`flow-seed-${i}`}, ${id})`.execute(db);
    await sql`insert into run_messages (workflow_id, first_run_id, occasion, recipient_kind, recipient_id, channel, transport, status, provider_message_id)
      values (${`flow-seed-${i}`}, 'first', 'Tell#1', 'customer', ${id}, 'mail', 'ses', 'sent', ${`${i}.${MARK}`})`.execute(
      db,
    );
    await sql`update deliveries set facts = ${JSON.stringify({ article: `about ${MARK}` })}::jsonb
      where ticket_id = ${tickets[i]}`.execute(db);
  }
  return { ids, tickets };
}

/** Columns in which the mark, the address or the number stands, as `table.column`. */
async function marked(): Promise<string[]> {
  const found: string[] = [];
  for (const { table, column } of PERSONAL_DATA) {
    const { rows } = await sql`select 1 from ${sql.table(table)} x
      where x.${sql.ref(column)}::text ilike ${`%${MARK}%`} or x.${sql.ref(column)}::text like ${`%${PHONE}%`} limit 1`.execute(
      steward.owner,
    );
    if (rows.length > 0) found.push(`${table}.${column}`);
  }
  return found.sort();
}

test('every column that the register marks erase or pseudonymise is changed, and no other holds a mark', {
  timeout: 120_000,
}, async () => {
  const db = steward.owner;
  const { ids, tickets } = await seed();
  const before = await marked();
  const planned = PERSONAL_DATA.filter(({ verdict }) => verdict !== 'keep').map((one) => `${one.table}.${one.column}`);
  // What the register keeps holds no mark even while the person is known.
  expect(before.filter((place) => !planned.includes(place))).toEqual([]);
  // And the seed reaches whatever can hold one: the others are sealed, keyed or hashed from the start, or a provider's id.
  const closed = [
    'data_keys.kek_id',
    'data_keys.named_as',
    'data_keys.wrapped',
    'deliveries.provider_message_id',
    'erasure_assertions.digest',
    'erasure_recipients.notice',
    'erasures.code_digest',
    'erasures.particulars',
    'erasures.sealed',
    'parked_batches.given',
    'request_limits.bucket',
  ];
  expect(before).toEqual(planned.filter((place) => !closed.includes(place)).sort());

  const { held, ...whose } = await heldOf(db, steward.composed.deps.erasure.subjectDigests, { email: EMAIL });
  expect([[...whose.customerIds].sort(), [...whose.ticketIds].sort()]).toEqual([ids, [...tickets].sort()]);
  const counted = Object.fromEntries(held.map(({ store, category, count }) => [`${store} ${category}`, count]));
  expect(counted).toMatchObject({
    'customers identity': 2,
    'customers contact': 2,
    'messages conversations': await count(sql`messages where ticket_id = any(${tickets}::text[])`),
    'parked_mails conversations': 2,
    'deliveries deliveries': 6,
    'slack conversations': 2,
    'tickets ticketFacts': 2,
    // Two tickets and two runs, of which nothing was ever sealed.
    'temporal conversations': 4,
    'keys conversations': 2,
    'consents consents': 2,
  });

  const messages = await count(sql`messages where ticket_id = any(${tickets}::text[])`);
  const { requestId, path } = await askByForm(steward, EMAIL);
  expect((await post(steward, path, { code: await codeOf(providers, requestId) })).status).toBe(303);
  const row = await ended(steward, requestId);
  expect(row.outcome).toBe('erased');

  // What was done is told in rows per table, in the receipt and in the log alike.
  const receipts = await receiptsOf(requestId);
  expect(receipts).toEqual({
    'erase:messages': { parked_mails: 2, messages: messages },
    'erase:deliveries': { deliveries: 4, runMessages: 2 },
    'erase:outbox': { files: 0, masked: 0 },
    'erase:customers': {
      customers: 2,
      // Each once: closing it for good is counted apart from its new customer.
      tickets: 2,
      ticketsClosed: 2,
      messages,
      deliveries: 2,
      // One of two words on one purpose goes, the other loses its proof and gets another name.
      consents: 3,
      consent_history: 4,
      legal_holds: 2,
      // Of tickets and of runs.
      data_keys: 4,
      run_messages: 2,
      suppressions: 2,
    },
  });
  for (const [step, receipt] of Object.entries(receipts)) expect(await lastLogged(requestId, step)).toEqual(receipt);

  expect(await marked()).toEqual([]);
  expect(await count(sql`parked_mails`)).toBe(0);
  expect(await count(sql`suppressions`)).toBe(0);
  expect(await count(sql`customers where id = any(${ids}::text[])`)).toBe(0);
  expect(
    await count(sql`customers where id = ${row.subject_ref} and email = '***' and name = '***' and phone = '***'`),
  ).toBe(1);
  // Of two words on one purpose the later one stands; the history has both, of nobody.
  expect(await db.selectFrom('consents').select(['customer_id', 'status', 'evidence']).execute()).toEqual([
    { customer_id: row.subject_ref, status: 'withdrawn', evidence: null },
  ]);
  expect(await count(sql`consent_history where customer_id = ${row.subject_ref} and evidence is null`)).toBe(2);
  expect(await count(sql`legal_holds where customer_id = ${row.subject_ref}`)).toBe(2);
  expect(
    await count(sql`deliveries where ticket_id = any(${tickets}::text[]) and provider_message_id is not null`),
  ).toBe(0);
  // Retention has nothing left to do here.
  expect(await count(sql`tickets where id = any(${tickets}::text[]) and emptied_at is null`)).toBe(0);
  expect(
    await count(
      sql`data_keys where name like '%ticket-%' and wrapped is not null and name = any(${tickets.map((id) => `ticket-${id}`)}::text[])`,
    ),
  ).toBe(0);
  expect(row).toMatchObject({ particulars: null, code_digest: null });
  expect(row.sealed).toHaveLength(0);
  expect(
    await count(
      sql`request_limits where bucket = any(${steward.composed.deps.erasure.limitBuckets(EMAIL).map((b) => Buffer.from(b))}::bytea[])`,
    ),
  ).toBe(0);
  expect(await count(sql`erasure_findings`)).toBe(0);
  expect(await filesWith(EMAIL)).toEqual([]);
});

async function count(what: ReturnType<typeof sql>): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*)::integer as n from ${what}`.execute(steward.owner);
  return rows[0]?.n ?? 0;
}

async function receiptsOf(requestId: string): Promise<Record<string, unknown>> {
  const steps = await steward.owner
    .selectFrom('erasure_steps')
    .select(['step', 'receipt'])
    .where('erasure_id', '=', requestId)
    .where('step', 'like', 'erase:%')
    .execute();
  return Object.fromEntries(steps.map(({ step, receipt }) => [step, receipt]));
}

async function lastLogged(requestId: string, step: string): Promise<unknown> {
  const entry = await steward.owner
    .selectFrom('audit_entries')
    .select('after')
    .where('object', '=', `erasure/${requestId}`)
    .where('action', '=', `erasure.${step}`)
    .orderBy('id', 'desc')
    .executeTakeFirstOrThrow();
  return entry.after;
}

async function filesWith(text: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(steward.stateDir, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name);
    if (entry.isFile() && (await readFile(file, 'utf8')).toLowerCase().includes(text.toLowerCase())) found.push(file);
  }
  return found;
}
