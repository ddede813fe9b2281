import type { Json, JsonObject } from '../domain/json.ts';
import { advise } from './advise.ts';
import { bindModule, isForeign } from './bind.ts';
import { executionMode } from './execution.ts';
import { below, oneOf, type Problem, quoted, shown } from './problems.ts';
import { readFlow } from './read.ts';
import { ANY, LEAF, objectOf, shapeOfSchema } from './shape.ts';
import { fits } from './size.ts';
import { fieldsOf, fillTemplate, type Template } from './template.ts';
import type { State, TaskState } from './types.ts';
import { type Known, unwritten } from './unwritten.ts';
import { isList, isObject } from './values.ts';
import { allStates } from './walk.ts';

export type { Problem } from './problems.ts';

/** AWS's bound of CreateStateMachine, in bytes of JSON in UTF-8. */
const MOST_DEFINITION = 1_048_576;

/**
 * Everything that is wrong with a definition, at once, errors first. `modules` are the names a Task can be bound to; `bound` says how bad
 * a Task is that is bound to none; `parameters` judge what a module is given, as far as the definition says it.
 */
export function checkFlow(
  definition: unknown,
  options: {
    readonly modules: readonly string[];
    readonly bound: 'error' | 'warning';
    readonly parameters?: Readonly<Record<string, CheckParameters>>;
    /** Of the modules with such: those that a Task's TimeoutSeconds does not bound. */
    readonly untimed?: readonly string[];
    /** Modules that there are, and that this run can't have. */
    readonly elsewhere?: { readonly modules: readonly string[]; readonly why: string };
    /** Modules that a Task may call with `.waitForTaskToken`, and those of them that it must. */
    readonly tokens?: { readonly canHave: readonly string[]; readonly must: readonly string[] };
    /** What is wrong with a string of a state in JSONata. */
    readonly written?: (text: string) => string | undefined;
    /** JSON Schemas of what modules give, by their names; and of what the flow begins with. */
    readonly results?: Readonly<Record<string, JsonObject>>;
    readonly input?: JsonObject;
  },
): Problem[] {
  if (!fits(definition as Json, MOST_DEFINITION)) {
    return [
      { severity: 'error', path: '$', message: `a definition has at most 1 MB (${MOST_DEFINITION} bytes) as JSON` },
    ];
  }
  const { flow, problems } = readFlow(definition, 'flow');
  const wrong = new Set(problems.filter((problem) => problem.severity === 'error').map((problem) => problem.path));
  const binding = (flow ? allStates(flow) : []).flatMap((state): Problem[] => {
    if (state.type !== 'Task' || state.resource === '') return [];
    const path = below(state.path, 'Resource');
    if (wrong.has(path)) return [];
    const mode = executionMode(state.resource);
    if (mode !== undefined) return [...checkExecution(state), ...(mode === 'start' ? [] : sayBothWaits(state, path))];
    const module = bindModule(state.name, state.resource, options.modules);
    if (module === undefined) {
      const other = options.elsewhere && bindModule(state.name, state.resource, options.elsewhere.modules);
      const message =
        other === undefined
          ? sayUnbound(state.resource, options.modules)
          : `${other} ${options.elsewhere?.why ?? 'is not here'}`;
      return [{ severity: options.bound, path, message }];
    }
    const { canHave = [], must = [] } = options.tokens ?? {};
    if (state.awaitsToken !== must.includes(module) && !(state.awaitsToken && canHave.includes(module))) {
      return [{ severity: options.bound, path, message: sayToken(state, module, canHave) }];
    }
    const checked = options.parameters?.[module];
    const given =
      checked === undefined ? [] : checkGiven(state, module, checked, options.untimed?.includes(module) ?? false);
    const beat = sayBeat(state);
    if (!isForeign(state.resource, module)) return [...given, ...beat];
    return [...given, ...beat, { severity: 'warning', path, message: sayForeign(state.name, state.resource, module) }];
  });
  const { written } = options;
  const advice = flow ? advise(flow, { waits: (state) => waitsByItself(state, options.modules) }) : [];
  const expressions = flow && written ? allStates(flow).flatMap((state) => checkWritten(state, written)) : [];
  const paths = flow ? unwritten(flow, knownOf(options)) : [];
  const all = [...problems, ...expressions, ...binding, ...advice, ...paths];
  return [...all.filter((p) => p.severity === 'error'), ...all.filter((p) => p.severity === 'warning')];
}

function knownOf({ modules, results = {}, input }: Parameters<typeof checkFlow>[1]): Known {
  const shapes = new Map(Object.entries(results).map(([name, schema]) => [name, shapeOfSchema(schema)]));
  return {
    input: input ? shapeOfSchema(input) : ANY,
    resultOf({ name, resource, awaitsToken, invoke }) {
      const module = awaitsToken ? undefined : bindModule(name, resource, modules);
      const result = (module === undefined ? undefined : shapes.get(module)) ?? ANY;
      return invoke
        ? objectOf([
            ['ExecutedVersion', LEAF],
            ['Payload', result],
            ['StatusCode', LEAF],
          ])
        : result;
    },
  };
}

/** What is wrong with what a Task gives to its module, but for what a path will find there. */
export type CheckParameters = (
  given: unknown,
  later: readonly string[],
) => readonly { readonly field: string; readonly message: string }[];

function checkGiven(state: TaskState, module: string, check: CheckParameters, isUntimed: boolean): Problem[] {
  const at = state.path;
  const wrong = (path: string, message: string): Problem => ({ severity: 'error', path, message });
  const time = state.timeoutSeconds === undefined || !isUntimed ? [] : [wrong(at, sayTime(module))];
  if (state.jsonata) {
    const path = below(at, 'Arguments');
    const written = state.jsonata.Arguments;
    if (written === undefined) return [wrong(at, `Arguments is missing: ${module} lives by it`), ...time];
    if (typeof written === 'string' && isWritten(written)) return [wrong(path, sayWhole(module)), ...time];
    const parts = isObject(written) ? Object.entries(written) : [];
    const known = isObject(written) ? Object.fromEntries(parts.filter(([, part]) => !isWritten(part))) : written;
    const open = parts.filter(([, part]) => isWritten(part)).map(([name]) => name);
    return [...check(known, open).map(({ field, message }) => wrong(below(path, field), message)), ...time];
  }
  const parameters = below(at, 'Parameters');
  if (state.parameters === undefined) return [wrong(at, `Parameters is missing: ${module} lives by it`), ...time];
  const given = state.invoke ? fieldsOf(state.parameters).get('Payload') : state.parameters;
  if (given === undefined) return time;
  const path = state.invoke ? below(parameters, 'Payload') : parameters;
  // Wholly found by a path: which of its fields may be is for the module to say, and it can't of fields that nobody sees.
  if (given.kind === 'expression') return [wrong(path, sayWhole(module)), ...time];
  const fields = fieldsOf(given);
  const later = [...fields].filter(([, field]) => !isFixed(field)).map(([name]) => name);
  const fixed = [...fields]
    .filter(([, field]) => isFixed(field))
    .map(([name, field]) => [name, fillTemplate(field, NONE)]);
  const problems = check(given.kind === 'value' ? given.value : Object.fromEntries(fixed), later);
  return [...problems.map(({ field, message }) => wrong(below(path, field), message)), ...time];
}

const CALL_FIELDS = ['StateMachineArn', 'Input', 'Name', 'TraceHeader'];

/** A Task that starts another flow. */
function checkExecution(state: TaskState): Problem[] {
  const field = state.jsonata ? 'Arguments' : 'Parameters';
  const path = below(state.path, field);
  const error = (at: string, message: string): Problem => ({ severity: 'error', path: at, message });
  const fields = namesIn(state);
  if (fields === undefined) return [];
  const unknown = fields.filter((name) => !CALL_FIELDS.includes(name));
  return [
    ...(fields.includes('StateMachineArn')
      ? []
      : [error(path, 'StateMachineArn is missing: the name of the flow to start, or an ARN that ends with it')]),
    ...unknown.map((name) => error(below(path, name), `unknown field; startExecution takes ${oneOf(CALL_FIELDS)}`)),
  ];
}

/** Of what a Task gives; undefined: it is found only when the flow gets there. */
function namesIn({ jsonata, parameters }: TaskState): readonly string[] | undefined {
  if (jsonata) {
    const given = jsonata.Arguments ?? {};
    return isObject(given) ? Object.keys(given) : undefined;
  }
  return parameters?.kind === 'expression' ? undefined : [...(parameters ? fieldsOf(parameters).keys() : [])];
}

/** A Task whose module waits for people, or for whoever has its token. */
function waitsByItself(state: State, modules: readonly string[]): boolean {
  if (state.type !== 'Task') return false;
  return state.awaitsToken || bindModule(state.name, state.resource, modules) === 'askPeople';
}

function sayToken({ awaitsToken }: TaskState, module: string, canHave: readonly string[]): string {
  if (!awaitsToken) return `${module} waits for whoever has its token: write module:${module}.waitForTaskToken`;
  return `${module} gives its token to nobody; modules that do are ${oneOf(canHave)}`;
}

function sayBothWaits({ awaitsToken }: TaskState, path: string): Problem[] {
  const message = 'waits for the flow or for a token, not for both: leave out .sync or .waitForTaskToken';
  return awaitsToken ? [{ severity: 'error', path, message }] : [];
}

/** Modules are steps of our own, which say by themselves that they live. */
function sayBeat(state: TaskState): Problem[] {
  if (state.awaitsToken) return [];
  if (state.heartbeatSeconds === undefined && state.jsonata?.HeartbeatSeconds === undefined) return [];
  const message = 'has no effect on a module; TimeoutSeconds bounds how long it may take';
  return [{ severity: 'warning', path: below(state.path, 'HeartbeatSeconds'), message }];
}

/** Every expression that a state in JSONata has. */
function checkWritten(state: State, problemOf: (text: string) => string | undefined): Problem[] {
  const fields: (readonly [path: string, written: JsonObject | undefined])[] = [[state.path, state.jsonata]];
  const rules = state.type === 'Choice' ? state.choices : [];
  const catchers = 'catch' in state ? state.catch : [];
  for (const [list, parts] of [['Choices', rules] as const, ['Catch', catchers] as const]) {
    for (const [index, { jsonata }] of parts.entries()) fields.push([below(below(state.path, list), index), jsonata]);
  }
  return fields.flatMap(([path, written]) => (written ? writtenProblems(written, path, problemOf) : []));
}

function writtenProblems(value: Json, path: string, problemOf: (text: string) => string | undefined): Problem[] {
  if (typeof value === 'string') {
    const message = problemOf(value);
    return message === undefined ? [] : [{ severity: 'error', path, message }];
  }
  if (isList(value)) return value.flatMap((item, index) => writtenProblems(item, below(path, index), problemOf));
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => writtenProblems(inner, below(path, key), problemOf));
}

const NONE = { input: null, context: () => null };

function isFixed({ kind }: Template): boolean {
  return kind === 'value';
}

/** Has it an expression of JSONata anywhere? */
function isWritten(value: Json): boolean {
  if (typeof value === 'string') return value.startsWith('{%');
  if (isList(value)) return value.some(isWritten);
  return isObject(value) && Object.values(value).some(isWritten);
}

function sayTime(module: string): string {
  return `${module} waits for people, whatever TimeoutSeconds says; give it dueSeconds in its Parameters instead`;
}

function sayWhole(module: string): string {
  return `expected an object with its fields: what ${module} gets can not come by one path as a whole`;
}

function sayForeign(state: string, resource: string, module: string): string {
  const why = `no module answers to ${shown(resource)}; the state's name ${quoted(state)} binds it to ${module}`;
  return `${why}; write "module:${module}" if that is meant`;
}

function sayUnbound(resource: string, modules: readonly string[]): string {
  const known = modules.length > 0 ? `; the modules are ${oneOf(modules)}` : '';
  return `no module answers to ${shown(resource)}; name one as "module:<name>"${known}`;
}
