/** From state to state within a frame. */
import type { Json } from '../domain/json.ts';
import type { Decision } from './choose.ts';
import type { Variables } from './path.ts';
import type { Clock, Frame, Phase, Position } from './position.ts';
import { bound } from './size.ts';
import { isObject, own } from './values.ts';

/** What one turn goes by and leaves behind. */
export interface Trail {
  readonly clock: Clock;
  readonly decisions: Decision[];
  /** How often each state of the frame was entered. */
  readonly entries: Entries;
}

/** Those of this turn are kept beside those before it: a copy at every move would cost states times moves. */
export class Entries {
  private readonly before: Readonly<Record<string, number>>;
  private added: Map<string, number> | undefined;

  constructor(before: Readonly<Record<string, number>>) {
    this.before = before;
  }

  /** Counts one more, and tells which it is. */
  add(name: string): number {
    const entry = (this.added?.get(name) ?? own(this.before, name) ?? 0) + 1;
    this.added ??= new Map();
    this.added.set(name, entry);
    return entry;
  }

  /** What was before, where nothing was entered. */
  all(): Readonly<Record<string, number>> {
    if (!this.added) return this.before;
    // A state may have any name: set one by one, `__proto__` would be no field.
    if (this.added.has('__proto__')) return Object.fromEntries([...Object.entries(this.before), ...this.added]);
    const all: Record<string, number> = { ...this.before };
    for (const [name, entry] of this.added) all[name] = entry;
    return all;
  }
}

export function inPhase(position: Position, phase: Phase): Position {
  return { ...position, frame: { ...position.frame, phase } };
}

export function enter(position: Position, name: string, input: Json, trail: Trail): Position {
  return enterWith(position, name, input, trail, position.frame.variables);
}

function enterWith(
  position: Position,
  name: string,
  input: Json,
  { clock, entries }: Trail,
  variables: Variables | undefined,
): Position {
  const entry = entries.add(name);
  const { entries: before, line, within, item } = position.frame;
  const plain = { state: name, entry, entries: before, input, enteredAt: clock.now, phase: READY };
  // Written out: a copy of all that a frame may have costs more than all the rest of a move.
  const frame: Frame =
    line === undefined && item === undefined
      ? variables === undefined
        ? plain
        : { ...plain, variables }
      : { ...plain, ...optional({ variables, line, within, item }) };
  clock.watch?.({ kind: 'entered', frame });
  return { ...position, transitions: position.transitions + 1, frame };
}

/** Without the fields that are not there: a position is compared, and carried as JSON. */
function optional(fields: { readonly [K in keyof Frame]?: Frame[K] | undefined }): Partial<Frame> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

const READY = { kind: 'ready' } as const;

/** The frame ends with an error that nothing in it catches. */
export function failed(position: Position, error: string, cause: string, { clock }: Trail): Position {
  clock.watch?.({ kind: 'failed', frame: position.frame, at: clock.now, error, cause });
  return inPhase(position, { kind: 'failed', error, cause });
}

/**
 * To the next state with what Assign has set, or to the end where there is none.
 * @throws FlowFailure States.DataLimitExceeded
 */
export function leave(
  position: Position,
  next: string | undefined,
  output: Json,
  assigned: Json | undefined,
  trail: Trail,
): Position {
  bound(output, position.frame.state, trail.clock);
  if (assigned !== undefined) bound(assigned, position.frame.state, trail.clock);
  trail.clock.watch?.({ kind: 'left', frame: position.frame, at: trail.clock.now, output, assigned });
  const before = position.frame.variables;
  const variables = isObject(assigned) ? { ...before, ...assigned } : before;
  return next === undefined
    ? inPhase(position, { kind: 'succeeded', output })
    : enterWith(position, next, output, trail, variables);
}
