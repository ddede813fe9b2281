import { StewardError, sayProblems } from '../domain/errors.ts';
import { readFlow } from './read.ts';
import type { Flow } from './types.ts';

/**
 * Makes a flow of a definition (parsed JSON or YAML). Warnings are let pass; `checkFlow` shows them.
 * @throws StewardError InvalidFlow with every error that the definition has.
 */
export function parseFlow(definition: unknown, name: string, options: { checked?: boolean } = {}): Flow {
  const { flow, problems } = readFlow(definition, name, options);
  const errors = problems
    .filter((problem) => problem.severity === 'error')
    .map(({ path, message }) => ({ field: path, message }));
  if (flow && errors.length === 0) return flow;
  throw new StewardError('InvalidFlow', `flow ${name}: ${sayProblems(errors)}`, { problems: errors });
}
