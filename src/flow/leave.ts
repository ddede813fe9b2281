/** From state to state within a frame. */
import type { Json } from '../domain/json.ts';
import type { Decision } from './choose.ts';
import type { Variables } from './path.ts';
import type { Clock, Frame, Phase, Position } from './position.ts';
import { bound } from './size.ts';
import { isObject } from './values.ts';

/** What one turn goes by and leaves behind. */
export interface Trail {
  readonly clock: Clock;
  readonly decisions: Decision[];
  /** The frame's entries, kept as a map for the length of the turn: a copy at every move would cost states times moves. */
  readonly entries: Map<string, number>;
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
  const entry = (entries.get(name) ?? 0) + 1;
  entries.set(name, entry);
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
