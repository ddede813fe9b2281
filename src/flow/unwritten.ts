/**
 * Paths that lead to nothing whichever way the flow took, as far as modules say what they give: a misspelled field is found before a ticket
 * meets it. And what is personal at a place that is shown to many.
 */
import type { Json } from '../domain/json.ts';
import type { Condition } from './condition.ts';
import { executionMode } from './execution.ts';
import { type Expression, pathsOf } from './expression.ts';
import type { Path } from './path.ts';
import { below, type Problem, someOf } from './problems.ts';
import { pathsRead } from './reads.ts';
import {
  ANY,
  EMPTY,
  either,
  isPersonal,
  LEAF,
  objectOf,
  type Shape,
  shapeAt,
  shapeOfTemplate,
  shapeOfValue,
  shapeWith,
} from './shape.ts';
import { fieldsOf } from './template.ts';
import type { Catcher, ChoiceState, Flow, MapState, ParallelState, State, TaskState } from './types.ts';
import { own } from './values.ts';

export interface Known {
  /** What the flow begins with. */
  readonly input: Shape;
  /** What a Task gives, before ResultSelector. */
  readonly resultOf: (state: TaskState) => Shape;
}

/** A flow that goes round and round learns something each time; one that learns for so long is left alone. */
const LOOKS_PER_STATE = 20;

export function unwritten(flow: Flow, known: Known): Problem[] {
  const inputs = inputsOf(flow, known);
  if (inputs === undefined) return [];
  return [...inputs].flatMap(([name, input]) => {
    const state = flow.states.get(name);
    if (!state) return [];
    return [...readsNothing(state, input, known), ...tellsPersonal(state, input), ...within(state, input, known)];
  });
}

/** By state, whatever it may be entered with; undefined when that can't be told in reasonable time. */
export function inputsOf(flow: Flow, known: Known): ReadonlyMap<string, Shape> | undefined {
  const inputs = new Map([[flow.startAt, known.input]]);
  const queue = [flow.startAt];
  let looks = LOOKS_PER_STATE * flow.states.size;
  // Grows while it is gone through.
  for (const name of queue) {
    if (looks-- <= 0) return undefined;
    const state = flow.states.get(name);
    const input = inputs.get(name);
    if (!state || !input) continue;
    for (const [next, output] of waysOut(state, input, known)) {
      const there = inputs.get(next);
      const merged = there ? either(there, output) : output;
      if (merged === there) continue;
      inputs.set(next, merged);
      queue.push(next);
    }
  }
  return inputs;
}

type Way = readonly [next: string, output: Shape];

function waysOut(state: State, input: Shape, known: Known): Way[] {
  const caught = 'catch' in state ? state.catch.map((catcher) => wayOf(catcher, state, input)) : [];
  if (state.type === 'Choice') return choices(state, input);
  const next = 'next' in state ? state.next : undefined;
  return next === undefined ? caught : [...caught, [next, outputOf(state, input, known)]];
}

function wayOf(catcher: Catcher, { jsonata }: State, input: Shape): Way {
  if (jsonata || catcher.jsonata) return [catcher.next, ANY];
  return [catcher.next, catcher.resultPath === null ? input : shapeWith(input, catcher.resultPath.steps, ERROR)];
}
const ERROR = objectOf([
  ['Error', LEAF],
  // Whatever a module said of its failure.
  ['Cause', LEAF],
]);

function choices(state: ChoiceState, input: Shape): Way[] {
  const output = state.jsonata ? input : find(state.outputPath, effective(state, input));
  const ways = state.choices.map(({ next, jsonata }): Way => [next, hasOutput(jsonata) ? ANY : output]);
  const last: Way[] = state.default === undefined ? [] : [[state.default, hasOutput(state.jsonata) ? ANY : output]];
  return [...ways, ...last];
}

function hasOutput(jsonata: { readonly [field: string]: Json } | undefined): boolean {
  return jsonata !== undefined && own(jsonata, 'Output') !== undefined;
}

function outputOf(state: State, input: Shape, known: Known): Shape {
  if (hasOutput(state.jsonata)) return ANY;
  if (state.jsonata) return WORKING.has(state.type) ? resultOf(state, input, known) : input;
  if (state.type === 'Fail') return ANY;
  return find(state.outputPath, merged(state, input, known));
}
const WORKING: ReadonlySet<State['type']> = new Set(['Task', 'Parallel', 'Map']);

/** What OutputPath looks at. */
function merged(state: State, input: Shape, known: Known): Shape {
  if (!('resultPath' in state)) return effective(state, input);
  if (state.resultPath === null) return input;
  const result = resultOf(state, input, known);
  const selector = 'resultSelector' in state ? state.resultSelector : undefined;
  const selected = selector ? shapeOfTemplate(selector, (expression) => find(expression, result)) : result;
  return shapeWith(input, state.resultPath.steps, selected);
}

/** What ResultSelector and Assign look at. */
function resultOf(state: State, input: Shape, known: Known): Shape {
  if (state.type === 'Task') return known.resultOf(state);
  if (state.type !== 'Pass') return ANY;
  return state.result === undefined ? given(state, input) : shapeOfValue(state.result);
}

function effective(state: State, input: Shape): Shape {
  return 'inputPath' in state ? find(state.inputPath, input) : input;
}

/** The effective input as Parameters make it. */
function given(state: State, input: Shape): Shape {
  const at = effective(state, input);
  const parameters = 'parameters' in state ? state.parameters : undefined;
  return parameters ? shapeOfTemplate(parameters, (expression) => find(expression, at)) : at;
}

/** A path to nothing fails the state: whoever comes after it came by another way. */
function find(expression: Expression | null, shape: Shape): Shape {
  if (expression === null) return EMPTY;
  if (!('steps' in expression) || expression.root !== 'input') return ANY;
  return shapeAt(shape, expression.steps) ?? ANY;
}

function readsNothing(state: State, input: Shape, known: Known): Problem[] {
  if (state.jsonata) return [];
  const guarded = state.type === 'Choice' ? state.choices.flatMap(({ condition }) => presenceOf(condition)) : [];
  const isGuarded = ({ steps }: Path) =>
    guarded.some((guard) => guard.steps.every((step, depth) => step === steps[depth]));
  const told = new Set<string>();
  return pathsRead(state).flatMap(([field, path]) => {
    if (path.root !== 'input' || isGuarded(path)) return [];
    const ground = groundOf(field, state, input, known);
    if (shapeAt(ground, path.steps) !== undefined) return [];
    const problem = { severity: 'warning', path: `${state.path}.${field}`, message: sayNothing(path, ground) } as const;
    const key = `${problem.path} ${path.text}`;
    if (told.has(key)) return [];
    told.add(key);
    return [problem];
  });
}

function groundOf(field: string, state: State, input: Shape, known: Known): Shape {
  const caught = field.startsWith('Catch');
  if (caught) return ERROR;
  if (field === 'OutputPath') return merged(state, input, known);
  if (field === 'ResultSelector') return resultOf(state, input, known);
  if (field === 'Assign' && 'resultPath' in state) return resultOf(state, input, known);
  if (field === 'InputPath' || state.type === 'Fail') return input;
  if (state.type === 'Map' && field !== 'Parameters') return given(state, input);
  return effective(state, input);
}

function presenceOf(condition: Condition): Path[] {
  switch (condition.kind) {
    case 'and':
    case 'or':
      return condition.parts.flatMap(presenceOf);
    case 'not':
      return presenceOf(condition.part);
    case 'test':
      return condition.test === 'IsPresent' ? [condition.variable] : [];
    default:
      return [];
  }
}

/** In JSONata nobody can say what a path leads to. */
const READS_INPUT = /^\{%.*\$states\.(?:input|context\.Execution\.Input)\b.*%\}$/su;

/** The name of an error and the id of a workflow are shown to whoever looks at runs, and are kept. */
function tellsPersonal(state: State, input: Shape): Problem[] {
  const tells = (path: Path, ground: Shape) => {
    const found = path.root === 'input' ? shapeAt(ground, path.steps) : undefined;
    // Of what may be anything nobody knows what a part of it is.
    return found !== undefined && found.kind !== 'any' && isPersonal(found);
  };
  const problem = (field: string, path: Path, what: string): Problem => {
    const message = `${path.text} is personal, and ${what} is shown in the Web UI and kept; name it by a label`;
    return { severity: 'warning', path: `${state.path}.${field}`, message };
  };
  if (state.type === 'Fail' && state.jsonata) {
    const error = own(state.jsonata, 'Error');
    if (typeof error !== 'string' || !READS_INPUT.test(error)) return [];
    const message =
      'what its expression makes of the input may be personal, and the name of an error is shown in the Web UI and kept; name it by a label';
    return [{ severity: 'warning', path: `${state.path}.Error`, message }];
  }
  if (state.type === 'Fail') {
    const names = pathsRead(state).filter(([field, path]) => field === 'ErrorPath' && tells(path, input));
    return names.map(([field, path]) => problem(field, path, 'the name of an error'));
  }
  if (state.type !== 'Task' || executionMode(state.resource) === undefined) return [];
  const name = state.parameters && fieldsOf(state.parameters).get('Name');
  if (name?.kind !== 'expression') return [];
  const personal = pathsOf(name.expression).filter((path) => tells(path, effective(state, input)));
  return personal.map((path) => problem('Parameters.Name', path, 'the name of a run, a part of its id,'));
}

function within(state: State, input: Shape, known: Known): Problem[] {
  if (state.type === 'Parallel') return branches(state, input, known);
  return state.type === 'Map' ? unwritten(state.processor, { ...known, input: itemOf(state, input) }) : [];
}

function branches(state: ParallelState, input: Shape, known: Known): Problem[] {
  const begins = state.jsonata ? ANY : given(state, input);
  return state.branches.flatMap((branch) => unwritten(branch, { ...known, input: begins }));
}

function itemOf(state: MapState, input: Shape): Shape {
  if (state.jsonata || !state.itemSelector) return ANY;
  const at = given(state, input);
  return shapeOfTemplate(state.itemSelector, (expression) => find(expression, at));
}

function sayNothing(path: Path, ground: Shape): string {
  const depth = path.steps.findIndex((_, at) => shapeAt(ground, path.steps.slice(0, at + 1)) === undefined);
  const around = shapeAt(ground, path.steps.slice(0, depth));
  const begin = path.steps.slice(0, depth).reduce<string>((text, step) => below(text, step), '$');
  const there = around?.kind === 'object' ? [...around.fields.keys()].map((name) => below(begin, name)) : [];
  const instead = there.length > 0 ? `; there may be ${someOf(there)}` : `; ${begin} has no fields`;
  return `nothing can be at ${path.text}: no state before it writes it${instead}`;
}
