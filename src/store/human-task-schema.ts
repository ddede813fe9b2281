import type { Generated, JSONColumnType } from 'kysely';
import type { Transport } from '../domain/delivery.ts';
import type { TaskEnding, TaskKind } from '../domain/human-task-asked.ts';

/** The tables of migrations 0026, 0028 and 0043. */
export interface HumanTaskSchema {
  human_tasks: {
    id: string;
    kind: TaskKind;
    question: string;
    form: string[];
    audience: string[];
    quorum: number;
    barred: string[];
    delegates: JSONColumnType<Record<string, string>>;
    delegated_at: JSONColumnType<Record<string, string>>;
    otherwise: string | null;
    due_at: Date | null;
    ticket_id: string | null;
    workflow_id: string | null;
    first_run_id: string | null;
    occasion: string | null;
    requester: string | null;
    asked_by: string;
    asked_at: Generated<Date>;
    ending: TaskEnding | null;
    outcome: string | null;
    decided_by: Generated<string[]>;
    ended_at: Date | null;
  };
  human_task_decisions: { task_id: string; agent_id: string; act: string; at: Date; via: string };
  human_task_messages: {
    task_id: string;
    occasion: 'asked' | 'ended';
    agent_id: string;
    channel: 'mail' | 'slack';
    transport: Exclude<Transport, 'pagerduty'>;
    status: Generated<'queued' | 'sending' | 'sent' | 'failed' | 'suppressed'>;
    attempts: Generated<number>;
    reason: string | null;
    provider_message_id: string | null;
    updated_at: Generated<Date>;
  };
}
