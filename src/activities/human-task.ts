import { ticketWorkflowId } from '../contract.ts';
import { flowWorkflowId } from '../contract-flow.ts';
import { HUMAN_TASK_WORKFLOW, type TaskEnded, taskEnded, taskStart, withdrawTask } from '../contract-tasks.ts';
import type { Deps } from '../deps.ts';
import type { KeptTask, NewTask, RunStep, TaskMessage, TaskOccasion } from '../deps-tasks.ts';
import { StewardError, sayProblems } from '../domain/errors.ts';
import type { HumanTask, Outcome } from '../domain/human-task.ts';
import { askingOf, checkAsking, type TaskEnding, whoDecides } from '../domain/human-task-asked.ts';
import type { Change } from '../domain/journal.ts';
import type { Json } from '../domain/json.ts';
import { here, unlessGone } from './engine.ts';

type Parts = Pick<Deps, 'tasks' | 'directory' | 'transports' | 'slackDesk'>;

export interface OpenedTask
  extends Pick<KeptTask, 'taskId' | 'ticketId' | 'question' | 'occasion' | 'requester'>,
    Partial<Pick<KeptTask, 'runId'>> {
  readonly task: HumanTask;
  readonly ending: TaskEnding | null;
  /** That have still to go out. */
  readonly messages: readonly TaskMessage[];
  /** Messages that are there can be made to look otherwise. */
  readonly draws: boolean;
  /** There is something to say at them: a run before has left it. */
  readonly isTold: boolean;
}

export interface AskByFlow {
  readonly change: Change;
  /** The step of the flow that asks. */
  readonly occasion: string;
  /** What the flow's Task gives. */
  readonly asking: Json;
}

export interface AskByRun {
  readonly step: RunStep;
  readonly asking: Json;
}

interface OfTask {
  readonly taskId: string;
}
interface WriteDecision extends OfTask {
  readonly said: { readonly by: string; readonly act: string; readonly at: number; readonly via: string };
  readonly outcome: Outcome | null;
}
interface WriteDelegate extends OfTask {
  readonly by: string;
  readonly to: string;
  readonly via: string;
}
interface EndTask extends OfTask {
  readonly ending: Exclude<TaskEnding, 'decided'>;
  readonly outcome: Outcome;
  readonly by: string;
}

export function humanTaskActivities(deps: Parts) {
  const { store } = deps.tasks;

  /** @throws StewardError InvalidRequest */
  function askedOf(asking: Json): NewTask {
    const problems = checkAsking(asking);
    if (problems.length > 0) throw new StewardError('InvalidRequest', sayProblems(problems), { problems });
    const asked = askingOf(asking);
    return { ...asked, ...whoDecides(asked, deps.tasks.people), id: null, ticketId: null };
  }

  return {
    /** Writes down what a flow asks; nobody hears of it before its workflow starts. */
    async askByFlow({ change, occasion, asking }: AskByFlow): Promise<{ readonly taskId: string }> {
      return store.askWith(change, { ...askedOf(asking), ticketId: change.ticketId, occasion });
    },

    /** The same of a run that has no ticket. */
    async askByRun({ step, asking }: AskByRun): Promise<{ readonly taskId: string }> {
      return store.askByRun(step, askedOf(asking));
    },

    /** One that has ended tells whoever waits for it once more. */
    async startTask(taskId: string): Promise<void> {
      const { client, taskQueue } = here();
      await client.workflow.start(HUMAN_TASK_WORKFLOW, { ...taskStart(taskId), taskQueue });
    },

    /** The flow that waited for it needs it no more. */
    async withdrawTask(taskId: string): Promise<void> {
      const kept = await taskNamed(deps, taskId);
      const asker = askerOf(kept);
      if (kept.ending === null && asker !== null) await withdrawAt(taskId, asker);
    },

    /** The task as it stands, with the messages that have to go out; null: there is none. */
    async openTask(taskId: string): Promise<OpenedTask | null> {
      const kept = await store.look(taskId);
      if (kept === null) return null;
      const { ticketId, runId, question, occasion, requester, task, ending } = kept;
      const asked = (task.audience ?? []).filter((id) => !task.barred.includes(id));
      const told = ending === null ? [...asked, ...Object.keys(task.delegates)] : [];
      const messages = await store.queue(
        taskId,
        [...new Set(told)].flatMap((id) => messageTo(deps, id, 'asked')),
      );
      const isTold = task.said.length > 0 || ending !== null;
      const draws = deps.slackDesk !== undefined;
      return {
        taskId,
        ticketId,
        runId,
        question,
        occasion,
        requester,
        task,
        ending,
        messages: messages.map(bare),
        draws,
        isTold,
      };
    },

    writeDecision: ({ taskId, said, outcome }: WriteDecision): Promise<void> => store.said(taskId, said, outcome),

    /** Who decides in somebody's place is asked as they were. */
    async writeDelegate({ taskId, by, to, via }: WriteDelegate): Promise<readonly TaskMessage[]> {
      await store.delegated(taskId, by, to, via);
      const queued = await store.queue(taskId, messageTo(deps, to, 'asked'));
      return queued.filter(({ agentId, status }) => agentId === to && status === 'queued').map(bare);
    },

    endTask: ({ taskId, ending, outcome, by }: EndTask): Promise<void> => store.end(taskId, ending, outcome, by),

    /** Whose request it was hears what became of it. */
    async queueTaskEnd(taskId: string): Promise<readonly TaskMessage[]> {
      const { requester } = await taskNamed(deps, taskId);
      if (requester === null) return [];
      const queued = await store.queue(taskId, messageTo(deps, requester, 'ended'));
      return queued.filter(({ occasion }) => occasion === 'ended').map(bare);
    },

    /**
     * What to send instead: a mail; or the same once more, where there is no other way to whom is asked and it may yet go out (not `hopeless`). Null:
     * they are not told.
     */
    async giveUpTaskMessage({
      taskId,
      message,
      hopeless = true,
    }: OfTask & { readonly message: TaskMessage; readonly hopeless?: boolean }): Promise<TaskMessage | null> {
      const isLastWay = message.channel === 'mail' || deps.directory.agent(message.agentId)?.email == null;
      if (isLastWay && !hopeless && message.occasion === 'asked') {
        const { ending } = await taskNamed(deps, taskId);
        if (ending === null) return message;
      }
      await store.finish(taskId, message, { status: 'failed', reason: 'given up' });
      if (isLastWay) return null;
      const mail = { ...message, channel: 'mail' as const, transport: deps.transports.mail as 'ses' | 'outbox' };
      const queued = await store.queue(taskId, [mail]);
      return queued.some(({ agentId, channel }) => agentId === mail.agentId && channel === 'mail') ? mail : null;
    },

    /** The workflow whose flow waits for it; one that is closed needs no word. */
    async tellTicketOfTask(taskId: string): Promise<void> {
      const { occasion, ending, task, ...kept } = await taskNamed(deps, taskId);
      const asker = askerOf(kept);
      if (asker === null || occasion === null || ending === null || task.outcome === null) return;
      const { act, by, at } = task.outcome;
      const said: TaskEnded = { taskId, occasion, ending, act, by, at: new Date(at).toISOString() };
      await unlessGone(() => here().client.workflow.getHandle(asker).signal(taskEnded, said));
    },
  };
}

/** Its workflow writes that down; one that was never started, or is lost, is started for it. */
export async function withdrawAt(taskId: string, asker: string): Promise<void> {
  const { client, taskQueue } = here();
  await client.workflow.signalWithStart(HUMAN_TASK_WORKFLOW, {
    ...taskStart(taskId),
    taskQueue,
    signal: withdrawTask,
    signalArgs: [{ by: asker }],
  });
}

/** The workflow whose flow may wait for it. */
function askerOf({ ticketId, runId }: Pick<KeptTask, 'ticketId' | 'runId'>): string | null {
  if (runId !== null) return flowWorkflowId(runId);
  return ticketId === null ? null : ticketWorkflowId(ticketId);
}

/** @throws StewardError InvalidRequest */
export async function taskNamed({ tasks }: Pick<Deps, 'tasks'>, taskId: string): Promise<KeptTask> {
  const kept = await tasks.store.look(taskId);
  if (kept !== null) return kept;
  throw new StewardError('InvalidRequest', `there is no task ${taskId}`);
}

/**
 * By Slack, where it calls us back and knows the person: a channel is nobody who could decide. Else by mail, with a link of their own. Nobody
 * can be told who has neither.
 */
function messageTo(
  { directory, transports, slackDesk }: Parts,
  agentId: string,
  occasion: TaskOccasion,
): TaskMessage[] {
  const agent = directory.agent(agentId);
  const isOnSlack = transports.slack === 'slack' && slackDesk !== undefined && /^[UW]/.test(agent?.slack ?? '');
  if (isOnSlack) return [{ occasion, agentId, channel: 'slack', transport: 'slack' }];
  if (agent?.email == null) return [];
  return [{ occasion, agentId, channel: 'mail', transport: transports.mail === 'ses' ? 'ses' : 'outbox' }];
}

function bare({ occasion, agentId, channel, transport }: TaskMessage): TaskMessage {
  return { occasion, agentId, channel, transport };
}
