/** The way that a flow has taken, as it is shown to people: names and times, and nothing of what went through. */
import type { Passage } from './position.ts';

/** A state that was entered. */
export interface Passing {
  readonly state: string;
  readonly entry: number;
  /** The occasions around it, where it stands within a Parallel or a Map. */
  readonly within?: string;
  /** Epoch ms. */
  readonly enteredAt: number;
  readonly leftAt?: number;
  /** Of a Task. */
  readonly attempts?: number;
  /** Nothing has caught it. */
  readonly error?: string;
}

/** Older ones are forgotten: a flow that goes round for a year must not fill its workflow's memory. */
export const MOST_PASSINGS = 200;

/** Takes a passage into the list, which is the workflow's to keep. */
export function takePassage(passings: Passing[], passage: Passage): void {
  const { state, entry, within, enteredAt, phase } = passage.frame;
  const begun = { state, entry, ...(within === undefined ? {} : { within }), enteredAt };
  if (passage.kind === 'entered') {
    passings.push(begun);
    if (passings.length > MOST_PASSINGS) passings.shift();
    return;
  }
  const index = passings.findLastIndex((one) => one.state === state && one.entry === entry && one.within === within);
  if (index < 0) return;
  const attempts = 'attempt' in phase && phase.attempt !== undefined ? { attempts: phase.attempt } : {};
  const error = passage.kind === 'failed' ? { error: passage.error } : {};
  // Anew: one that an operator has repeated has failed no longer.
  passings[index] = { ...begun, leftAt: passage.at, ...attempts, ...error };
}

/** What a state that has not been left waits for. */
export interface Standing {
  readonly state: string;
  readonly within?: string;
  readonly attempt?: number;
  readonly maxAttempts?: number;
  /** Epoch ms: a Wait, or the pause before a next attempt. */
  readonly until?: number;
  /** It waits for an operator, or has ended the flow. */
  readonly error?: string;
}

/** The way that a flow has taken so far, with the flow itself. */
export interface FlowWay {
  readonly name: string;
  readonly version: string;
  readonly passings: readonly Passing[];
  readonly standing: readonly Standing[];
}
