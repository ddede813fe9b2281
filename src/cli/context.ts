import type { StewardClient } from '../client.ts';
import type { ErasureDesk } from '../compose-erasure-desk.ts';
import type { Operator } from '../compose-operator.ts';
import type { TemplateDesk } from '../compose-preview.ts';
import type { ReadRuns } from '../compose-privacy.ts';
import type { FlowClient } from '../deps-flow.ts';
import type { AuditActor } from '../domain/audit.ts';
import type { HumanTasks } from '../human-tasks.ts';
import type { ShownAgent } from '../own-key.ts';

export type Steward = Pick<
  StewardClient,
  | 'submit'
  | 'describe'
  | 'operate'
  | 'operateParked'
  | 'cancelParked'
  | 'claim'
  | 'reply'
  | 'resolve'
  | 'decide'
  | 'measureMonth'
  | 'retain'
>;

/** All that a command touches, so that a test can hand it something else. What is costly is opened when first asked for. */
export interface Context {
  /** Standard output: what the user asked for, nothing else. */
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** A file's text; `-` is standard input. */
  readonly readText: (file: string) => Promise<string>;
  /** Epoch ms. */
  readonly now: () => number;
  /** Asks a person at the terminal; missing: there is none. */
  readonly ask?: (question: string) => Promise<boolean>;
  readonly operator: () => Promise<Operator>;
  /** Brings the database's schema and rights up to date; the names of what was applied. */
  readonly migrate: () => Promise<readonly string[]>;
  readonly steward: () => Promise<Steward>;
  readonly erasures: () => Promise<ErasureDesk>;
  readonly templates: () => Promise<TemplateDesk>;
  readonly tasks: () => Promise<TaskGround>;
  readonly flows: () => Promise<FlowClient>;
  readonly runWords: () => Promise<ReadRuns>;
}

/** `by`: the login that PostgreSQL has let in; `shown`: who of us shows an API key of their own, which is looked at when it is asked for. */
export interface TaskGround {
  readonly tasks: HumanTasks;
  readonly by: AuditActor;
  readonly shown: () => Promise<ShownAgent | null>;
}

/** Every command has it: JSON of a stable shape instead of words. */
export interface JsonOption {
  readonly json?: boolean;
}

export function sayJson(context: Pick<Context, 'out'>, value: unknown): void {
  context.out(`${JSON.stringify(value, null, 2)}\n`);
}
