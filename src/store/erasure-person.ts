import { sql } from 'kysely';
import type { ErasureStore, Particulars } from '../deps-erasure-store.ts';
import type { Asked } from '../domain/erase.ts';
import { MASK } from '../domain/personal-data.ts';
import { CHANGED, insertAudit, insertAuditFrom } from './audit.ts';
import { auditedColumns } from './audit-ticket.ts';
import type { Database } from './database.ts';
import { ERASURE, said } from './erasure-audit.ts';
import { slackOf } from './erasure-slack.ts';
import { toJson } from './json.ts';
import { adoptKeys, forgetNames, isSpokenOf, namedLater, takeIn } from './key-subjects.ts';
import { isNamed, knownBy, unmasked } from './people.ts';

type Person = Pick<
  ErasureStore,
  | 'customersOf'
  | 'knownBy'
  | 'takeTurn'
  | 'supersededBy'
  | 'takeOver'
  | 'freeze'
  | 'remember'
  | 'emailsOf'
  | 'openTickets'
  | 'closeTickets'
  | 'namesOf'
  | 'adoptKeys'
  | 'namedLater'
  | 'isSpokenOf'
  | 'takeIn'
  | 'forgetNames'
  | 'workflows'
  | 'release'
>;

/** The person's rows, while they still tell who it is: found, taken for one request, frozen, and free again. */
export function createPerson(db: Database): Person {
  return {
    customersOf: (asked) => customersOf(db, asked).execute(),

    async knownBy(id, asked) {
      const known = await knownBy(db, sql`erasure_id = ${id} or ${isNamed(asked)}`);
      return asked.email === undefined ? known : { ...known, emails: [...known.emails, asked.email] };
    },

    async takeTurn(id, asked) {
      return db.transaction().execute(async (trx) => {
        // In the order of their ids, so that two requests never wait for each other. What an erasure took away meanwhile is not there.
        const found = await customersOf(trx, asked).forUpdate().execute();
        if (found.length === 0) {
          // Their names are gone, and it has begun anew: its workflow was lost on the way.
          const { rows } = await sql<{ found: number }>`
            select count(*)::integer as found from customers where erasure_id = ${id}`.execute(trx);
          return { found: rows[0]?.found ?? 0, behind: null };
        }
        const ids = found.map((customer) => customer.id);
        // Locked: an officer who approves one of them at this moment is before it or after.
        const { rows } = await sql<{ id: string; yields: boolean }>`
          select e.id, e.proved_by = 'officer' and e.state = 'approving' and e.approval is null
              and exists (select 1 from erasures own where own.id = ${id} and own.proved_by <> 'officer')
              and not exists (select 1 from customers c where c.erasure_id = e.id and c.id <> all(${ids}::text[])) as yields
          from erasures e where e.id <> ${id} and e.ended_at is null and e.erased_at is null
            and e.id in (select erasure_id from customers where id = any(${ids}::text[]))
          order by e.id for update`.execute(trx);
        const behind = rows.find(({ yields }) => !yields)?.id ?? null;
        if (behind !== null) return { found: found.length, behind };
        for (const other of rows) {
          await sql`with changed as (update erasures set superseded_by = ${id} where id = ${other.id} returning 1)
            ${insertAudit([said(other.id, 'superseded', { by: id })], CHANGED)}`.execute(trx);
        }
        await take(trx, id, ids);
        return { found: found.length, behind: null };
      });
    },

    async supersededBy(id) {
      const others = db
        .selectFrom('erasures')
        .select('id')
        .where('superseded_by', '=', id)
        .where('ended_at', 'is', null);
      return (await others.execute()).map((other) => other.id);
    },

    async takeOver(from, id) {
      await sql`with moved as (update customers set erasure_id = ${id} where erasure_id = ${from} returning 1),
        changed as (update erasures set state = 'ended', outcome = 'abandoned', ended_at = now(),
            particulars = null, sealed = '', code_digest = null
          where id = ${from} and ended_at is null returning 1)
        ${insertAudit([said(id, 'tookOver', { from })], CHANGED)}`.execute(db);
    },

    async freeze(id, asked) {
      await db.transaction().execute(async (trx) => {
        await take(trx, id, await cameSince(trx, id, asked));
        await sql`with changed as (update customers set frozen_at = now() where erasure_id = ${id} and frozen_at is null returning 1)
          ${insertAudit([said(id, 'frozen')], CHANGED)}`.execute(trx);
      });
    },

    async remember(id, seal) {
      const sealed = await seal(await particularsOf(db, id));
      await sql`update erasures set particulars = ${Buffer.from(sealed)}
        where id = ${id} and particulars is null and erased_at is null`.execute(db);
    },

    async emailsOf(id) {
      const of = db.selectFrom('customers').select(unmasked('email')).distinct().where('erasure_id', '=', id);
      const rows = await of.execute();
      return rows.flatMap(({ email }) => (email === null ? [] : [email]));
    },

    async namesOf(id) {
      const customers = db
        .selectFrom('customers')
        .select(['id', unmasked('email')])
        .where('erasure_id', '=', id);
      const rows = await customers.where('erased_at', 'is', null).execute();
      const emails = rows.flatMap(({ email }) => email ?? []);
      return { customerIds: rows.map((row) => row.id), emails: [...new Set(emails)] };
    },

    adoptKeys: (id, digests) => adoptKeys(db, id, digests),
    namedLater: (after, limit) => namedLater(db, after, limit),
    forgetNames: (workflowIds) => forgetNames(db, workflowIds),
    isSpokenOf: (asked, digests) => isSpokenOf(db, asked, digests),
    takeIn: (asked, digests) => takeIn(db, asked, digests),

    async openTickets(id) {
      const { rows } = await sql<{ id: string }>`select t.id from customers c join tickets t on t.customer_id = c.id
        where c.erasure_id = ${id} and t.state <> 'closed' order by t.id`.execute(db);
      return rows.map((row) => row.id);
    },

    async closeTickets(id) {
      // What its workflow would have written; that one is gone, so nobody else writes this row any more.
      const { actor, action, object } = said(id, 'ticketsClosed');
      const by = sql`${actor.kind}::text, ${actor.id}::text`;
      await sql`with closing as (
          select t.* from customers c join tickets t on t.customer_id = c.id
          where c.erasure_id = ${id} and t.state <> 'closed' for update of t),
        changed as (update tickets t set state = 'closed', needs_attention = false, revision = t.revision + 1, updated_at = now()
          from closing o where t.id = o.id
          returning t.id, t.revision, t.updated_at, ${auditedColumns('o')} as before, ${auditedColumns('t')} as after),
        told as (insert into timeline (ticket_id, seq, at, kind, actor, facts)
          select id, revision, updated_at, 'closed', 'steward', ${toJson({ why: ERASURE })}::jsonb from changed on conflict do nothing),
        logged as (${insertAuditFrom(
          'ticket.closed',
          sql`${by}, 'ticket/' || id, ${ERASURE}::text,
          audit_changed(before, after), audit_changed(after, before) from changed`,
        )})
        ${insertAuditFrom(
          action,
          sql`${by}, ${object}::text, null::text, null::jsonb,
          jsonb_build_object('tickets', (select count(*) from changed)) where ${CHANGED}`,
        )}`.execute(db);
    },

    async workflows(id) {
      const { rows } = await sql<{ name: string; clear_text: boolean }>`
        select names.name, coalesce(bool_or(k.clear_text), true) as clear_text from (
          select 'ticket-' || t.id as name from customers c join tickets t on t.customer_id = c.id where c.erasure_id = ${id}
          union select k.name from customers c join data_keys k on k.subject_id = c.id where c.erasure_id = ${id}
        ) as names left join data_keys k on k.name = names.name group by names.name order by names.name`.execute(db);
      return rows.map((row) => ({ workflowId: row.name, clearText: row.clear_text }));
    },

    async release(id) {
      await sql`update customers set erasure_id = kept_by, frozen_at = null where erasure_id = ${id} and erased_at is null`.execute(
        db,
      );
    },
  };
}

function customersOf(db: Database, asked: Asked) {
  return db
    .selectFrom('customers')
    .select(['id', unmasked('email'), 'name'])
    .where('erased_at', 'is', null)
    .where(isNamed(asked))
    .orderBy('id');
}

/** From here on these rows are this request's. */
async function take(db: Database, id: string, customerIds: readonly string[]): Promise<void> {
  await sql`with changed as (update customers set erasure_id = ${id} where id = any(${customerIds}::text[])
      and erasure_id is distinct from ${id} returning 1)
    ${insertAudit([said(id, 'turn', { customers: customerIds.length })], CHANGED)}`.execute(db);
}

/**
 * Rows of the person that came after their turn, locked: of the address that was asked for, and of those of their rows, whose owner the code has
 * shown them to be. What another request works on is that one's.
 */
async function cameSince(db: Database, id: string, asked: Asked): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`select c.id from customers c
    where c.erased_at is null and c.erasure_id is distinct from ${id}
      and not exists (select 1 from erasures o where o.id = c.erasure_id and o.ended_at is null and o.erased_at is null)
      and (lower(c.email) = ${asked.email?.toLowerCase() ?? null}
        or exists (select 1 from customers t join erasures e on e.id = t.erasure_id
          where e.id = ${id} and e.proved_by = 'code' and t.erased_at is null and t.email <> ${MASK} and lower(t.email) = lower(c.email)))
    order by c.id for update of c`.execute(db);
  return rows.map((row) => row.id);
}

/** All that will be needed of the person once their rows tell nothing. */
async function particularsOf(db: Database, id: string): Promise<Particulars> {
  const customers = await db
    .selectFrom('customers')
    .select(['id', 'name', unmasked('email'), unmasked('phone')])
    .where('erasure_id', '=', id)
    .execute();
  const slack = await slackOf(
    db,
    sql`select t.id from customers c join tickets t on t.customer_id = c.id where c.erasure_id = ${id}`,
    sql`select k.name from customers c join data_keys k on k.subject_id = c.id where c.erasure_id = ${id}`,
  );
  const given = (values: readonly (string | null)[]) => [...new Set(values.filter((value) => value !== null))];
  return {
    customerIds: customers.map((customer) => customer.id),
    emails: given(customers.map(({ email }) => email)),
    phones: given(customers.map(({ phone }) => phone)),
    name: customers.find(({ name }) => name !== null)?.name ?? null,
    ...slack,
  };
}
