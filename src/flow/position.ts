import type { Json } from '../domain/json.ts';
import type { Decision } from './choose.ts';
import type { Answer, Asked, Evaluation } from './evaluation.ts';
import type { Variables } from './path.ts';
import type { MapState } from './types.ts';

/**
 * Where a flow stands: plain JSON, so that it can be carried across runs and compared. A frame is one line of execution; the branches of a
 * Parallel and the items of a Map are frames within a frame.
 */
export interface Position {
  readonly execution: {
    readonly id: string;
    readonly name: string;
    /** The flow's name. */
    readonly flow: string;
    readonly startedAt: number;
    readonly input: Json;
    /** Epoch ms when the flow's own TimeoutSeconds are over. */
    readonly until?: number;
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
  /** Set by Assign, here or around the frame. */
  readonly variables?: Variables;
  /** Of a frame within another: which branch or item, from the outermost on; and the names of the states around it, for its own names. */
  readonly line?: Line;
  readonly within?: string;
  /** The item of the innermost Map around it. */
  readonly item?: Item;
}

/** Which branch or item, from the outermost Parallel or Map on, each from 0. */
export type Line = readonly number[];

export interface Item {
  readonly index: number;
  readonly value: Json;
}

export type Phase =
  | { readonly kind: 'ready' }
  | { readonly kind: 'yielding'; readonly until: number }
  | ({ readonly kind: 'tasking'; readonly token?: string; readonly given?: TaskInput } & Attempt)
  | ({ readonly kind: 'evaluating'; readonly token?: string } & Asked & Partial<Attempt>)
  | ({ readonly kind: 'backingOff'; readonly until: number; readonly error: string } & Attempt)
  | ({ readonly kind: 'branching' } & Attempt & Branching)
  /** A batch of items that runs elsewhere: up to item `to`, and what each begins with. */
  | { readonly kind: 'delegated'; readonly to: number; readonly inputs: readonly Json[] }
  | { readonly kind: 'waiting'; readonly until: number }
  | { readonly kind: 'failed'; readonly error: string; readonly cause: string }
  | { readonly kind: 'succeeded'; readonly output: Json };

/** A Parallel's branches or a Map's items under way. */
export interface Branching {
  /** How many there are, and how many of them were begun. */
  readonly count: number;
  readonly begun: number;
  /** Those that are under way, by index. */
  readonly lines: Readonly<Record<string, Frame>>;
  /** By index: the outputs of those that are through. */
  readonly outputs: Readonly<Record<string, Json>>;
  /** How many failed, and how the last of them did. */
  readonly failures: number;
  readonly failure?: { readonly error: string; readonly cause: string };
  /** A Map's items. */
  readonly items?: readonly Json[];
  /** In JSONata: what every branch, or each item's flow, begins with. */
  readonly given?: Json;
  readonly selected?: readonly Json[];
  /** How many may be under way at once. */
  readonly most: number;
  /** How many may fail, where that was said. */
  readonly tolerated?: number;
  /** The items run in batches, whose first item's index stands for the line: of so many items, and so many of them at once. */
  readonly batch?: { readonly size: number; readonly most: number };
  /** This is such a batch: its flow ends with it, and `items` and `selected` begin with item `offset`. */
  readonly isBatch?: true;
  readonly offset?: number;
}

/** What came of a batch of items. */
export interface BatchDone {
  /** By index of the item; without those that failed and were tolerated. */
  readonly outputs: Readonly<Record<string, Json>>;
  readonly failures: number;
  readonly failure?: { readonly error: string; readonly cause: string };
}

/** Which attempt is under way (in `backingOff`: comes next), of how many, and how often each retrier was used. */
export interface Attempt {
  readonly attempt: number;
  readonly maxAttempts: number;
  readonly used: readonly number[];
}

/** Whose effect it is. */
export interface Occasion {
  readonly state: string;
  /** How many times this state was entered, from 1. State and entry are the occasion: a repeat of the same entry is the same occasion. */
  readonly entry: number;
  /** Within a Parallel or a Map: the line, to be named by the event; and the occasions around it, a part of this one's name. */
  readonly line?: Line;
  readonly within?: string;
}

/** What a Task's module is given, and how long it may take. */
export interface TaskInput {
  readonly input: Json;
  readonly timeoutSeconds?: number;
  readonly heartbeatSeconds?: number;
}

/** What the driver has to do before it proceeds. */
export type Effect =
  | (Occasion & {
      readonly kind: 'task';
      /** From 1; begins anew when an operator repeats the state. */
      readonly attempt: number;
      /** What the retrier of the last error allows; before any error 1 + the greatest MaxAttempts. */
      readonly maxAttempts: number;
      readonly resource: string;
      readonly input: Json;
      readonly timeoutSeconds?: number;
      readonly heartbeatSeconds?: number;
      /** The result is what this token is completed with. */
      readonly token?: string;
    })
  | (Occasion & {
      readonly kind: 'wait';
      /** Epoch ms; may have passed already. */
      readonly until: number;
      readonly why: 'wait' | 'retry' | 'yield';
      /** `retry` only: the attempt that comes next. */
      readonly attempt?: number;
      readonly maxAttempts?: number;
      /** `retry` only: the error that is retried. */
      readonly error?: string;
    })
  | (Occasion & { readonly kind: 'evaluate'; readonly evaluation: Evaluation })
  /** A batch of a Map's items, `from` the first and without item `to`. State and entry are the Map's. */
  | (Occasion & { readonly kind: 'items'; readonly from: number; readonly to: number })
  /** What the lines within a Parallel or a Map wait for, each with its `line`; an event answers one of them. */
  | (Occasion & { readonly kind: 'lines'; readonly effects: readonly LineEffect[] })
  | { readonly kind: 'succeeded'; readonly output: Json }
  | (Occasion & {
      readonly kind: 'failed';
      readonly error: string;
      readonly cause: string;
      /** The raw input of the failing state: what an operator's `fix` replaces. */
      readonly input: Json;
    });

export type LineEffect = Extract<Effect, { kind: 'task' | 'wait' | 'evaluate' | 'items' }>;

export type ItemsEffect = Extract<Effect, { kind: 'items' }>;

/** What came of an effect; `line`: of which, when there are several. */
export type FlowEvent = { readonly line?: Line } & Happening;

type Happening =
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
  | { readonly kind: 'evaluated'; readonly answer: Answer }
  /** A batch of items is through. */
  | { readonly kind: 'batched'; readonly done: BatchDone; readonly decisions?: readonly Decision[] }
  /** The flow's own TimeoutSeconds are over. */
  | { readonly kind: 'timedOut' }
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
  /**
   * Makes the token of a Task that waits for one, for the place where it is waited for, and the time: another one each time, and one that
   * nobody may guess.
   */
  readonly token?: (place: string, at: number) => string;
  /** Nobody reads the turn's decisions: it has none. */
  readonly unrecorded?: boolean;
  /** Did the run begin before this change of the interpreter? Then it goes on as it did. Asked only where the change makes a difference. */
  readonly isBefore?: (change: Change) => boolean;
  /** Of how many items the batches are in which so many items of a Map are to run; undefined: none, all of them run here. */
  readonly batch?: (state: MapState, count: number) => number | undefined;
  /** Is told of every state that is entered, left or has failed. */
  readonly watch?: (passage: Passage) => void;
}

/**
 * `bounded-data`: States.DataLimitExceeded where a state has more than 256 KiB.
 * `catch-once`: a catcher whose own Output or Assign fails, fails the state; no catcher is asked again.
 * `null-kept`: in JSONata a field that comes to null is null, and not as if it had not been written.
 * `error-name`: the Error of a Fail in JSONata is a name, and nothing personal.
 * `token-bare`: of Lambda's `invoke` with a token there is what was given, and not as a function's Payload.
 */
export type Change = 'bounded-data' | 'catch-once' | 'null-kept' | 'error-name' | 'token-bare';

export type Passage =
  | { readonly kind: 'entered'; readonly frame: Frame }
  | {
      readonly kind: 'left';
      readonly frame: Frame;
      readonly at: number;
      readonly output: Json;
      readonly assigned: Json | undefined;
    }
  | {
      readonly kind: 'failed';
      readonly frame: Frame;
      readonly at: number;
      readonly error: string;
      readonly cause: string;
    };

export interface Turn {
  readonly position: Position;
  readonly effect: Effect;
  /** Every Choice passed in this turn, in order. */
  readonly decisions: Decision[];
}
