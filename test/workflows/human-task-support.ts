/** Tasks that people are asked to decide, on a Steward with the team of the repository. */
import { randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import { taskWorkflowId } from '../../src/contract-tasks.ts';
import { ownKeyVia } from '../../src/domain/human-task.ts';
import { outcome } from '../support/outcome.ts';
import type { TestSteward } from '../support/steward.ts';

export const BY_KEY = { kind: 'key', id: 'k-test' } as const;

export function asking(steward: TestSteward) {
  const tasks = () => steward.gateway.tasks;
  const handle = (taskId: string) => steward.temporal.client.workflow.getHandle(taskWorkflowId(taskId));
  return {
    tasks,
    handle,
    /** Asks Ana, Ben and Clara, and answers the task's id. */
    async ask(more: object = {}): Promise<string> {
      const id = randomBytes(6).toString('hex');
      const asked = {
        id,
        question: 'Refund the invoice?',
        audience: ['ana', 'ben', 'clara'],
        form: ['approve', 'refuse'],
      };
      await tasks().ask({ ...asked, ...more }, BY_KEY);
      return id;
    },
    /** Each by a key of their own. */
    decide: (taskId: string, by: string, act = 'approve') => tasks().decide(taskId, { by, act }, ownKeyVia(by)),
    async isOver(taskId: string) {
      await handle(taskId).result();
      return tasks().look(taskId);
    },
    listens: (taskId: string) => outcome(() => handle(taskId).query('humanTask')),
    async logged(taskId: string) {
      const rows = await steward.owner
        .selectFrom('audit_entries')
        .select(['actor_kind', 'actor_id', 'action', 'after'])
        .where('object', '=', `humanTask/${taskId}`)
        .orderBy('id')
        .execute();
      return rows.filter(({ action }) => action !== 'humanTask.told' && action !== 'humanTask.intent');
    },
    messages: (taskId: string) =>
      steward.owner
        .selectFrom('human_task_messages')
        .selectAll()
        .where('task_id', '=', taskId)
        .orderBy('agent_id')
        .orderBy('channel')
        .execute(),
    refused: (attempt: Promise<unknown>, words: RegExp) =>
      expect(attempt).rejects.toMatchObject({ code: 'DecisionDenied', message: expect.stringMatching(words) }),
  };
}
