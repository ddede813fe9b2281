import type jsonata from 'jsonata';
import type { Json, JsonObject } from '../domain/json.ts';
import { createBudget } from './budget.ts';
import { ownFunctions, type World } from './functions.ts';
import { type Guard, guarded } from './guards.ts';
import { type Definition, libraryFunctions } from './library.ts';
import { type Limits, Refusal } from './limits.ts';
import { type Node, partsOf } from './node.ts';
import { type Problem, readTree, type StatesField, type Tree } from './parse.ts';
import { regexEngine } from './regex.ts';
import { copyIn, createScale, isFunction, valueTooLarge } from './value.ts';

/** What the expressions of a state can read. */
export interface Bindings {
  /** `$states.input` and so on; a field that is absent is one that the expression does not find. */
  readonly states: { readonly [field in StatesField]?: Json };
  /** The flow's variables, by name without `$`. */
  readonly variables?: JsonObject;
}

/** An expression that can be evaluated, one time after another. */
export interface Expression {
  evaluate(bindings: Bindings, world: World): Promise<unknown>;
  /** What still runs ends at its next step. */
  stop(why: Refusal): void;
  /** Does it let others have their turn just now? */
  isResting(): boolean;
}

/** Evaluated once for each comparison of `^(…)`, whose way of sorting takes memory by the square of the list's length. */
const SORT_TERM = 3;

const OVER = new Refusal('the evaluation is over');

/** @returns what is wrong where it can't be evaluated */
export function prepare(text: string, limits: Limits): Expression | Problem {
  let budget = createBudget(limits);
  const RegexEngine = regexEngine(() => budget) as unknown as RegExpConstructor;
  const tree = readTree(text, { RegexEngine, sequence: limits.items });
  if ('problem' in tree) return tree;
  const costs = costsOf(tree.root);
  return {
    async evaluate(bindings, world) {
      budget = createBudget(limits);
      const guard: Guard = { limits, budget, sizeOf: createScale(limits, budget) };
      watch(tree.source, guard, costs);
      try {
        const result: unknown = await tree.source.evaluate(undefined, {
          ...(await functions(tree, guard, world)),
          ...readables(tree, bindings, limits),
        });
        if (!isFunction(result)) guard.sizeOf(result);
        return result;
      } finally {
        budget.close(OVER);
      }
    },
    stop: (why) => budget.close(why),
    isResting: () => budget.isResting(),
  };
}

/** Functions that the expression names, and no `$eval`. */
async function functions(tree: Tree, guard: Guard, world: World): Promise<Record<string, Definition | undefined>> {
  const library = await libraryFunctions();
  const named: Record<string, Definition | undefined> = { ...ownFunctions(library, guard, world), eval: undefined };
  for (const [name, definition] of Object.entries(library))
    if (tree.reads.has(name)) named[name] = guarded(name, definition, guard);
  return named;
}

/** Copies of what the expression reads, and of nothing else: data may be large, and most expressions read little of it. */
function readables({ reads, states }: Tree, bindings: Bindings, limits: Limits): Record<string, unknown> {
  const read = Object.create(null) as Record<string, unknown>;
  for (const [name, value] of Object.entries(bindings.variables ?? {}))
    if (reads.has(name)) read[name] = copyIn(value, limits);
  const fields = Object.create(null) as Record<string, unknown>;
  for (const field of states) {
    const value = bindings.states[field];
    if (value !== undefined) fields[field] = copyIn(value, limits);
  }
  read.states = fields;
  return read;
}

interface Costs {
  /** Their value is walked through as a whole by what they are a part of: a comparison, a condition. */
  readonly consumed: ReadonlySet<Node>;
  readonly sortTerms: ReadonlySet<Node>;
}

const MAKING: ReadonlySet<string | undefined> = new Set([
  'unary',
  'function',
  'apply',
  'binary',
  'wildcard',
  'descendant',
]);

/** Charges for each evaluation of a part, and for what it results in. */
function watch(expression: jsonata.Expression, { limits, budget, sizeOf }: Guard, costs: Costs): void {
  const entry = (node: Node): Promise<void> | undefined => {
    if (costs.sortTerms.has(node)) budget.charge(SORT_TERM);
    return budget.enter();
  };
  const exit = (node: Node, _input: unknown, _environment: unknown, result: unknown): void => {
    budget.leave();
    if (typeof result === 'number' && !Number.isFinite(result)) throw new Refusal('a number is out of range, or none');
    if (typeof result === 'string') {
      if (result.length > limits.valueBytes) throw valueTooLarge(limits);
      if (MAKING.has(node.type) || costs.consumed.has(node)) budget.charge(result.length / 64);
    }
    if (typeof result !== 'object' || result === null) return;
    if (costs.consumed.has(node)) budget.charge(sizeOf(result) / 64);
    else if (MAKING.has(node.type)) sizeOf(result);
    else if (Array.isArray(result)) budget.charge(result.length / 32);
  };
  // By its types a name is a text; these two names are symbols, and documented.
  const assign = expression.assign as unknown as (name: symbol, hook: unknown) => void;
  assign(Symbol.for('jsonata.__evaluate_entry'), entry);
  assign(Symbol.for('jsonata.__evaluate_exit'), exit);
}

function costsOf(root: Node): Costs {
  const consumed = new Set<Node>();
  const sortTerms = new Set<Node>();
  const visit = (node: Node): void => {
    if (node.type === 'binary') for (const side of [node.lhs, node.rhs]) if (side) consumed.add(side as Node);
    for (const part of [node.condition, node.type === 'filter' ? node.expr : undefined]) if (part) consumed.add(part);
    for (const { expression } of node.terms ?? []) sortTerms.add(expression);
    for (const [part] of partsOf(node)) visit(part);
  };
  visit(root);
  return { consumed, sortTerms };
}
