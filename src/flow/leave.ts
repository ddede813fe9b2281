/** From state to state within a frame. */
import type { Json } from '../domain/json.ts';
import type { Decision } from './choose.ts';
import type { Clock, Phase, Position } from './position.ts';
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

export function enter(position: Position, name: string, input: Json, { clock, entries }: Trail): Position {
  const entry = (entries.get(name) ?? 0) + 1;
  entries.set(name, entry);
  const frame = {
    ...position.frame,
    state: name,
    entry,
    input,
    enteredAt: clock.now,
    phase: { kind: 'ready' } as const,
  };
  clock.watch?.({ kind: 'entered', frame });
  return { ...position, transitions: position.transitions + 1, frame };
}

/** The frame ends with an error that nothing in it catches. */
export function failed(position: Position, error: string, cause: string, { clock }: Trail): Position {
  clock.watch?.({ kind: 'failed', frame: position.frame, at: clock.now, error, cause });
  return inPhase(position, { kind: 'failed', error, cause });
}

/** To the next state with what Assign has set, or to the end where there is none. */
export function leave(
  position: Position,
  next: string | undefined,
  output: Json,
  assigned: Json | undefined,
  trail: Trail,
): Position {
  trail.clock.watch?.({ kind: 'left', frame: position.frame, at: trail.clock.now, output, assigned });
  const set = isObject(assigned) ? { variables: { ...position.frame.variables, ...assigned } } : {};
  const left = { ...position, frame: { ...position.frame, ...set } };
  return next === undefined ? inPhase(left, { kind: 'succeeded', output }) : enter(left, next, output, trail);
}
