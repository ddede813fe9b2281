import { StewardError, sayProblems } from '../domain/errors.ts';
import { readFlow } from './read.ts';
import type { Flow } from './types.ts';

/**
 * Makes a flow of a definition (parsed JSON or YAML). Warnings are let pass; `checkFlow` shows them. `checked`: it was found right when it
 * was pinned. A rule that the checker learnt since must not stop a ticket that is on its way.
 * @throws StewardError InvalidFlow with every error that the definition has.
 */
export function parseFlow(definition: unknown, name: string, options: { checked?: boolean } = {}): Flow {
  const { flow, problems } = readFlow(definition, name, options);
  const errors = problems
    .filter((problem) => problem.severity === 'error')
    .map(({ path, message }) => ({ field: path, message }));
  if (flow && (options.checked || errors.length === 0)) return flow;
  throw new StewardError('InvalidFlow', `flow ${name}: ${sayProblems(errors)}`, { problems: errors });
}
