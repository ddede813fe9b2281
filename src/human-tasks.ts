/** Asking people and passing on what they decide, the same by API, page, Slack and command line. */

import type { TaskClicked } from './contract-tasks.ts';
import type { KeptTask, People, TaskClient, TaskDesk } from './deps-tasks.ts';
import type { AuditActor } from './domain/audit.ts';
import { StewardError, sayProblems } from './domain/errors.ts';
import type { Decision } from './domain/human-task.ts';
import { type AskingAlone, askingOf, checkAsking, TASK_ID, whoDecides } from './domain/human-task-asked.ts';
import { sayRefused } from './domain/human-task-words.ts';

export interface HumanTaskParts {
  readonly desk: TaskDesk;
  readonly people: People;
  readonly client: TaskClient;
  readonly nameOf: (agentId: string) => string;
}

/** @throws StewardError InvalidRequest, TaskUnknown, DecisionDenied */
export interface HumanTasks {
  /** Writes it down and starts its workflow. `known`: the same was asked under this id before. */
  ask(given: unknown, by: AuditActor): Promise<{ readonly taskId: string; readonly known: boolean }>;
  look(taskId: string): Promise<KeptTask>;
  list: TaskDesk['list'];
  /** Said again by the same person, it is taken once. `via`: by which way it came. */
  decide(taskId: string, said: Pick<Decision, 'by' | 'act'>, via: string): Promise<KeptTask>;
  delegate(taskId: string, given: { readonly by: string; readonly to: string }, via: string): Promise<KeptTask>;
  /** A click in Slack; words for who clicked, where nobody else will answer them. */
  click(taskId: string, clicked: TaskClicked): Promise<string | null>;
  withdraw(taskId: string, by: string): Promise<void>;
}

export function createHumanTasks({ desk, people, client, nameOf }: HumanTaskParts): HumanTasks {
  async function look(taskId: string): Promise<KeptTask> {
    const kept = TASK_ID.test(taskId) ? await desk.look(taskId) : null;
    if (kept) return kept;
    throw new StewardError('TaskUnknown', `there is no task ${taskId}; npx steward task list --all names them`);
  }

  /** Its workflow may never have been started, where whoever asked died over it, or be gone with a server that was lost. */
  async function say<T>(taskId: string, call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof StewardError && error.code === 'TaskUnknown')) throw error;
      // It has ended since we looked.
      const now = await look(taskId);
      if (now.ending !== null) throw new StewardError('DecisionDenied', late(now), { cause: error });
      await client.start(taskId);
      return call();
    }
  }

  const late = ({ taskId, task, ending }: KeptTask) => sayRefused('late', taskId, { ...task, ending }, nameOf);

  return {
    look,
    list: desk.list,

    async ask(given, by) {
      const problems = checkAsking(given, { alone: true });
      if (problems.length > 0) throw new StewardError('InvalidRequest', sayProblems(problems), { problems });
      const asking = askingOf(given);
      const { id, ticketId } = given as Partial<AskingAlone>;
      const who = whoDecides(asking, people);
      const asked = await desk.ask({ ...asking, ...who, id: id ?? null, ticketId: ticketId ?? null }, by);
      await client.start(asked.taskId);
      return asked;
    },

    async decide(taskId, { by, act }, via) {
      const hasSaid = ({ task }: KeptTask) => task.said.some((one) => one.by === by && one.act === act);
      const before = await look(taskId);
      if (hasSaid(before)) return before;
      if (before.ending !== null) throw new StewardError('DecisionDenied', late(before));
      try {
        await say(taskId, () => client.decide(taskId, { by, act, via }));
      } catch (error) {
        if (!(error instanceof StewardError)) throw error;
        const after = await look(taskId);
        // What was said before, whose answer was lost.
        if (hasSaid(after)) return after;
        if (after.ending === null || error.code !== 'DecisionDenied') throw error;
        throw new StewardError('DecisionDenied', late(after), { cause: error });
      }
      return look(taskId);
    },

    async delegate(taskId, { by, to }, via) {
      const before = await look(taskId);
      if (before.task.delegates[to] === by) return before;
      if (before.ending !== null) throw new StewardError('DecisionDenied', late(before));
      if (to.includes('/') || people.named(to)?.[0] !== to) {
        const message = `nobody in policies/team.yaml is "${to}"`;
        throw new StewardError('InvalidRequest', `to: ${message}`, { problems: [{ field: 'to', message }] });
      }
      await say(taskId, () => client.delegate(taskId, { by, to, via }));
      return look(taskId);
    },

    async click(taskId, clicked) {
      const before = await desk.look(taskId);
      if (before === null) return `Nothing was done: there is no task ${taskId}.`;
      try {
        await client.click(taskId, clicked);
      } catch (error) {
        if (!(error instanceof StewardError && error.code === 'TaskUnknown')) throw error;
        const now = await look(taskId);
        if (now.ending !== null) return late(now);
        await client.start(taskId);
        await client.click(taskId, clicked);
      }
      return null;
    },

    async withdraw(taskId, by) {
      const before = await look(taskId);
      if (before.ending !== null) throw new StewardError('DecisionDenied', late(before));
      await say(taskId, () => client.withdraw(taskId, by));
    },
  };
}
