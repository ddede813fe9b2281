import type { Json, JsonObject } from '../domain/json.ts';
import type { Condition } from './condition.ts';
import type { Expression } from './expression.ts';
import type { Path } from './path.ts';
import type { Query } from './query.ts';
import type { Template } from './template.ts';

/** A definition that was read and found right. Made from the definition whenever it is needed; never carried as JSON. */
export interface Flow {
  readonly name: string;
  readonly comment: string | undefined;
  readonly startAt: string;
  readonly states: ReadonlyMap<string, State>;
  /** The longest that the whole flow may take; of a branch or an item's flow always undefined. */
  readonly timeoutSeconds: number | undefined;
}

export type State =
  | TaskState
  | ParallelState
  | MapState
  | ChoiceState
  | PassState
  | WaitState
  | SucceedState
  | FailState;

/** States whose work may fail for a while: they have Retry and Catch. */
export type WorkState = TaskState | ParallelState | MapState;

interface Named {
  readonly name: string;
  /** Where it stands in the definition: `$.States.Notify.Branches[0].States.Mail`. */
  readonly path: string;
  readonly comment: string | undefined;
  /** Of a state in JSONata: the fields that may hold expressions, as they are written. Its fields of JSONPath are then the defaults. */
  readonly jsonata?: JsonObject;
}

/** InputPath and OutputPath; `null` stands for the empty object. */
interface Filtered {
  readonly inputPath: Path | Query | null;
  readonly outputPath: Path | Query | null;
}

/** Variables to set when the state is left. */
interface Assigning {
  readonly assign: Template | undefined;
}

interface Going extends Assigning {
  /** `undefined`: the state ends the flow, by `End: true` or by naming nothing. */
  readonly next: string | undefined;
}

/** What becomes of a result, and of an error. */
interface Working extends Named, Filtered, Going {
  readonly parameters: Template | undefined;
  readonly resultSelector: Template | undefined;
  /** `null`: the result is thrown away. */
  readonly resultPath: Path | null;
  readonly retry: readonly Retrier[];
  readonly catch: readonly Catcher[];
}

export interface TaskState extends Working {
  readonly type: 'Task';
  readonly resource: string;
  /** Lambda's `invoke` integration: the module gets `Payload` and its result comes back in `Payload`. */
  readonly invoke: boolean;
  /** `.waitForTaskToken`: the result is what somebody completes the token with. */
  readonly awaitsToken: boolean;
  readonly timeoutSeconds: number | Path | undefined;
  readonly heartbeatSeconds: number | Path | undefined;
}

export interface ParallelState extends Working {
  readonly type: 'Parallel';
  readonly branches: readonly Flow[];
}

export interface MapState extends Working {
  readonly type: 'Map';
  readonly itemsPath: Path | Query;
  /** What an item's flow begins with; the item itself where there is none. `Parameters` of older definitions stands here too. */
  readonly itemSelector: Template | undefined;
  readonly processor: Flow;
  /** 0: as many at once as there may be. */
  readonly maxConcurrency: number | Path;
  readonly toleratedFailureCount: number | Path | undefined;
  readonly toleratedFailurePercentage: number | Path | undefined;
}

export interface Retrier {
  readonly errorEquals: readonly string[];
  readonly intervalSeconds: number;
  /** Retries, not attempts: 3 means four attempts. */
  readonly maxAttempts: number;
  readonly backoffRate: number;
  readonly maxDelaySeconds: number | undefined;
  readonly fullJitter: boolean;
}

export interface Catcher extends Assigning {
  readonly errorEquals: readonly string[];
  readonly resultPath: Path | null;
  readonly next: string;
  /** Output and Assign in JSONata. */
  readonly jsonata?: JsonObject;
}

export interface Rule extends Assigning {
  readonly condition: Condition;
  readonly next: string;
  /** Condition, Output and Assign in JSONata. */
  readonly jsonata?: JsonObject;
}

/** Its own `assign` goes with the Default alone. */
export interface ChoiceState extends Named, Filtered, Assigning {
  readonly type: 'Choice';
  readonly choices: readonly Rule[];
  readonly default: string | undefined;
}

export interface PassState extends Named, Filtered, Going {
  readonly type: 'Pass';
  readonly parameters: Template | undefined;
  readonly result: Json | undefined;
  readonly resultPath: Path | null;
}

/** Seconds from the entry, or an instant in epoch ms; a path is read when the state is entered. */
export type Until =
  | { readonly kind: 'seconds'; readonly seconds: number | Path }
  | { readonly kind: 'timestamp'; readonly at: number | Path };

export interface WaitState extends Named, Filtered, Going {
  readonly type: 'Wait';
  readonly until: Until;
}

export interface SucceedState extends Named, Filtered {
  readonly type: 'Succeed';
}

export interface FailState extends Named {
  readonly type: 'Fail';
  readonly error: string | Expression | undefined;
  readonly cause: string | Expression | undefined;
}
