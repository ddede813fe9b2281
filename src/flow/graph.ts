import type { Json, JsonObject } from '../domain/json.ts';
import type { Source } from './fields.ts';
import { nearest } from './nearest.ts';
import { below, quoted, shown, someOf } from './problems.ts';
import { isList, isObject, own } from './values.ts';

/** A way out of a state: where it is written, and where it leads. */
interface Exit {
  readonly path: string;
  readonly next: string;
}

/**
 * Do all ways lead somewhere, do they reach every state, and is there an end? Looks at the definition as it is written, so that a state
 * that is wrong in itself still counts as a place to come from and go to.
 */
export function checkGraph({ object: flow, path, report }: Source, { object: states, path: at }: Source): void {
  const names = Object.keys(states);
  const known = (name: string) => Object.hasOwn(states, name);
  const expect = ({ path, next }: Exit) => {
    if (!known(next)) report.error(path, sayMissing(next, names));
  };
  const exits = new Map(names.map((name) => [name, exitsOf(states[name], below(at, name))]));
  for (const exit of [...exits.values()].flat()) expect(exit);

  const start = own(flow, 'StartAt');
  if (typeof start !== 'string' || start === '') return;
  expect({ path: below(path, 'StartAt'), next: start });
  if (!known(start)) return;
  const reached = new Set([start]);
  for (const name of reached) for (const { next } of exits.get(name) ?? []) reached.add(next);
  for (const name of names) {
    if (!reached.has(name)) report.warn(below(at, name), `no way leads here from ${shown(start)}`);
  }
  if (![...reached].some((name) => !known(name) || endsFlow(own(states, name)))) {
    report.error(at, 'the flow can never end: a state on its way needs "End": true, or type Succeed or Fail');
  }
}

function sayMissing(next: string, names: readonly string[]): string {
  const meant = nearest(next, names);
  const perhaps = meant === undefined ? '' : `, perhaps ${quoted(meant)}`;
  return `there is no state ${quoted(next)}${perhaps}; the states are ${someOf(names)}`;
}

function exitsOf(state: Json | undefined, path: string): Exit[] {
  if (!isObject(state)) return [];
  const direct = ['Next', 'Default'].flatMap((field) => exitAt(state, field, path));
  const listed = ['Choices', 'Catch'].flatMap((field) => {
    const list = own(state, field);
    if (!isList(list)) return [];
    return list.flatMap((item, index) =>
      isObject(item) ? exitAt(item, 'Next', below(below(path, field), index)) : [],
    );
  });
  return [...direct, ...listed];
}

function exitAt(object: JsonObject, field: string, path: string): Exit[] {
  const next = own(object, field);
  return typeof next === 'string' ? [{ path: below(path, field), next }] : [];
}

function endsFlow(state: Json | undefined): boolean {
  if (!isObject(state)) return true;
  if (state.Type === 'Choice') return false;
  return state.End === true || typeof own(state, 'Next') !== 'string';
}
