/** What one definition says otherwise than another, by state and path. */
import type { Json, JsonObject } from '../domain/json.ts';
import { below } from './problems.ts';
import { isList, isObject, own } from './values.ts';

export interface Change {
  /** From the state on: `$.Choices[0].Next`; of what belongs to no state: from the definition on. */
  readonly path: string;
  /** Missing: it was not there. */
  readonly before?: Json;
  /** Missing: it is gone. */
  readonly after?: Json;
}

export interface FlowDiff {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly { readonly state: string; readonly changes: readonly Change[] }[];
  /** Beside the states: StartAt, TimeoutSeconds, … */
  readonly flow: readonly Change[];
  /** They say the same, with fields in another order: texts that the flow makes of objects differ. */
  readonly onlyOrder: boolean;
}

export function diffFlows(before: JsonObject, after: JsonObject): FlowDiff {
  const [old, now] = [statesOf(before), statesOf(after)];
  const both = Object.keys(old).filter((name) => Object.hasOwn(now, name));
  const changed = both
    .map((state) => ({ state, changes: changesIn('$', old[state], now[state]) }))
    .filter(({ changes }) => changes.length > 0);
  const { States: _, ...flowBefore } = before;
  const { States: __, ...flowAfter } = after;
  const found = {
    added: Object.keys(now).filter((name) => !Object.hasOwn(old, name)),
    removed: Object.keys(old).filter((name) => !Object.hasOwn(now, name)),
    changed,
    flow: changesIn('$', flowBefore, flowAfter),
  };
  const same = Object.values(found).every((list) => list.length === 0);
  return { ...found, onlyOrder: same && JSON.stringify(before) !== JSON.stringify(after) };
}

function statesOf(definition: JsonObject): JsonObject {
  const states = own(definition, 'States');
  return isObject(states) ? states : {};
}

function changesIn(path: string, before: Json | undefined, after: Json | undefined): Change[] {
  if (isObject(before) && isObject(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return keys.flatMap((key) => changesIn(below(path, key), own(before, key), own(after, key)));
  }
  if (isList(before) && isList(after)) {
    const length = Math.max(before.length, after.length);
    return Array.from({ length }, (_, i) => changesIn(below(path, i), before[i], after[i])).flat();
  }
  if (before === after) return [];
  return [{ path, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) }];
}
