import { StewardError, sayProblems } from '../domain/errors.ts';
import { readFlow } from './read.ts';
import type { Flow } from './types.ts';

/**
 * Makes a flow of a definition (parsed JSON or YAML). Warnings are let pass; `checkFlow` shows them. `checked`: it was found right when it
 * was pinned. A rule that the checker learnt since must not stop a ticket that is on its way.
 * @throws StewardError InvalidFlow with every error that the definition has.
 */
export function parseFlow(definition: unknown, name: string, options: { checked?: boolean } = {}): Flow {
  return options.checked ? readOnce(definition, name) : read(definition, name, options);
}

function read(definition: unknown, name: string, options: { checked?: boolean }): Flow {
  const { flow, problems } = readFlow(definition, name, options);
  const errors = problems
    .filter((problem) => problem.severity === 'error')
    .map(({ path, message }) => ({ field: path, message }));
  if (flow && (options.checked || errors.length === 0)) return flow;
  throw new StewardError('InvalidFlow', `flow ${name}: ${sayProblems(errors)}`, { problems: errors });
}

/** By name and content. Never changed once they are read, so that all workflows of a worker can go by the same. */
const known = new Map<string, Flow>();
const MOST_KNOWN = 20;
/** In characters of JSON; a longer one is read anew each time. */
const LONGEST_KNOWN = 262_144;

/** All tickets go by a few flows, and each would read its own: at its begin, and whenever it is replayed. */
function readOnce(definition: unknown, name: string): Flow {
  const key = JSON.stringify([name, definition]);
  const before = known.get(key);
  const flow = before ?? read(definition, name, { checked: true });
  if (key.length > LONGEST_KNOWN) return flow;
  // The one that was wanted last stands last.
  known.delete(key);
  known.set(key, flow);
  const [oldest] = known.keys();
  if (known.size > MOST_KNOWN && oldest !== undefined) known.delete(oldest);
  return flow;
}
