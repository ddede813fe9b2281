import { bindModule, isForeign } from './bind.ts';
import { below, oneOf, type Problem, quoted, shown } from './problems.ts';
import { readFlow } from './read.ts';
import { fillTemplate, type Template } from './template.ts';
import type { TaskState } from './types.ts';
import { isObject } from './values.ts';

export type { Problem } from './problems.ts';

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
  },
): Problem[] {
  const { flow, problems } = readFlow(definition, 'flow');
  const wrong = new Set(problems.filter((problem) => problem.severity === 'error').map((problem) => problem.path));
  const binding = [...(flow?.states.values() ?? [])].flatMap((state): Problem[] => {
    if (state.type !== 'Task' || state.resource === '') return [];
    const path = below(below('$.States', state.name), 'Resource');
    if (wrong.has(path)) return [];
    const module = bindModule(state.name, state.resource, options.modules);
    if (module === undefined) {
      return [{ severity: options.bound, path, message: sayUnbound(state.resource, options.modules) }];
    }
    const checked = options.parameters?.[module];
    const given = checked === undefined ? [] : checkGiven(state, module, checked);
    if (!isForeign(state.resource, module)) return given;
    return [...given, { severity: 'warning', path, message: sayForeign(state.name, state.resource, module) }];
  });
  const all = [...problems, ...binding];
  return [...all.filter((p) => p.severity === 'error'), ...all.filter((p) => p.severity === 'warning')];
}

/** What is wrong with what a Task gives to its module, but for what a path will find there. */
export type CheckParameters = (
  given: unknown,
  later: readonly string[],
) => readonly { readonly field: string; readonly message: string }[];

function checkGiven(state: TaskState, module: string, check: CheckParameters): Problem[] {
  const at = below('$.States', state.name);
  const wrong = (path: string, message: string): Problem => ({ severity: 'error', path, message });
  const time = state.timeoutSeconds === undefined ? [] : [wrong(at, sayTime(module))];
  const parameters = below(at, 'Parameters');
  if (state.parameters === undefined) return [wrong(at, `Parameters is missing: ${module} lives by it`), ...time];
  const given = state.invoke ? fieldsOf(state.parameters).get('Payload') : state.parameters;
  // Wholly found by a path: it is judged when the flow gets there.
  if (given === undefined || given.kind === 'expression') return time;
  const path = state.invoke ? below(parameters, 'Payload') : parameters;
  const fields = fieldsOf(given);
  const later = [...fields].filter(([, field]) => !isFixed(field)).map(([name]) => name);
  const fixed = [...fields]
    .filter(([, field]) => isFixed(field))
    .map(([name, field]) => [name, fillTemplate(field, NONE)]);
  const problems = check(given.kind === 'value' ? given.value : Object.fromEntries(fixed), later);
  return [...problems.map(({ field, message }) => wrong(below(path, field), message)), ...time];
}

const NONE = { input: null, context: () => null };

function isFixed({ kind }: Template): boolean {
  return kind === 'value';
}

function fieldsOf(template: Template): ReadonlyMap<string, Template> {
  if (template.kind === 'object') return new Map(template.fields);
  if (template.kind !== 'value' || !isObject(template.value)) return new Map();
  return new Map(Object.entries(template.value).map(([name, value]) => [name, { kind: 'value', value }]));
}

function sayTime(module: string): string {
  return `${module} waits for people, whatever TimeoutSeconds says; give it dueSeconds in its Parameters instead`;
}

function sayForeign(state: string, resource: string, module: string): string {
  const why = `no module answers to ${shown(resource)}; the state's name ${quoted(state)} binds it to ${module}`;
  return `${why}; write "module:${module}" if that is meant`;
}

function sayUnbound(resource: string, modules: readonly string[]): string {
  const known = modules.length > 0 ? `; the modules are ${oneOf(modules)}` : '';
  return `no module answers to ${shown(resource)}; name one as "module:<name>"${known}`;
}
