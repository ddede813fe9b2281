import { bindModule, isForeign } from './bind.ts';
import { below, oneOf, type Problem, quoted, shown } from './problems.ts';
import { readFlow } from './read.ts';

export type { Problem } from './problems.ts';

/**
 * Everything that is wrong with a definition, at once, errors first. `modules` are the names a Task can be bound to; `bound` says how bad
 * a Task is that is bound to none.
 */
export function checkFlow(
  definition: unknown,
  options: { readonly modules: readonly string[]; readonly bound: 'error' | 'warning' },
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
    if (!isForeign(state.resource, module)) return [];
    return [{ severity: 'warning', path, message: sayForeign(state.name, state.resource, module) }];
  });
  const all = [...problems, ...binding];
  return [...all.filter((p) => p.severity === 'error'), ...all.filter((p) => p.severity === 'warning')];
}

function sayForeign(state: string, resource: string, module: string): string {
  const why = `no module answers to ${shown(resource)}; the state's name ${quoted(state)} binds it to ${module}`;
  return `${why}; write "module:${module}" if that is meant`;
}

function sayUnbound(resource: string, modules: readonly string[]): string {
  const known = modules.length > 0 ? `; the modules are ${oneOf(modules)}` : '';
  return `no module answers to ${shown(resource)}; name one as "module:<name>"${known}`;
}
