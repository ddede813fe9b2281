/** Human tasks, as their workflow keeps them. Each change is one statement with its entry in the audit log. */
import { sql } from 'kysely';
import { ticketWorkflowId } from '../contract.ts';
import { taskWorkflowId } from '../contract-tasks.ts';
import type { KeptTaskMessage, TaskStore } from '../deps-tasks.ts';
import type { AuditActor, AuditEntry } from '../domain/audit.ts';
import type { WhatOf } from '../domain/audit-actions.ts';
import type { Change } from '../domain/journal.ts';
import type { JsonObject } from '../domain/json.ts';
import { CHANGED, insertAudit } from './audit.ts';
import type { Database } from './database.ts';
import { toJson } from './json.ts';
import { insertTask, look, newTaskId } from './task-desk.ts';
import { recordChange } from './tickets.ts';

export function createTaskStore(db: Database): TaskStore {
  return {
    async askWith(change, asked) {
      const { ticketId } = change;
      return db.transaction().execute(async (transaction) => {
        const by: AuditActor = { kind: 'workflow', id: ticketWorkflowId(ticketId) };
        await insertTask(newTaskId(), { ...asked, ticketId }, by).execute(transaction);
        const { id } = await transaction
          .selectFrom('human_tasks')
          .select('id')
          .where('ticket_id', '=', ticketId)
          .where('occasion', '=', asked.occasion)
          .executeTakeFirstOrThrow();
        await recordChange(transaction, withTask(change, id));
        return { taskId: id };
      });
    },

    async askByRun(step, asked) {
      const { workflowId, firstRunId, occasion } = step;
      const by: AuditActor = { kind: 'workflow', id: workflowId };
      await insertTask(newTaskId(), { ...asked, ...step }, by).execute(db);
      const { id } = await db
        .selectFrom('human_tasks')
        .select('id')
        .where('workflow_id', '=', workflowId)
        .where('first_run_id', '=', firstRunId)
        .where('occasion', '=', occasion)
        .where(sql<boolean>`ending is distinct from 'withdrawn'`)
        .executeTakeFirstOrThrow();
      return { taskId: id };
    },

    look: (taskId) => look(db, taskId),

    async ofFlows(workflowIds) {
      if (workflowIds.length === 0) return [];
      const { rows } = await sql<{ id: string; workflow_id: string }>`
        select id, workflow_id from (select id, coalesce(workflow_id, ${ticketWorkflowId('')} || ticket_id) as workflow_id from human_tasks
          where ended_at is null and occasion is not null) as open
        where workflow_id = any(${[...workflowIds]}::text[]) order by id`.execute(db);
      return rows.map(({ id, workflow_id }) => ({ taskId: id, workflowId: workflow_id }));
    },

    async said(taskId, { by, act, at, via }, outcome) {
      const actor: AuditActor = { kind: 'person', id: by };
      const entries = [
        entry(taskId, actor, 'said', { act, via }),
        ...(outcome ? [entry(taskId, ours(taskId), 'ended', { ending: 'decided', act, by: [...outcome.by] })] : []),
      ];
      await sql`with changed as (insert into human_task_decisions (task_id, agent_id, act, at, via)
          values (${taskId}, ${by}, ${act}, ${new Date(at)}, ${via}) on conflict do nothing returning 1),
        ended as (update human_tasks set ending = 'decided', outcome = ${outcome?.act ?? null}, decided_by = ${[...(outcome?.by ?? [])]},
          ended_at = ${new Date(outcome?.at ?? at)} where id = ${taskId} and ending is null and ${outcome !== null} and ${CHANGED})
        ${insertAudit(entries, CHANGED)}`.execute(db);
    },

    async delegated(taskId, by, to, via) {
      await sql`with changed as (update human_tasks set delegates = delegates || ${toJson({ [to]: by })}::jsonb,
            delegated_at = delegated_at || jsonb_build_object(${to}::text, now())
          where id = ${taskId} and ending is null and not delegates @> ${toJson({ [to]: by })}::jsonb returning 1)
        ${insertAudit([entry(taskId, { kind: 'person', id: by }, 'delegated', { to, via })], CHANGED)}`.execute(db);
    },

    async end(taskId, ending, { act, at }, by) {
      const facts = { ending, ...(act === null ? {} : { act }), by };
      await sql`with changed as (update human_tasks set ending = ${ending}, outcome = ${act}, ended_at = ${new Date(at)}
          where id = ${taskId} and ending is null returning 1)
        ${insertAudit([entry(taskId, ours(taskId), 'ended', facts)], CHANGED)}`.execute(db);
    },

    async queue(taskId, messages) {
      const rows = messages.map(({ occasion, agentId, channel, transport }) => ({
        task_id: taskId,
        occasion,
        agent_id: agentId,
        channel,
        transport,
      }));
      if (rows.length > 0) {
        await db
          .insertInto('human_task_messages')
          .values(rows)
          .onConflict((conflict) => conflict.doNothing())
          .execute();
      }
      const found = await messagesOf(db, taskId).where('status', 'in', ['queued', 'sending']).execute();
      return found.map(toMessage);
    },

    async begin(taskId, { occasion, agentId, channel }) {
      const { rows } = await sql<MessageRow>`with before as (select * from human_task_messages
          where task_id = ${taskId} and occasion = ${occasion} and agent_id = ${agentId} and channel = ${channel} for update),
        changed as (update human_task_messages m set status = 'sending', attempts = m.attempts + 1, updated_at = now() from before b
          where m.task_id = b.task_id and m.occasion = b.occasion and m.agent_id = b.agent_id and m.channel = b.channel
            and b.status in ('queued', 'sending') returning 1),
        intent as (${insertAudit([entry(taskId, ours(taskId), 'intent', { to: agentId, recipient: agentId, occasion, channel })], CHANGED)})
        select * from before`.execute(db);
      return rows[0] ? toMessage(rows[0]) : null;
    },

    async finish(taskId, { occasion, agentId, channel }, { status, reason, id }) {
      const told = { occasion, channel, status, ...(reason === undefined ? {} : { reason }) };
      const audited = entry(taskId, ours(taskId), 'told', { to: agentId, recipient: agentId, ...told });
      await sql`with changed as (update human_task_messages set status = ${status}, reason = ${reason ?? null},
          provider_message_id = coalesce(${id ?? null}, provider_message_id), updated_at = now()
          where task_id = ${taskId} and occasion = ${occasion} and agent_id = ${agentId} and channel = ${channel}
            and status in ('queued', 'sending') returning 1)
        ${insertAudit(status === 'queued' ? [] : [audited], CHANGED)}`.execute(db);
    },

    async cards(taskId) {
      const rows = await messagesOf(db, taskId)
        .where('occasion', '=', 'asked')
        .where('transport', '=', 'slack')
        .where('status', '=', 'sent')
        .execute();
      return rows.flatMap(({ agent_id, provider_message_id }) =>
        provider_message_id === null ? [] : [{ agentId: agent_id, messageId: provider_message_id }],
      );
    },
  };
}

/** The change's own entry says which task it is. */
function withTask(change: Change, taskId: string): Change {
  const last = change.entries.length - 1;
  const entries = change.entries.map((one, i) => (i === last ? { ...one, facts: { ...one.facts, taskId } } : one));
  return { ...change, entries };
}

function entry(taskId: string, actor: AuditActor, what: WhatOf<'humanTask'>, after: JsonObject): AuditEntry {
  return { actor, action: `humanTask.${what}`, object: `humanTask/${taskId}`, after };
}

function ours(taskId: string): AuditActor {
  return { kind: 'workflow', id: taskWorkflowId(taskId) };
}

function messagesOf(db: Database, taskId: string) {
  return db.selectFrom('human_task_messages').selectAll().where('task_id', '=', taskId).orderBy('agent_id');
}

type MessageRow = Awaited<ReturnType<ReturnType<typeof messagesOf>['executeTakeFirstOrThrow']>>;

function toMessage({ occasion, agent_id, channel, transport, status }: MessageRow): KeptTaskMessage {
  return { occasion, agentId: agent_id, channel, transport, status };
}
