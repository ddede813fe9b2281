/** What people are told of a task, by Slack and by mail. */
import { activityInfo, cancellationSignal } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { flowWorkflowId } from '../contract-flow.ts';
import type { Deps, TaskCard } from '../deps.ts';
import type { KeptTask, TaskMessage } from '../deps-tasks.ts';
import { ProviderError, StewardError } from '../domain/errors.ts';
import type { HumanTask, Refused } from '../domain/human-task.ts';
import type { TaskEnding } from '../domain/human-task-asked.ts';
import { sayEnd, sayNobody, sayRefused, sayStand } from '../domain/human-task-words.ts';
import type { JsonObject } from '../domain/json.ts';
import { nameIn } from './card.ts';
import { taskNamed } from './human-task.ts';
import { sendLetter } from './letter.ts';

type Parts = Pick<
  Deps,
  'tasks' | 'directory' | 'templates' | 'links' | 'mailer' | 'outbox' | 'slack' | 'slackDesk' | 'transports'
>;

interface AnswerTaskClick {
  readonly taskId: string;
  /** Slack's id of who clicked. */
  readonly user: string;
  readonly answerUrl: string | null;
  /** `nobody`: we don't know whose account it is. */
  readonly refused: Refused | 'nobody';
  /** The task as it was judged by. */
  readonly stand: HumanTask & { readonly ending: TaskEnding | null };
}

/** Ends before Temporal gives the attempt up for lost: two at once could both send, and an old look must not arrive behind a newer one. */
const SHARE = 0.7;

export function humanTaskMessageActivities(deps: Parts) {
  const { store } = deps.tasks;
  return {
    /** Sends one message through its row of the ledger. Slack is asked first whether an attempt that was lost has sent it. */
    async sendTask({ taskId, message }: { readonly taskId: string; readonly message: TaskMessage }): Promise<void> {
      const before = await store.begin(taskId, message);
      if (before === null || (before.status !== 'queued' && before.status !== 'sending')) return;
      const kept = await taskNamed(deps, taskId);
      // Nobody is asked what is decided.
      if (message.occasion === 'asked' && kept.ending !== null) {
        return store.finish(taskId, message, { status: 'suppressed', reason: 'decided before' });
      }
      const id = await repeatable(() =>
        message.channel === 'slack'
          ? toSlack(deps, kept, message, before.status === 'sending')
          : byMail(deps, kept, message),
      );
      await store.finish(taskId, message, { status: 'sent', ...(id === undefined ? {} : { id }) });
    },

    /** Makes every message in Slack say how the task stands, as it is written now. Doing it twice is harmless. */
    async drawTask(taskId: string): Promise<void> {
      const { slackDesk } = deps;
      const cards = await store.cards(taskId);
      if (!slackDesk || cards.length === 0) return;
      const kept = await taskNamed(deps, taskId);
      for (const { agentId, messageId } of cards) {
        const { text } = await render(deps, kept, agentId, 'asked');
        await repeatable(() => slackDesk.redraw(messageId, { text, task: cardOf(deps, kept) }, within()));
      }
    },

    /** Tells one of us alone why their click does not count. */
    async answerTaskClick({ taskId, user, answerUrl, refused, stand }: AnswerTaskClick): Promise<void> {
      const { slackDesk } = deps;
      if (!slackDesk) return;
      const text = refused === 'nobody' ? sayNobody(taskId) : sayRefused(refused, taskId, stand, nameIn(deps));
      await repeatable(() => slackDesk.whisper({ user, answerUrl }, { text }, within()));
    },
  };
}

async function toSlack(deps: Parts, kept: KeptTask, message: TaskMessage, answerLost: boolean): Promise<string> {
  const { slack, directory } = deps;
  const channel = directory.agent(message.agentId)?.slack;
  if (!slack || !channel) throw new ProviderError('slack', 'recipient has no Slack account', { retryable: false });
  const { text } = await render(deps, kept, message.agentId, message.occasion);
  const said = {
    deliveryId: nameOf(kept.taskId, message),
    ticketId: kept.ticketId ?? '',
    channel,
    text,
    ...(message.occasion === 'asked' ? { task: cardOf(deps, kept) } : {}),
  };
  const there = answerLost ? await slack.find(said, within()) : null;
  return there ?? (await slack.post(said, within()));
}

/** Twice does no harm: the link is the same, and leads to the page that says how it stands. */
async function byMail(deps: Parts, kept: KeptTask, message: TaskMessage): Promise<undefined> {
  const agent = deps.directory.agent(message.agentId);
  if (agent?.email == null) throw new ProviderError('mail', 'recipient has no address', { retryable: false });
  await sendLetter(deps, {
    deliveryId: nameOf(kept.taskId, message),
    ticketId: kept.ticketId ?? kept.taskId,
    to: { address: agent.email, name: agent.name },
    template: TEMPLATES[message.occasion],
    data: dataOf(deps, kept, message.agentId),
  });
  return undefined;
}

const TEMPLATES = { asked: 'task-asked', ended: 'task-ended' } as const;

function render(deps: Parts, kept: KeptTask, agentId: string, occasion: TaskMessage['occasion']) {
  // In Slack there are buttons, and a link of one's own is for a mailbox.
  return deps.templates.render(TEMPLATES[occasion], dataOf(deps, kept, agentId, false));
}

function dataOf(deps: Parts, kept: KeptTask, agentId: string, hasLink = true): JsonObject {
  const { taskId, question, kind, ticketId, runId, requester, task, ending } = kept;
  const name = nameIn(deps);
  return {
    recipient: { id: agentId, name: name(agentId) },
    task: {
      id: taskId,
      kind,
      question,
      ticketId,
      runId,
      requester: requester === null ? null : name(requester),
      form: task.form.join(', '),
      stands: sayStand({ ...task, ending }, name),
    },
    links: {
      task: hasLink ? deps.links.task({ taskId, agentId }) : null,
      webUi: webUiOf(deps, kept),
    },
  };
}

function cardOf(deps: Parts, kept: KeptTask): TaskCard {
  const { taskId, question, ticketId, runId, requester, task, ending } = kept;
  const name = nameIn(deps);
  const stand = { ...task, ending };
  return {
    taskId,
    title: question,
    fields: [
      ['Task', taskId],
      ...(ticketId === null ? [] : [['Ticket', ticketId] as const]),
      ...(runId === null ? [] : [['Run', runId] as const]),
      ...(requester === null ? [] : [['Asked for by', name(requester)] as const]),
      ['How it stands', sayStand(stand, name)],
    ],
    said: sayEnd(stand, name) ?? null,
    acts: ending === null ? task.form : [],
    link: webUiOf(deps, kept),
  };
}

/** Where the way of what it is about can be seen. */
function webUiOf({ links }: Parts, { ticketId, runId }: KeptTask): string | null {
  if (runId !== null) return links.workflow(flowWorkflowId(runId));
  return ticketId === null ? null : links.webUi(ticketId);
}

/** Names the file in the outbox, too. */
function nameOf(taskId: string, { occasion, agentId }: TaskMessage): string {
  return `task-${taskId}-${occasion}-${agentId.replace(/[^A-Za-z0-9_-]/g, '-').slice(0, 40)}`;
}

/** Temporal's to repeat, when the provider says so: no flow waits for it. */
async function repeatable<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    if (!error.retryable && !error.answerLost)
      throw new StewardError('ProviderFailed', error.message, { cause: error });
    const { message, retryAfterMs } = error;
    throw ApplicationFailure.create({
      type: error.code,
      message,
      ...(retryAfterMs === undefined ? {} : { nextRetryDelay: retryAfterMs }),
    });
  }
}

function within(): AbortSignal {
  return AbortSignal.any([cancellationSignal(), AbortSignal.timeout(SHARE * activityInfo().startToCloseTimeoutMs)]);
}
