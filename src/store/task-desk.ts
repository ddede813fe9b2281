/** Human tasks, as they are asked and looked at. */
import { randomBytes } from 'node:crypto';
import { type RawBuilder, type Selectable, sql } from 'kysely';
import { flowRunId } from '../contract-flow.ts';
import type { Delegation, KeptTask, NewTask, RunStep, TaskDesk } from '../deps-tasks.ts';
import type { AuditActor, AuditEntry } from '../domain/audit.ts';
import { StewardError } from '../domain/errors.ts';
import type { HumanTask } from '../domain/human-task.ts';
import { CHANGED, insertAudit } from './audit.ts';
import type { Database } from './database.ts';
import type { HumanTaskSchema } from './human-task-schema.ts';

export function createTaskDesk(db: Database): TaskDesk {
  return {
    async ask(asked, by) {
      if (asked.ticketId !== null) await assertTicket(db, asked.ticketId, asked.question);
      const taskId = asked.id ?? newTaskId();
      const { numAffectedRows = 0n } = await insertTask(taskId, asked, by).execute(db);
      if (numAffectedRows > 0n) return { taskId, known: false };
      const there = await look(db, taskId);
      if (there && isSame(there, asked)) return { taskId, known: true };
      const message = 'is the id of a task that asks something else';
      throw new StewardError('InvalidRequest', `id: ${message}`, { problems: [{ field: 'id', message }] });
    },

    look: (taskId) => look(db, taskId),

    async list({ open, limit }) {
      return atOnce(db, async (one) => {
        const all = one.selectFrom('human_tasks').selectAll();
        const some = open ? all.where('ended_at', 'is', null) : all;
        const rows = await some.orderBy('asked_at', 'desc').orderBy('id').limit(limit).execute();
        return kept(one, rows);
      });
    },
  };
}

export function newTaskId(): string {
  return randomBytes(6).toString('hex');
}

/** One statement: the row, and its audit entry where it was not there. */
export function insertTask(taskId: string, asked: NewTask & Partial<RunStep>, by: AuditActor): RawBuilder<unknown> {
  const { kind, question, form, audience, quorum, barred, otherwise, dueSeconds, ticketId, requester } = asked;
  const { workflowId = null, firstRunId = null, occasion = null } = asked;
  const entry: AuditEntry = {
    actor: by,
    action: 'humanTask.asked',
    object: `humanTask/${taskId}`,
    after: {
      ...{ kind, form: [...form], audience: [...audience], quorum, barred: [...barred] },
      ...(otherwise === null ? {} : { otherwise }),
      ...(dueSeconds === null ? {} : { dueSeconds }),
      ...(ticketId === null ? {} : { ticketId }),
    },
  };
  return sql`with changed as (insert into human_tasks (id, kind, question, form, audience, quorum, barred, otherwise, due_at, ticket_id,
      workflow_id, first_run_id, occasion, requester, asked_by)
    values (${taskId}, ${kind}, ${question}, ${[...form]}, ${[...audience]}, ${quorum}, ${[...barred]}, ${otherwise},
      now() + make_interval(secs => ${dueSeconds}::double precision), ${ticketId},
      ${workflowId}, ${firstRunId}, ${occasion}, ${requester}, ${`${by.kind}/${by.id}`})
    on conflict do nothing returning 1)
    ${insertAudit([entry], CHANGED)}`;
}

export function look(db: Database, taskId: string): Promise<KeptTask | null> {
  return atOnce(db, async (one) => {
    const rows = await one.selectFrom('human_tasks').selectAll().where('id', '=', taskId).execute();
    return (await kept(one, rows))[0] ?? null;
  });
}

/** A task and what was said to it are written together, and so they are read. */
function atOnce<T>(db: Database, read: (one: Database) => Promise<T>): Promise<T> {
  return db.transaction().setIsolationLevel('repeatable read').execute(read);
}

type Row = Selectable<HumanTaskSchema['human_tasks']>;

async function kept(db: Database, rows: readonly Row[]): Promise<KeptTask[]> {
  if (rows.length === 0) return [];
  const decisions = await db
    .selectFrom('human_task_decisions')
    .selectAll()
    .where(
      'task_id',
      'in',
      rows.map(({ id }) => id),
    )
    .orderBy('at')
    .orderBy('agent_id')
    .execute();
  return rows.map((row) => {
    const said = decisions.filter((one) => one.task_id === row.id);
    const task: HumanTask = {
      id: row.id,
      audience: row.audience,
      form: row.form,
      quorum: row.quorum,
      barred: row.barred,
      dueAt: row.due_at?.getTime() ?? null,
      otherwise: row.otherwise,
      delegates: row.delegates,
      said: said.map(({ agent_id, act, at }) => ({ by: agent_id, act, at: at.getTime() })),
      outcome: row.ended_at === null ? null : { act: row.outcome, by: row.decided_by, at: row.ended_at.getTime() },
    };
    return {
      taskId: row.id,
      kind: row.kind,
      question: row.question,
      ticketId: row.ticket_id,
      runId: row.workflow_id === null ? null : (flowRunId(row.workflow_id) ?? null),
      occasion: row.occasion,
      requester: row.requester,
      askedBy: row.asked_by,
      askedAt: row.asked_at.toISOString(),
      task,
      delegations: delegationsOf(row),
      ending: row.ending,
    };
  });
}

function delegationsOf({ delegates, delegated_at }: Row): Delegation[] {
  const given = Object.entries(delegates).map(([to, by]) => {
    const at = delegated_at[to];
    return { by, to, at: at === undefined ? null : new Date(at).toISOString() };
  });
  return given.sort((a, b) => (a.at ?? '').localeCompare(b.at ?? ''));
}

/** Sent again by whoever did not hear our answer. */
function isSame({ task, ...kept }: KeptTask, asked: NewTask): boolean {
  const whole = { ...kept, ...task };
  return SAME.every((field) => JSON.stringify(whole[field]) === JSON.stringify(asked[field]));
}
const SAME = [
  'kind',
  'question',
  'ticketId',
  'requester',
  'form',
  'audience',
  'quorum',
  'barred',
  'otherwise',
] as const satisfies readonly (keyof NewTask)[];

/** @throws StewardError InvalidRequest: it is not there, or its customer is named in what stays when they are gone */
async function assertTicket(db: Database, ticketId: string, question: string): Promise<void> {
  const { rows } = await sql<{ names: boolean }>`
    select task_names_customer(id, ${question}) as names from tickets where id = ${ticketId}`.execute(db);
  if (rows[0]?.names === true) {
    const message =
      'holds what the customer is known by, and is kept when they are gone: leave it out, the message leads to the ticket';
    throw new StewardError('InvalidRequest', `question: ${message}`, { problems: [{ field: 'question', message }] });
  }
  if (rows[0]) return;
  const message = `there is no ticket ${ticketId}`;
  throw new StewardError('InvalidRequest', `ticketId: ${message}`, { problems: [{ field: 'ticketId', message }] });
}
