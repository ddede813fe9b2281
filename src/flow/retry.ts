import { ALL, DATA_LIMIT_EXCEEDED, HEARTBEAT_TIMEOUT, RUNTIME, TASK_FAILED, TIMEOUT } from './failure.ts';
import type { Attempt } from './position.ts';
import type { Catcher, Retrier, WorkState } from './types.ts';

/**
 * Does an ErrorEquals cover this error? The wildcards leave out the two errors that end an execution on AWS (a flow that is broken is not
 * mended by asking again); those match by their own name alone. States.TaskFailed leaves out States.Timeout too. A heartbeat that is
 * missing is a time-out, with a name of its own beside.
 */
export function covers(errorEquals: readonly string[], error: string): boolean {
  if (errorEquals.includes(error)) return true;
  if (error === RUNTIME || error === DATA_LIMIT_EXCEEDED) return false;
  if (errorEquals.includes(ALL)) return true;
  if (error === TIMEOUT) return false;
  return error === HEARTBEAT_TIMEOUT ? errorEquals.includes(TIMEOUT) : errorEquals.includes(TASK_FAILED);
}

const firsts = new WeakMap<readonly Retrier[], Attempt>();

/** The same for every entry of the state. */
export function firstAttempt({ retry }: Pick<WorkState, 'retry'>): Attempt {
  const before = firsts.get(retry);
  if (before) return before;
  const most = retry.reduce((found, retrier) => Math.max(found, retrier.maxAttempts), 0);
  const first = { attempt: 1, maxAttempts: 1 + most, used: retry.map(() => 0) };
  firsts.set(retry, first);
  return first;
}

/** The next attempt and the backoff before it in ms, or undefined when no retrier covers the error or the one that does is used up. */
export function nextAttempt(
  state: Pick<WorkState, 'retry'>,
  attempt: Attempt,
  error: string,
  random: (() => number) | undefined,
): { attempt: Attempt; delayMs: number } | undefined {
  const index = state.retry.findIndex((retrier) => covers(retrier.errorEquals, error));
  const retrier = state.retry[index];
  if (!retrier) return undefined;
  const used = attempt.used[index] ?? 0;
  if (used >= retrier.maxAttempts) return undefined;
  const next = attempt.attempt + 1;
  return {
    attempt: {
      attempt: next,
      maxAttempts: next + retrier.maxAttempts - used - 1,
      used: attempt.used.map((count, i) => (i === index ? count + 1 : count)),
    },
    delayMs: backoffMs(retrier, used, random),
  };
}

/** `IntervalSeconds * BackoffRate ^ retries so far`, at most MaxDelaySeconds; with FULL jitter anything between 0 and that. */
export function backoffMs(retrier: Retrier, retriesSoFar: number, random?: () => number): number {
  const seconds = Math.min(
    retrier.intervalSeconds * retrier.backoffRate ** retriesSoFar,
    retrier.maxDelaySeconds ?? LONGEST_DELAY_SECONDS,
  );
  return Math.round(seconds * 1000 * (retrier.fullJitter && random ? random() : 1));
}

/** AWS allows MaxDelaySeconds below 31622400 (a leap year); the same bound keeps an uncapped backoff a real date. */
const LONGEST_DELAY_SECONDS = 31_622_400;

export function catcherOf(state: Pick<WorkState, 'catch'>, error: string): Catcher | undefined {
  return state.catch.find((catcher) => covers(catcher.errorEquals, error));
}
