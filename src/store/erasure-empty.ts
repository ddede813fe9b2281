import { type RawBuilder, sql } from 'kysely';
import type { ErasureStore } from '../deps-erasure-store.ts';
import type { Store } from '../domain/erase.ts';
import { ERASED, MASK } from '../domain/personal-data.ts';
import { CHANGED, insertAuditFrom } from './audit.ts';
import type { Database } from './database.ts';
import { said } from './erasure-audit.ts';
import { KEY_SHREDDED } from './erasure-kept.ts';
import { slackOf } from './erasure-slack.ts';
import { knownBy } from './people.ts';
import { RUN_FILES } from './run-messages.ts';

type Emptier = Pick<ErasureStore, 'emptyStore' | 'outboxDeliveries' | 'leftToTell' | 'forgetSlack'>;
type Batch = (id: string, keep: ReadonlySet<string>, limit: number) => Promise<number>;

/** Empties the stores, a batch of rows in each transaction. Which column, and why, says domain/personal-data.ts. */
export function createEmptier(db: Database): Emptier {
  const batches: Record<Exclude<Store, 'outbox'>, Batch> = {
    messages: async (id, keep, limit) =>
      keep.has('conversations') ? 0 : (await dropParkedMails(db, id)) + (await emptyMessages(db, id, limit)),
    deliveries: async (id, keep, limit) =>
      keep.has('deliveries') ? 0 : (await emptyDeliveries(db, id, limit)) + (await emptyRunMessages(db, id, limit)),
    customers: async (id, keep, limit) =>
      (await emptyConsents(db, id, keep, limit)) +
      (await closeForGood(db, id, keep, limit)) +
      (await renameCustomers(db, id, keep, limit)),
  };
  return {
    async emptyStore(id, store, keep, limit) {
      if (store === 'outbox') return { rows: 0, left: false };
      const rows = await batches[store](id, keep, limit);
      return { rows, left: rows > 0 };
    },

    async outboxDeliveries(id) {
      const { rows } = await sql<{
        id: string;
        recipient_kind: string;
      }>`select d.id::text as id, d.recipient_kind from customers c join tickets t on t.customer_id = c.id
        join deliveries d on d.ticket_id = t.id where c.erasure_id = ${id} and d.transport = 'outbox' and ${OF_ERASURE(id)}
        union all select ${RUN_FILES}::text || m.id, m.recipient_kind from (${OF_RUNS(id)}) r
        join run_messages m on m.workflow_id = r.name where m.transport = 'outbox'`.execute(db);
      return rows.map((row) => ({ deliveryId: row.id, toPerson: row.recipient_kind === 'customer' }));
    },

    async leftToTell(id) {
      const { ids, names, emails, phones } = await knownBy(db, sql`erasure_id = ${id}`);
      const slack = await slackOf(db, OF_PERSON(id), OF_RUNS(id));
      return { customerIds: ids, emails, phones, name: names[0] ?? null, ...slack };
    },

    async forgetSlack(id) {
      const table = (name: string, rows: RawBuilder<unknown>) =>
        counted(
          db,
          id,
          { store: 'deliveries', table: name },
          sql`update ${sql.table(name === 'runMessages' ? 'run_messages' : name)} d set provider_message_id = null
            from (${rows}) as theirs where d.id = theirs.id and d.transport = 'slack' and d.provider_message_id is not null returning 1`,
        );
      await table('deliveries', sql`select d.id from (${OF_PERSON(id)}) t join deliveries d on d.ticket_id = t.id`);
      await table(
        'runMessages',
        sql`select d.id from (${OF_RUNS(id)}) r join run_messages d on d.workflow_id = r.name`,
      );
    },
  };
}

/** Its row `d` leads to words in Slack, which are kept: by it they are taken away there when the reason has ended. */
const STAYS = (id: string) => sql`(d.transport = 'slack' and (select case when e.ended_at is not null
    then 'conversations' = any(e.still_kept) else e.decision->'categories' @> '[{"category": "conversations", "verdict": "keep"}]' end
  from erasures e where e.id = ${id}) is true)`;

/**
 * Once the erasure has shredded the keys of all the person's tickets, one whose key is not shredded is of somebody who came back: no part of
 * it.
 */
const OF_ERASURE = (id: string) =>
  sql`((select e.erased_at is null from erasures e where e.id = ${id}) or ${KEY_SHREDDED})`;

/** Rows of a table that belong to the person's tickets. */
const OF_PERSON = (id: string) =>
  sql`select t.id from customers c join tickets t on t.customer_id = c.id where c.erasure_id = ${id} and ${OF_ERASURE(id)}`;

/** Workflows whose keys are the person's: of the erasure, unless somebody who came back began them. */
const OF_RUNS = (id: string) => sql`select k.name from customers c join data_keys k on k.subject_id = c.id
  where c.erasure_id = ${id} and ((select e.erased_at is null from erasures e where e.id = ${id}) or k.shredded_at is not null)`;

/** Mails that were not taken and bear the person's address; one of after the freeze they brought themselves. */
async function dropParkedMails(db: Database, id: string): Promise<number> {
  return counted(
    db,
    id,
    { store: 'messages', table: 'parked_mails' },
    sql`delete from parked_mails p using customers c where c.erasure_id = ${id} and c.erased_at is null and c.email is not null
      and (p.sender = lower(c.email) or position(lower(c.email) in lower(p.mail)) > 0)
      and p.at <= coalesce(c.frozen_at, now()) returning 1`,
  );
}

async function emptyMessages(db: Database, id: string, limit: number): Promise<number> {
  return counted(
    db,
    id,
    { store: 'messages', table: 'messages' },
    sql`
    update messages m set body = ${ERASED}, subject = case when m.subject is null then null else ${ERASED} end, mail_id = null, new_words = null
    from (select m.id from (${OF_PERSON(id)}) t join messages m on m.ticket_id = t.id
      where m.body <> ${ERASED} or m.subject <> ${ERASED} or m.mail_id is not null or m.new_words is not null limit ${limit}) as batch
    where m.id = batch.id returning 1`,
  );
}

/** A provider's id of a message leads to its text there. Reasons are labels of ours; facts may name what the answer was about. */
async function emptyDeliveries(db: Database, id: string, limit: number): Promise<number> {
  return counted(
    db,
    id,
    { store: 'deliveries', table: 'deliveries' },
    sql`
    update deliveries d set provider_message_id = case when ${STAYS(id)} then d.provider_message_id end, facts = '{}'
    from (select d.id from (${OF_PERSON(id)}) t join deliveries d on d.ticket_id = t.id
      where (d.provider_message_id is not null and not ${STAYS(id)}) or d.facts <> '{}' limit ${limit}) as batch
    where d.id = batch.id returning 1`,
  );
}

/** The same of what runs of flows told about them. */
async function emptyRunMessages(db: Database, id: string, limit: number): Promise<number> {
  return counted(
    db,
    id,
    { store: 'deliveries', table: 'runMessages' },
    sql`
    update run_messages m set provider_message_id = null
    from (select d.id from (${OF_RUNS(id)}) r join run_messages d on d.workflow_id = r.name
      where d.provider_message_id is not null and not ${STAYS(id)} limit ${limit}) as batch
    where m.id = batch.id returning 1`,
  );
}

/** Their words are gone: retention need not come for them any more. */
async function closeForGood(db: Database, id: string, keep: ReadonlySet<string>, limit: number): Promise<number> {
  if (keep.has('conversations')) return 0;
  return counted(
    db,
    id,
    { store: 'customers', table: 'ticketsClosed' },
    sql`update tickets set emptied_at = now() from (select t.id from customers c join tickets t on t.customer_id = c.id
      where c.erasure_id = ${id} and t.emptied_at is null and ${OF_ERASURE(id)} limit ${limit}) as batch where tickets.id = batch.id returning 1`,
  );
}

/** What leads to the proof of a consent goes; of one person's several words on a purpose the last one stays, as the history has them all. */
async function emptyConsents(db: Database, id: string, keep: ReadonlySet<string>, limit: number): Promise<number> {
  const ofPerson = sql`(select c.id from customers c where c.erasure_id = ${id})`;
  const older = await counted(
    db,
    id,
    { store: 'customers', table: 'consents' },
    sql`delete from consents x using consents y where x.customer_id in ${ofPerson} and y.customer_id in ${ofPerson}
      and x.purpose = y.purpose and (x.at, x.customer_id) < (y.at, y.customer_id) returning 1`,
  );
  if (keep.has('consents')) return older;
  const forget = (table: string) =>
    counted(
      db,
      id,
      { store: 'customers', table },
      sql`update ${sql.table(table)} x set evidence = null
      from (select x.ctid as at from ${sql.table(table)} x where x.customer_id in ${ofPerson} and x.evidence is not null limit ${limit}) as batch
      where x.ctid = batch.at returning 1`,
    );
  return older + (await forget('consents')) + (await forget('consent_history'));
}

/**
 * The person's rows become one row with a random name. Their tickets move there in batches, the old rows go last: whatever is killed in
 * between, both are the person's, and the next run goes on.
 */
async function renameCustomers(db: Database, id: string, keep: ReadonlySet<string>, limit: number): Promise<number> {
  if (keep.has('identity')) return keep.has('contact') ? 0 : maskContact(db, id);
  const contact = (column: string) => (keep.has('contact') ? sql`min(c.${sql.ref(column)})` : sql`${MASK}::text`);
  await sql`insert into customers (id, name, email, phone, tier, known_from, created_at, erasure_id, frozen_at, erased_at)
    select e.subject_ref, ${MASK}, ${contact('email')}, ${contact('phone')}, max(c.tier), min(c.known_from),
      min(c.created_at), e.id, min(c.frozen_at), now()
    from erasures e join customers c on c.erasure_id = e.id where e.id = ${id} and c.erased_at is null
    group by e.id having count(*) > 0 on conflict (id) do nothing`.execute(db);
  const old = sql`select c.id from customers c where c.erasure_id = ${id} and c.erased_at is null`;
  const ref = sql`(select subject_ref from erasures where id = ${id})`;
  const move = (table: string, column: string, condition: RawBuilder<unknown> = sql`true`) =>
    counted(
      db,
      id,
      { store: 'customers', table },
      sql`update ${sql.table(table)} x set ${sql.ref(column)} = ${ref}
      from (select x.ctid as at from ${sql.table(table)} x where ${sql.ref(`x.${column}`)} in (${old}) and ${condition} limit ${limit}) as batch
      where x.ctid = batch.at returning 1`,
    );
  // Whom no mail goes to is nobody any more.
  await counted(
    db,
    id,
    { store: 'customers', table: 'suppressions' },
    sql`delete from suppressions where customer_id in (${old}) returning 1`,
  );
  const moved =
    (await move('messages', 'author_id', sql`x.author = 'customer'`)) +
    (await move('deliveries', 'recipient_id', sql`x.recipient_kind = 'customer'`)) +
    (await move('run_messages', 'recipient_id', sql`x.recipient_kind = 'customer'`)) +
    (await move('consents', 'customer_id')) +
    (await move('consent_history', 'customer_id')) +
    (await move('legal_holds', 'customer_id')) +
    (await move('data_keys', 'subject_id')) +
    (await move('tickets', 'customer_id'));
  if (moved > 0) return moved;
  return counted(
    db,
    id,
    { store: 'customers', table: 'customers' },
    sql`delete from customers c where c.erasure_id = ${id} and c.erased_at is null returning 1`,
  );
}

async function maskContact(db: Database, id: string): Promise<number> {
  return counted(
    db,
    id,
    { store: 'customers', table: 'customers' },
    sql`update customers set email = ${MASK}, phone = ${MASK}
    where erasure_id = ${id} and (email <> ${MASK} or phone is distinct from ${MASK}) returning 1`,
  );
}

/** Runs one change, and says in the audit log how many rows of which table it was, by another name where the same rows are changed again. */
async function counted(
  db: Database,
  id: string,
  { store, table }: { readonly store: Store; readonly table: string },
  change: RawBuilder<unknown>,
): Promise<number> {
  const { actor, action, object } = said(id, 'emptied');
  const { rows } = await sql<{ count: number }>`with changed as (${change}),
    logged as (${insertAuditFrom(
      action,
      sql`${actor.kind}::text, ${actor.id}::text, ${object}::text, null::text, null::jsonb,
      jsonb_build_object('store', ${store}::text, ${table}::text, (select count(*) from changed)) where ${CHANGED}`,
    )})
    select count(*)::integer as count from changed`.execute(db);
  return rows[0]?.count ?? 0;
}
