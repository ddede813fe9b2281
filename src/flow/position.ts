import type { Json } from '../domain/json.ts';
import type { Decision } from './choose.ts';

/**
 * Where a flow stands: plain JSON, so that it can be carried across runs and compared. A frame is one line of execution; branches of
 * Parallel and Map states will be frames within a frame.
 */
export interface Position {
  readonly execution: {
    readonly id: string;
    readonly name: string;
    /** The flow's name. */
    readonly flow: string;
    readonly startedAt: number;
    readonly input: Json;
  };
  /** Moves from one state to another, in the whole flow, since it began or since an operator last took it in hand. */
  readonly transitions: number;
  /** States passed since the last effect that took time. */
  readonly sinceEffect: number;
  /** Epoch ms of the last turn. */
  readonly turnedAt: number;
  readonly frame: Frame;
}

export interface Frame {
  readonly state: string;
  /** The how-manieth entry into this state this is, from 1. */
  readonly entry: number;
  /** How often each state was entered. */
  readonly entries: Readonly<Record<string, number>>;
  /** The raw input of the state. */
  readonly input: Json;
  /** Epoch ms. */
  readonly enteredAt: number;
  readonly phase: Phase;
}

export type Phase =
  | { readonly kind: 'ready' }
  | { readonly kind: 'yielding'; readonly until: number }
  | ({ readonly kind: 'tasking' } & Attempt)
  | ({ readonly kind: 'backingOff'; readonly until: number; readonly error: string } & Attempt)
  | { readonly kind: 'waiting'; readonly until: number }
  | { readonly kind: 'failed'; readonly error: string; readonly cause: string }
  | { readonly kind: 'succeeded'; readonly output: Json };

/** Which attempt is under way (in `backingOff`: comes next), of how many, and how often each retrier was used. */
export interface Attempt {
  readonly attempt: number;
  readonly maxAttempts: number;
  readonly used: readonly number[];
}

/** What the driver has to do before it proceeds. */
export type Effect =
  | {
      readonly kind: 'task';
      readonly state: string;
      /** How many times this state was entered, from 1. State and entry are the occasion: a repeat of the same entry is the same occasion. */
      readonly entry: number;
      /** From 1; begins anew when an operator repeats the state. */
      readonly attempt: number;
      /** What the retrier of the last error allows; before any error 1 + the greatest MaxAttempts. */
      readonly maxAttempts: number;
      readonly resource: string;
      readonly input: Json;
      readonly timeoutSeconds?: number;
    }
  | {
      readonly kind: 'wait';
      readonly state: string;
      readonly entry: number;
      /** Epoch ms; may have passed already. */
      readonly until: number;
      readonly why: 'wait' | 'retry' | 'yield';
      /** `retry` only: the attempt that comes next. */
      readonly attempt?: number;
      readonly maxAttempts?: number;
      /** `retry` only: the error that is retried. */
      readonly error?: string;
    }
  | { readonly kind: 'succeeded'; readonly output: Json }
  | {
      readonly kind: 'failed';
      readonly state: string;
      readonly entry: number;
      readonly error: string;
      readonly cause: string;
      /** The raw input of the failing state: what an operator's `fix` replaces. */
      readonly input: Json;
    };

export type FlowEvent =
  | { readonly kind: 'result'; readonly output: Json }
  | {
      readonly kind: 'error';
      readonly error: string;
      readonly cause: string;
      /** false: asking again cannot help, so Retry is not consulted; Catch is. */
      readonly retryable?: boolean;
      /** The provider's own word: the wait is the longer of this and the backoff. */
      readonly retryAfterMs?: number;
      /** false: the attempt was lost, not answered: the same attempt is made again, no retrier is used up. */
      readonly counts?: boolean;
    }
  | { readonly kind: 'elapsed' }
  /** An operator's answers to `failed`: same entry, fresh retries. */
  | { readonly kind: 'retry' }
  | { readonly kind: 'fix'; readonly input: Json }
  /** A Task goes on with `result` as its result; another state with `result` as its output (a Choice to its Default). */
  | { readonly kind: 'skip'; readonly result: Json };

export interface Clock {
  /** Epoch ms. */
  readonly now: number;
  /** From 0 to 1, for JitterStrategy FULL; without it the whole delay is waited. */
  readonly random?: () => number;
}

export interface Turn {
  readonly position: Position;
  readonly effect: Effect;
  /** Every Choice passed in this turn, in order. */
  readonly decisions: Decision[];
}
