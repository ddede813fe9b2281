/** Runs of flows whose last trace is from long ago. Nobody closes a run: it is over when Temporal says so. */
import { type RawBuilder, sql } from 'kysely';
import { flowWorkflowId } from '../contract-flow.ts';
import type { BeforeEmptying, DueRuns, EmptiedRuns, RunsOrder } from '../deps-retention.ts';
import type { AuditActor } from '../domain/audit.ts';
import { insertAudit } from './audit.ts';
import type { Database } from './database.ts';
import { isErasures, isHeldFor } from './retention-slack.ts';
import { RUN_FILES } from './run-messages.ts';
import { IN_SLACK } from './slack-copies.ts';

/** Of a key `k`: it opens what a run told or was told, or was killed with the rest still there. What stands in Slack goes by itself. */
function isDue(before: Date): RawBuilder<unknown> {
  return sql`starts_with(k.name, ${flowWorkflowId('')}) and k.created_at < ${before} and not ${isErasures(sql`k.subject_id`)}
    and not exists (select 1 from run_messages m where m.workflow_id = k.name and m.updated_at >= ${before})
    and (k.shredded_at is null or exists (
      select 1 from run_messages m where m.workflow_id = k.name and m.transport <> 'slack' and m.provider_message_id is not null))`;
}

/** By the random ids of their keys. Which of them are over, the database does not know. */
export async function runsDue(db: Database, { now, before, after, limit }: RunsOrder): Promise<DueRuns> {
  const { rows } = await sql<{ id: string; name: string; held: boolean }>`
    select k.id::text as id, k.name, ${isHeldFor(sql`k.subject_id`, now)} as held from data_keys k
    where ${isDue(before)} and k.id > ${after}::uuid order by k.id limit ${limit}`.execute(db);
  return {
    workflowIds: rows.flatMap(({ name, held }) => (held ? [] : [name])),
    held: rows.filter(({ held }) => held).length,
    next: rows.length < limit ? null : (rows.at(-1)?.id ?? null),
  };
}

/** Of those whose last trace is from before then; some may be under way still. */
export async function countRuns(
  db: Database,
  { now, before }: Pick<RunsOrder, 'now' | 'before'>,
): Promise<{ readonly runs: number; readonly held: number }> {
  const { rows } = await sql<{ runs: number; held: number }>`
    select (count(*) filter (where not held))::integer as runs, (count(*) filter (where held))::integer as held
    from (select ${isHeldFor(sql`k.subject_id`, now)} as held from data_keys k where ${isDue(before)}) as found`.execute(
    db,
  );
  return rows[0] ?? { runs: 0, held: 0 };
}

/** Keys, files and histories first, by `before`; then what leads to the messages. Whoever is killed in between leaves the runs due. */
export async function emptyRuns(
  db: Database,
  workflowIds: readonly string[],
  by: AuditActor,
  before: BeforeEmptying,
): Promise<EmptiedRuns> {
  const of = { actor: by, object: 'retention', why: 'retention.ticketsDaysAfterClose' };
  const { rows } = await sql<{ id: string }>`select ${RUN_FILES}::text || id as id from run_messages
    where workflow_id = any(${workflowIds}::text[]) and transport = 'outbox' order by id`.execute(db);
  const outbox = rows.map(({ id }) => id);
  const intent = { runs: workflowIds.length, outbox: outbox.length };
  await insertAudit([{ ...of, action: 'retention.runsIntent', after: intent }]).execute(db);
  const gone = await before(workflowIds, outbox);
  return db.transaction().execute(async (transaction) => {
    const { rows: emptied } = await sql<EmptiedRuns>`
      with changed as (update run_messages set provider_message_id = null
        where workflow_id = any(${workflowIds}::text[]) and transport <> 'slack' and provider_message_id is not null returning 1)
      select (select count(*)::integer from changed) as messages, (select count(*)::integer from run_messages d
        where d.workflow_id = any(${workflowIds}::text[]) and ${IN_SLACK}) as slack`.execute(transaction);
    const counts = emptied[0] ?? { messages: 0, slack: 0 };
    const after = { runs: workflowIds.length, ...counts, ...gone };
    await insertAudit([{ ...of, action: 'retention.runsEmptied', after }]).execute(transaction);
    return counts;
  });
}
