import { uuid4 } from '@temporalio/workflow';
import type { Outside } from '../contract.ts';
import { mayStay } from '../domain/event-key.ts';
import type { Memory } from './memory.ts';

/** As many as there are events that are remembered. */
const MOST = 1_000;

/**
 * The label, or a random name in its place where it must not be written down. HTTP refuses such labels; who speaks to Temporal itself can
 * be told nothing, and what they say must not be lost. In one ticket a label has one name, so that what is said again is taken once. The
 * names are known to the workflow alone, and go with its key.
 */
export function standIn(memory: Memory, label: string): string {
  if (mayStay(label)) return label;
  const known = memory.standIns?.[label];
  if (known !== undefined) return known;
  const name = `unnamed-${uuid4()}`;
  memory.standIns = { ...memory.standIns, [label]: name };
  return name;
}

/** The same with what came by signal, whose labels may be missing or null. */
export function withStandIns<P extends Outside>(memory: Memory, said: P): P {
  const { eventId, source, ...rest } = said as Outside & Record<string, unknown>;
  return {
    ...rest,
    ...(eventId == null ? {} : { eventId: standIn(memory, eventId) }),
    ...(source == null ? {} : { source: standIn(memory, source) }),
  } as P;
}

/** A long life must not grow what goes on to the next run. */
export function forgetOldStandIns(memory: Memory): void {
  const names = Object.entries(memory.standIns ?? {});
  if (names.length > MOST) memory.standIns = Object.fromEntries(names.slice(-MOST));
}
