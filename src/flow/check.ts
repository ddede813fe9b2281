import { bindModule } from './bind.ts';
import { below, oneOf, type Problem, shown } from './problems.ts';
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
  const unbound = [...(flow?.states.values() ?? [])].flatMap((state): Problem[] => {
    if (state.type !== 'Task' || state.resource === '') return [];
    if (bindModule(state.name, state.resource, options.modules) !== undefined) return [];
    const path = below(below('$.States', state.name), 'Resource');
    if (problems.some((problem) => problem.severity === 'error' && problem.path === path)) return [];
    return [{ severity: options.bound, path, message: sayUnbound(state.resource, options.modules) }];
  });
  const all = [...problems, ...unbound];
  return [...all.filter((p) => p.severity === 'error'), ...all.filter((p) => p.severity === 'warning')];
}

function sayUnbound(resource: string, modules: readonly string[]): string {
  const known = modules.length > 0 ? `; the modules are ${oneOf(modules)}` : '';
  return `no module answers to ${shown(resource)}; name one as "module:<name>"${known}`;
}
