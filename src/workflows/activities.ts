import {
  ActivityCancellationType,
  ActivityFailure,
  ApplicationFailure,
  proxyActivities,
  proxyLocalActivities,
  TimeoutFailure,
  workflowInfo,
} from '@temporalio/workflow';
import type { RunBase } from '../activities/flow-run.ts';
import type { Activities } from '../activities/index.ts';
import { type Provider, providerQueue } from '../contract.ts';
import { CHANGES } from '../domain/changes.ts';
import { atRest } from './rest.ts';

type Own =
  | 'receiveTicket'
  | 'gatherOwnFacts'
  | 'lastStatus'
  | 'recordChange'
  | 'takeEvent'
  | 'handOver'
  | 'tellAdmins'
  | 'tellOfSla'
  | 'tellOfUndelivered'
  | 'tellOfStranger'
  | 'callPeople'
  | 'queuePage'
  | 'searchHelp'
  | 'asksForPerson'
  | 'isUnreached'
  | 'readMessage'
  | 'answerByBot'
  | 'queueMail'
  | 'withdraw'
  | 'askByFlow'
  | 'askByRun'
  | 'evaluateFlow'
  | 'beginFlow'
  | 'nameItems'
  | 'findFlow'
  | 'drawSecret'
  | 'giveUpDeliveries'
  | 'queueNotification'
  | 'queueRunMessages'
  | 'sendRunMessage'
  | 'deliver';

/** Our own database answers in a millisecond: two quick tries inside the workflow task, no trip over the task queue. */
const local = proxyLocalActivities<Activities>({
  startToCloseTimeout: '2s',
  retry: { maximumAttempts: 2, initialInterval: '50ms' },
});

/** The same step when PostgreSQL is away: a normal activity, repeated without end, so that no workflow task is held up by it. */
const patient = proxyActivities<Activities>({
  startToCloseTimeout: '10s',
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '15s' },
  cancellationType: ActivityCancellationType.TRY_CANCEL,
});

/** @see `drawSecret` of the activities */
export async function drawBase(): Promise<RunBase> {
  const drawn = await own.drawSecret(CHANGES.length);
  return typeof drawn === 'string' ? { secret: drawn } : drawn;
}

function ours<K extends Own>(name: K): Activities[K] {
  const step = (...args: unknown[]) => {
    const call = (proxy: unknown) => (proxy as Record<Own, (...a: unknown[]) => Promise<unknown>>)[name](...args);
    return alone(() => call(local)).catch((error: unknown) => {
      if (isFinal(error)) throw error;
      return call(patient);
    });
  };
  return step as unknown as Activities[K];
}

let last: Promise<unknown> = Promise.resolve();

/**
 * One local activity after another. Where several end within one workflow task, each wakes the workflow by itself at first, and all of them
 * at once when their history is replayed: what comes of their order is then another one (seen: a step got another step's result).
 * So does one that outlasts its workflow task: at first it wakes the workflow after what the next task brought (signals, timers, updates),
 * and in a replay together with it. Hence `atRest`: what waits for it goes on when all else has come to rest, both times.
 */
function alone<T>(step: () => Promise<T>): Promise<T> {
  const done = last.then(() => step().finally(atRest));
  last = done.catch(() => {});
  return done;
}

/** An answer of ours that no repeat can change, as opposed to a time-out or a database that is away. */
function isFinal(error: unknown): boolean {
  // A local activity's failure comes bare or wrapped, as the SDK pleases.
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (cause instanceof TimeoutFailure) return false;
  return !(cause instanceof ApplicationFailure) || cause.nonRetryable === true;
}

/** Steps on our own database and CPU. They end in their result or in an `ApplicationFailure` that is final. */
export const own: Pick<Activities, Own> = {
  receiveTicket: ours('receiveTicket'),
  gatherOwnFacts: ours('gatherOwnFacts'),
  lastStatus: ours('lastStatus'),
  recordChange: ours('recordChange'),
  takeEvent: ours('takeEvent'),
  handOver: ours('handOver'),
  tellAdmins: ours('tellAdmins'),
  tellOfSla: ours('tellOfSla'),
  tellOfUndelivered: ours('tellOfUndelivered'),
  tellOfStranger: ours('tellOfStranger'),
  callPeople: ours('callPeople'),
  queuePage: ours('queuePage'),
  searchHelp: ours('searchHelp'),
  asksForPerson: ours('asksForPerson'),
  isUnreached: ours('isUnreached'),
  readMessage: ours('readMessage'),
  answerByBot: ours('answerByBot'),
  queueMail: ours('queueMail'),
  withdraw: ours('withdraw'),
  askByFlow: ours('askByFlow'),
  askByRun: ours('askByRun'),
  evaluateFlow: ours('evaluateFlow'),
  beginFlow: ours('beginFlow'),
  nameItems: ours('nameItems'),
  findFlow: ours('findFlow'),
  drawSecret: ours('drawSecret'),
  giveUpDeliveries: ours('giveUpDeliveries'),
  queueNotification: ours('queueNotification'),
  queueRunMessages: ours('queueRunMessages'),
  sendRunMessage: ours('sendRunMessage'),
  deliver: ours('deliver'),
};

/**
 * A source of facts outside: asked until its deadline, over the provider's own task queue. One ask may take as long as the
 * deadline; what is left over when it has failed goes into further ones.
 */
export function source(provider: Provider, deadlineMs: number): Pick<Activities, 'detectSentiment' | 'fetchStatus'> {
  return proxyActivities<Activities>({
    taskQueue: providerQueue(workflowInfo().taskQueue, provider),
    scheduleToCloseTimeout: deadlineMs,
    retry: { initialInterval: '200ms', maximumInterval: '2s' },
    cancellationType: ActivityCancellationType.TRY_CANCEL,
    summary: SOURCE_SUMMARY[provider],
  });
}
const SOURCE_SUMMARY: Record<Provider, string> = {
  comprehend: 'Sentiment by Comprehend',
  status: 'System status',
  mail: 'Mail',
  slack: 'Slack',
  pagerduty: 'PagerDuty',
};

/**
 * What is done at messages that are there, over Slack's queue: the look of one, or an answer that only one person sees. `tries`: of an answer that
 * Slack does not take at once; whether a look is tried again is the workflow's to say.
 */
export function slackDesk(
  attemptMs: number,
  summary: string,
  tries?: number,
): Pick<Activities, 'drawCards' | 'answerClick'> {
  return proxyActivities<Activities>({
    taskQueue: providerQueue(workflowInfo().taskQueue, 'slack'),
    startToCloseTimeout: attemptMs,
    scheduleToStartTimeout: '1h',
    retry: {
      initialInterval: '1s',
      maximumInterval: '15s',
      ...(tries === undefined ? {} : { maximumAttempts: tries }),
    },
    cancellationType: ActivityCancellationType.TRY_CANCEL,
    summary,
  });
}

/**
 * A message over a provider's queue. The provider's answer, good or bad, comes back at once (the flow decides about another
 * try); an attempt that was lost with its worker is repeated after `lostAttemptMs`, and the ledger knows what became of it. After
 * `leftMs` it has failed with `States.Timeout`.
 */
export function sender(
  provider: Provider,
  lostAttemptMs: number,
  summary: string,
  leftMs: number | undefined,
): Pick<Activities, 'deliver' | 'sendRunMessage'> {
  return proxyActivities<Activities>({
    taskQueue: providerQueue(workflowInfo().taskQueue, provider),
    startToCloseTimeout: lostAttemptMs,
    scheduleToStartTimeout: '1h',
    ...(leftMs === undefined ? {} : { scheduleToCloseTimeout: leftMs }),
    retry: { initialInterval: '1s', maximumInterval: '15s' },
    // What PagerDuty is told next depends on whether a page went out: an attempt under way is waited for.
    cancellationType:
      provider === 'pagerduty'
        ? ActivityCancellationType.WAIT_CANCELLATION_COMPLETED
        : ActivityCancellationType.TRY_CANCEL,
    summary,
  });
}
