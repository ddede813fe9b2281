import { setImmediate as othersTurn } from 'node:timers/promises';
import type { Json, JsonObject } from '../domain/json.ts';
import { DATA_LIMIT_EXCEEDED } from '../flow/failure.ts';
import { type Bindings, type Expression, prepare } from './expression.ts';
import type { World } from './functions.ts';
import { LIMITS, type Limits, type Refusal, tooLong } from './limits.ts';
import { readWritten } from './text.ts';
import { copyOut } from './value.ts';
import { describeThrown } from './words.ts';

export const QUERY_EVALUATION_ERROR = 'States.QueryEvaluationError';

export interface Options extends World {
  readonly limits?: Partial<Limits>;
  /** Aborted once nobody waits for what is evaluated. */
  readonly signal?: AbortSignal;
}

/** What the flow's Catch and Retry see. The cause names field and expression and holds nothing of the data. */
export interface Failed {
  readonly ok: false;
  readonly error: string;
  readonly cause: string;
  /** Where in the state: `Arguments/order/items[0]`. */
  readonly field: string;
}

/** Templates of one state, by the name of their field, which are evaluated in their order with the same bindings. */
export interface JsonataRequest extends Bindings {
  readonly fields: JsonObject;
}

export type JsonataAnswer = { readonly ok: true; readonly values: JsonObject } | Failed;

/** Replaces every string `{% … %}` in the templates, however deep, by what its expression makes. */
export async function evaluateJsonata(request: JsonataRequest, options: Options): Promise<JsonataAnswer> {
  return answer(async () => ({ ok: true, values: await fill(request.fields, request, evaluation(options)) }));
}

/** As JsonataRequest, evaluated for each item of a Map: `items` are what `$states.context.Map.Item` is for each (`Index`, `Value`, …). */
export interface ItemsRequest extends JsonataRequest {
  readonly items: readonly JsonObject[];
}

export type ItemsAnswer = { readonly ok: true; readonly values: readonly JsonObject[] } | Failed;

/** A Map's ItemSelector and its like. */
export async function evaluateForItems(request: ItemsRequest, options: Options): Promise<ItemsAnswer> {
  return answer(async () => {
    const run = evaluation(options);
    const values: JsonObject[] = [];
    for (const item of request.items) values.push(await fill(request.fields, forItem(request, item), run));
    return { ok: true, values };
  });
}

function forItem({ states, variables }: Bindings, item: JsonObject): Bindings {
  const context = states.context as JsonObject | undefined;
  const map = context?.Map as JsonObject | undefined;
  return {
    states: { ...states, context: { ...context, Map: { ...map, Item: item } } },
    ...(variables ? { variables } : {}),
  };
}

export interface ChoiceRequest extends Bindings {
  /** The Conditions of a Choice state's rules, in their order. */
  readonly conditions: readonly Json[];
}

export type ChoiceAnswer = { readonly ok: true; readonly chosen: number | undefined } | Failed;

/** The first condition that is true; those behind it are not evaluated. */
export async function chooseByCondition(request: ChoiceRequest, options: Options): Promise<ChoiceAnswer> {
  return answer(async () => {
    const run = evaluation(options);
    for (const [rule, condition] of request.conditions.entries()) {
      const field = `Choices[${rule}]/Condition`;
      const met = await fillTemplate(condition, field, request, run);
      if (typeof met !== 'boolean')
        throw new Failure(field, `${say(shownOf(condition), field)} must be true or false, and is not.`);
      if (met) return { ok: true, chosen: rule };
    }
    return { ok: true, chosen: undefined };
  });
}

class Failure extends Error {
  readonly field: string;
  readonly error: string;

  constructor(field: string, cause: string, error = QUERY_EVALUATION_ERROR) {
    super(cause);
    this.field = field;
    this.error = error;
  }
}

async function answer<T>(work: () => Promise<T>): Promise<T | Failed> {
  try {
    return await work();
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    return { ok: false, error: thrown.error, cause: thrown.message, field: thrown.field };
  }
}

/** One call: its end by the clock, and its expressions, each read once. */
interface Evaluation {
  readonly limits: Limits;
  readonly world: World;
  readonly ends: number;
  readonly signal: AbortSignal | undefined;
  readonly prepared: Map<string, Expression>;
}

function evaluation({ limits: own, now, draw, signal }: Options): Evaluation {
  const limits = { ...LIMITS, ...own };
  const ends = performance.now() + limits.milliseconds;
  return { limits, world: { now, draw }, ends, signal, prepared: new Map() };
}

async function fill(fields: JsonObject, bindings: Bindings, run: Evaluation): Promise<JsonObject> {
  const values: (readonly [string, Json])[] = [];
  for (const [name, template] of Object.entries(fields)) {
    const value = await fillTemplate(template, name, bindings, run);
    if (Buffer.byteLength(JSON.stringify(value)) > run.limits.resultBytes)
      throw new Failure(name, `the field '${name}' has more than ${run.limits.resultBytes} bytes`, DATA_LIMIT_EXCEEDED);
    values.push([name, value]);
  }
  return Object.fromEntries(values);
}

/** In the order of the text, one after another: the first that fails is the one that is told. */
async function fillTemplate(template: Json, field: string, bindings: Bindings, run: Evaluation): Promise<Json> {
  if (typeof template === 'string') return fillText(template, field, bindings, run);
  if (typeof template !== 'object' || template === null) return template;
  if (Array.isArray(template)) {
    const items: Json[] = [];
    for (const [index, item] of (template as readonly Json[]).entries())
      items.push(await fillTemplate(item, `${field}[${index}]`, bindings, run));
    return items;
  }
  const fields: (readonly [string, Json])[] = [];
  for (const [key, value] of Object.entries(template as JsonObject))
    fields.push([key, await fillTemplate(value, `${field}/${key}`, bindings, run)]);
  return Object.fromEntries(fields);
}

async function fillText(text: string, field: string, bindings: Bindings, run: Evaluation): Promise<Json> {
  const written = readWritten(text);
  if (written.kind === 'text') return text;
  if (written.kind === 'open') throw new Failure(field, `${say(text, field)} is not valid: ${written.problem}.`);
  try {
    const expression = preparedFor(written.expression, field, run);
    const result = await inTime(expression, bindings, run);
    if (result !== undefined) return copyOut(result);
  } catch (thrown) {
    if (thrown instanceof Failure) throw thrown;
    const reason = describeThrown(thrown, written.expression);
    throw new Failure(field, `${say(written.expression, field)} threw an error during evaluation. ${reason}.`);
  }
  throw new Failure(field, `${say(written.expression, field)} returned nothing (undefined).`);
}

function preparedFor(text: string, field: string, run: Evaluation): Expression {
  const before = run.prepared.get(text);
  if (before) return before;
  const expression = prepare(text, run.limits);
  if ('problem' in expression) throw new Failure(field, `${say(text, field)} is not valid: ${sayProblem(expression)}.`);
  run.prepared.set(text, expression);
  return expression;
}

function sayProblem({ problem, position }: { readonly problem: string; readonly position: number }): string {
  return position > 0 && !problem.includes('at character') ? `${problem}, at character ${position}` : problem;
}

/** Ends an evaluation that the clock is against, and one that waits for what never comes. */
async function inTime(expression: Expression, bindings: Bindings, run: Evaluation): Promise<unknown> {
  const result = { done: false };
  const watch = async (): Promise<never> => {
    while (!result.done) {
      await othersTurn();
      const why = result.done ? undefined : whyToStop(expression, run);
      if (!why) continue;
      expression.stop(why);
      throw why;
    }
    return new Promise(() => undefined);
  };
  try {
    return await Promise.race([expression.evaluate(bindings, run.world), watch()]);
  } finally {
    result.done = true;
  }
}

function whyToStop(expression: Expression, { limits, ends, signal }: Evaluation): Refusal | undefined {
  // Its steps follow one another without a break except where it rests: whoever finds it doing neither finds it stuck.
  if (!expression.isResting()) return tooLong('it waits for itself');
  if (signal?.aborted) return tooLong('nobody waits for it any more');
  return performance.now() > ends ? tooLong(`it does not end within ${limits.milliseconds} milliseconds`) : undefined;
}

const LONGEST_SHOWN = 500;

function shownOf(template: Json): string {
  const written = typeof template === 'string' ? readWritten(template) : undefined;
  return written?.kind === 'expression' ? written.expression : JSON.stringify(template);
}

/** The way in which AWS speaks of an expression. */
function say(text: string, field: string): string {
  const shown = text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
  return `The JSONata expression '${shown}' specified for the field '${field}'`;
}
