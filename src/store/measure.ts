import { sql } from 'kysely';
import type { AuditHeads } from '../deps.ts';
import type { MeasureStore } from '../deps-audits.ts';
import type { MonthFigures } from '../domain/measure.ts';
import type { RequestFacts } from '../domain/measure-requests.ts';
import type { Span } from '../domain/month.ts';
import type { Ended } from '../domain/reconcile.ts';
import type { Database } from './database.ts';
import { COUNTED } from './erasure-search.ts';
import { keptBefore } from './measure-kept.ts';
import { measureLog } from './measure-log.ts';

/** A month's events, counted; `domain/measure.ts` says what each figure means. */
export function createMeasureStore(db: Database, heads: Pick<AuditHeads, 'read'>): MeasureStore {
  return {
    requests: (span) => requestsOf(db, span),
    ended: (span, besides, windowOver) => endedIn(db, span, besides, windowOver),
    kept: (span) => keptBefore(db, span),
    async counts(span, calendar) {
      return {
        silentRecipients: await silentRecipients(db, span),
        decodes: await decodes(db, span),
        ticketsEmptied: await (calendar.emptiedByLog ? emptiedByRetention : everEmptied)(db, span),
        looks: await looks(db, span),
      };
    },
    log: (order) => measureLog(db, heads, order),
  };
}

/** Received before the month's end, and not done with before its begin. */
async function requestsOf(db: Database, { from, to }: Span): Promise<RequestFacts[]> {
  const rows = await db
    .selectFrom('erasures')
    .selectAll()
    .where('received_at', '<', to)
    .where((eb) => eb.or([eb('ended_at', 'is', null), eb('ended_at', '>=', from), eb('erased_at', '>=', from)]))
    .orderBy('id')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    receivedAt: row.received_at,
    provedAt: row.proved_at,
    dueAt: row.due_at,
    extendedTo: row.extended_to,
    erasedAt: row.erased_at,
    endedAt: row.ended_at,
    outcome: row.outcome,
    decision: row.decision,
    refusedByOfficer: row.approval === 'refused',
  }));
}

async function endedIn(
  db: Database,
  { from, to }: Span,
  besides: readonly string[],
  windowOver: Date | null,
): Promise<Ended[]> {
  const { rows } = await sql<{
    id: string;
    there: boolean;
    ended_at: Date | null;
    erased_at: Date | null;
    outcome: NonNullable<Ended['row']>['outcome'];
    logged: string[];
    logged_outcome: string | null;
  }>`
    with asked as (
      select id from erasures where ended_at >= ${from} and ended_at < ${to} or erased_at >= ${from} and erased_at < ${to}
      union select substr(object, length('erasure/') + 1) from audit_entries
        where action in ('erasure.ended', 'erasure.erased') and at >= ${from} and at < ${to} and object like 'erasure/%'
      union select id from erasures where erased_at < ${windowOver}::timestamptz and (ended_at is null or ended_at >= ${to})
      union select unnest(${[...besides]}::text[]))
    select asked.id, e.id is not null as there, e.ended_at, e.erased_at, e.outcome,
      coalesce((select array_agg(distinct a.action order by a.action) from audit_entries a
        where a.object = 'erasure/' || asked.id and a.at < ${to}), '{}') as logged,
      (select a.after->>'outcome' from audit_entries a where a.object = 'erasure/' || asked.id and a.action = 'erasure.ended'
        and a.at < ${to} order by a.id desc limit 1) as logged_outcome
    from asked left join erasures e on e.id = asked.id order by asked.id`.execute(db);
  return rows.map(({ id, there, ended_at, erased_at, outcome, logged, logged_outcome }) => ({
    requestId: id,
    row: there ? { endedAt: ended_at, erasedAt: erased_at, outcome } : null,
    logged,
    loggedOutcome: logged_outcome,
  }));
}

/** By the log: the rows know only what is so now. */
async function silentRecipients(db: Database, { to }: Span): Promise<MonthFigures['silentRecipients']> {
  const { rows } = await sql<{ recipient: string; ids: string[] }>`
    select recipient, array_agg(id order by id) as ids from (
      select distinct on (a.object, a.after->>'recipient') substr(a.object, length('erasure/') + 1) as id,
        a.after->>'recipient' as recipient, a.after->>'status' as status
      from audit_entries a where a.action = 'erasure.recipient' and a.at < ${to}
      order by a.object, a.after->>'recipient', a.id desc) as last
    where status = 'open' group by recipient order by recipient collate "C"`.execute(db);
  return rows.map(({ recipient, ids }) => ({ recipient, requestIds: ids }));
}

async function decodes(db: Database, { from, to }: Span): Promise<MonthFigures['decodes']> {
  const { rows } = await sql<{ who: string; times: number; opened: number }>`
    select actor_kind || ' ' || actor_id as who, count(*)::integer as times, coalesce(sum((after->>'opened')::integer), 0)::integer as opened
    from audit_entries where action = 'codec.decoded' and at >= ${from} and at < ${to}
    group by actor_kind, actor_id order by actor_kind collate "C", actor_id collate "C"`.execute(db);
  return rows;
}

/** By the log: an erasure closes tickets for good in the same column. */
async function emptiedByRetention(db: Database, { from, to }: Span): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select coalesce(sum((after->>'tickets')::integer), 0)::integer as count from audit_entries
    where action = 'retention.emptied' and at >= ${from} and at < ${to}`.execute(db);
  return rows[0]?.count ?? 0;
}

/** As reports of before have it: with those that erasures emptied. */
async function everEmptied(db: Database, { from, to }: Span): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::integer as count from tickets where emptied_at >= ${from} and emptied_at < ${to}`.execute(db);
  return rows[0]?.count ?? 0;
}

async function looks(db: Database, { from, to }: Span): Promise<MonthFigures['looks']> {
  const { rows } = await sql<{ step: string; looks: number; found: number; back: number; kept: number }>`
    select step, count(*)::integer as looks, coalesce(sum((receipt->>'found')::integer), 0)::integer as found,
      coalesce(sum((receipt->>'back')::integer), 0)::integer as back,
      coalesce(sum((receipt->>'kept')::integer), 0)::integer as kept
    from erasure_steps where step in ('lookAtOnce', 'lookLater') and at >= ${from} and at < ${to} group by step`.execute(
    db,
  );
  const findings = await sql<{ id: string; place: string; kind: string; count: number | null }>`
    select f.erasure_id as id, f.store || '/' || f.place as place, f.kind, max((p.place->>'count')::integer) as count
    from erasure_findings f ${COUNTED}
    where f.at >= ${from} and f.at < ${to} group by f.erasure_id, f.store, f.place, f.kind
    order by f.erasure_id, f.store collate "C", f.place collate "C", f.kind collate "C"`.execute(db);
  const of = (wanted: string) => {
    const { looks = 0, found = 0, back = 0, kept = 0 } = rows.find(({ step }) => step === wanted) ?? {};
    return { looks, found, back, ...(kept > 0 ? { kept } : {}) };
  };
  return {
    atOnce: of('lookAtOnce'),
    later: of('lookLater'),
    findings: findings.rows.map(({ id, place, kind, count }) => ({
      requestId: id,
      where: place,
      kind,
      ...(count === null ? {} : { count }),
    })),
  };
}
