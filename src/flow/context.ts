import type { JsonObject } from '../domain/json.ts';
import type { Path } from './path.ts';
import type { Position } from './position.ts';
import { oneOf, shown } from './problems.ts';

/** The context object `$$`: what the execution and the state know of themselves. */
export function contextOf({ execution, frame }: Position): JsonObject {
  const attempt = 'attempt' in frame.phase ? frame.phase.attempt : 1;
  const token = 'token' in frame.phase ? frame.phase.token : undefined;
  return {
    Execution: {
      Id: execution.id,
      Input: execution.input,
      Name: execution.name,
      // AWS counts how often a failed execution was sent in again; of ours an operator repairs the very run.
      RedriveCount: 0,
      StartTime: new Date(execution.startedAt).toISOString(),
    },
    State: {
      EnteredTime: new Date(frame.enteredAt).toISOString(),
      Name: frame.state,
      RetryCount: attempt - 1,
    },
    // On AWS the Id is an ARN; a flow of ours is known by its name alone.
    StateMachine: { Id: execution.flow, Name: execution.flow },
    ...(frame.item
      ? { Map: { Item: { Index: frame.item.index, Value: frame.item.value, Source: 'STATE_DATA' } } }
      : {}),
    ...(token === undefined ? {} : { Task: { Token: token } }),
  };
}

const PARTS: Readonly<Record<string, readonly string[]>> = {
  Execution: ['Id', 'Input', 'Name', 'RedriveCount', 'StartTime'],
  State: ['EnteredTime', 'Name', 'RetryCount'],
  StateMachine: ['Id', 'Name'],
  Task: ['Token'],
  Map: ['Item'],
};
/** What may stand deeper than that. */
const OPEN: readonly string[] = ['Execution.Input', 'Map.Item'];
const OF_ITEM: readonly unknown[] = ['Index', 'Value', 'Source'];

/** What is wrong with a path into the context object; undefined when it leads to something. */
export function contextProblem({ root, steps, text }: Path): string | undefined {
  const [part, field, ...more] = steps;
  if (root !== 'context' || part === undefined) return undefined;
  const fields = typeof part === 'string' && Object.hasOwn(PARTS, part) ? PARTS[part] : undefined;
  const leads = fields && (field === undefined || fields.some((known) => known === field));
  const isOfItem = part !== 'Map' || more.length === 0 || OF_ITEM.includes(more[0]);
  if (leads && isOfItem && (more.length === 0 || OPEN.includes(`${part}.${field}`))) return undefined;
  const all = Object.entries(PARTS).flatMap(([name, list]) => list.map((one) => `$$.${name}.${one}`));
  return `there is no ${shown(text)}; the context object has ${oneOf(all)}`;
}
