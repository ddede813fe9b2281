/** What a state in JSONata has evaluated by its driver: the library evaluates asynchronously, and must not hold up a workflow. */
import type { Json, JsonObject } from '../domain/json.ts';
import type { Variables } from './path.ts';
import { isList, isObject } from './values.ts';

/** Plain JSON, so that it can be an activity's argument. */
export type Evaluation = Readable &
  (
    | { readonly kind: 'fields'; readonly fields: JsonObject }
    /** The first condition that is true. */
    | { readonly kind: 'choice'; readonly conditions: readonly Json[] }
    /** The fields once for each item, which is `$states.context.Map.Item` then. */
    | { readonly kind: 'items'; readonly fields: JsonObject; readonly items: readonly JsonObject[] }
  );

/** What expressions read: `$states`, and the variables. */
export interface Readable {
  readonly states: JsonObject;
  readonly variables: Variables;
}

export type Answer =
  | { readonly kind: 'fields'; readonly values: JsonObject }
  /** Index of the rule; null: none is met. */
  | { readonly kind: 'choice'; readonly chosen: number | null }
  | { readonly kind: 'items'; readonly values: readonly JsonObject[] };

/** What is evaluated, and what the state does with the answer. */
export interface Asked {
  readonly evaluation: Evaluation;
  readonly then: Then;
}

export type Then =
  | { readonly step: 'begin' }
  /** A Map that has its items and selects what each begins with. */
  | { readonly step: 'select'; readonly items: readonly Json[]; readonly most: number; readonly tolerated?: number }
  /** On to `next`, or to the end, with Output or else `output`. */
  | { readonly step: 'leave'; readonly next?: string; readonly output: Json };

/** The answer where nothing is written that needs evaluating; undefined else. */
export function literalAnswer(evaluation: Evaluation): Answer | undefined {
  if (evaluation.kind === 'choice') {
    if (evaluation.conditions.some(isWritten)) return undefined;
    const chosen = evaluation.conditions.indexOf(true);
    return { kind: 'choice', chosen: chosen < 0 ? null : chosen };
  }
  if (isWritten(evaluation.fields)) return undefined;
  const { fields } = evaluation;
  if (evaluation.kind === 'fields') return { kind: 'fields', values: fields };
  return { kind: 'items', values: evaluation.items.map(() => fields) };
}

/** Does an expression stand in it, or what may be meant as one? */
function isWritten(value: Json): boolean {
  if (typeof value === 'string') return value.includes('{%') || value.includes('%}');
  if (isList(value)) return value.some(isWritten);
  return isObject(value) && Object.values(value).some(isWritten);
}
