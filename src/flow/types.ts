import type { Json } from '../domain/json.ts';
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
}

export type State = TaskState | ChoiceState | PassState | WaitState | SucceedState | FailState;

interface Named {
  readonly name: string;
  readonly comment: string | undefined;
}

/** InputPath and OutputPath; `null` stands for the empty object. */
interface Filtered {
  readonly inputPath: Path | Query | null;
  readonly outputPath: Path | Query | null;
}

interface Going {
  /** `undefined`: the state ends the flow, by `End: true` or by naming nothing. */
  readonly next: string | undefined;
}

export interface TaskState extends Named, Filtered, Going {
  readonly type: 'Task';
  readonly resource: string;
  /** Lambda's `invoke` integration: the module gets `Payload` and its result comes back in `Payload`. */
  readonly invoke: boolean;
  readonly parameters: Template | undefined;
  readonly resultSelector: Template | undefined;
  /** `null`: the result is thrown away. */
  readonly resultPath: Path | null;
  readonly timeoutSeconds: number | Path | undefined;
  readonly retry: readonly Retrier[];
  readonly catch: readonly Catcher[];
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

export interface Catcher {
  readonly errorEquals: readonly string[];
  readonly resultPath: Path | null;
  readonly next: string;
}

export interface Rule {
  readonly condition: Condition;
  readonly next: string;
}

export interface ChoiceState extends Named, Filtered {
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
