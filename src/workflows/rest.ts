import { type TimerOptions, condition as waitFor } from '@temporalio/workflow';

/** How often somebody who waited for a condition went on. */
let wakings = 0;

/** The SDK's own, and counted: `atRest` must know whether anybody still moves. All that a ticket waits for, it waits for by this one. */
export function condition(fn: () => boolean): Promise<void>;
export function condition(fn: () => boolean, timeoutMs: number, options: TimerOptions): Promise<boolean>;
export function condition(fn: () => boolean, timeoutMs?: number, options: TimerOptions = {}): Promise<unknown> {
  const counted = () => {
    const isTrue = fn();
    if (isTrue) wakings += 1;
    return isTrue;
  };
  return timeoutMs === undefined ? waitFor(counted) : waitFor(counted, timeoutMs, options);
}

/** The latest time that a timer was set for and has fired, epoch ms. */
let reached = 0;

/**
 * The workflow's clock, epoch ms, and never before what a timer has reached. Where a step outlasts its workflow task, or a task is given up and
 * handed out again, the clock of a replay differs by up to seconds from what it was at first, and so do the times that were reckoned from it:
 * a timer that fired fired all the same, and what it was set for must be found due both times.
 */
export function now(): number {
  return Math.max(Date.now(), reached);
}

/** A timer for this time has fired. */
export function hasCome(at: number): void {
  reached = Math.max(reached, at);
}

/** Resolves when all that this waking of the workflow has set going waits again. */
export async function atRest(): Promise<void> {
  for (let before = -1; before !== wakings; ) {
    before = wakings;
    await everybodyHasLooked();
  }
}

/** The SDK looks at conditions when no promise moves any more, and then at all of them. */
function everybodyHasLooked(): Promise<void> {
  let looks = 0;
  return waitFor(() => looks++ > 0);
}
