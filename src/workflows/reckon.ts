import type { ChangeName } from '../domain/changes.ts';
import type { EntryKind, TimelineEntry } from '../domain/journal.ts';
import type { JsonObject } from '../domain/json.ts';
import { type Clock, type Followed, follow, type Sla, type SlaRules, type Strike, strike } from '../domain/sla.ts';
import { type ClockRow, clockRows } from '../domain/sla-row.ts';
import { sayDerivation } from '../domain/sla-words.ts';
import { isSince } from './changes.ts';
import type { Memory } from './memory.ts';
import { now } from './rest.ts';

/** What a write takes along for the ticket's clock: deadlines that went by first, then what the entries change. */
export interface Reckoned {
  readonly sla: Sla | null;
  readonly entries: readonly TimelineEntry[];
  /** Those that have not ended, and those that now have. */
  readonly clocks: readonly ClockRow[];
  readonly strikes: readonly Strike[];
}

/**
 * Follows the notes that wait, strikes what is overdue by now, and follows `draft`, in that order: what is reckoned here is what the timeline
 * says to whoever reads it from the beginning. `enter` makes an entry, the next of the timeline.
 */
export function reckon(
  memory: Memory,
  enter: (kind: EntryKind, facts: JsonObject) => TimelineEntry,
  draft?: () => TimelineEntry,
): Reckoned {
  if (memory.sla === null || memory.sla === undefined) {
    return { sla: null, entries: [...memory.notes, ...(draft ? [draft()] : [])], clocks: [], strikes: [] };
  }
  let sla = memory.sla;
  const changed = new Map<string, Clock>();
  const strikes: Strike[] = [];
  const strikeBefore = (at: number) => {
    const struck = strike(sla, at);
    sla = struck.sla;
    strikes.push(...struck.strikes);
    for (const { clock } of struck.strikes) changed.set(clock.id, clock);
  };
  const take = (entry: TimelineEntry) => {
    const followed = heeded(sla, entry);
    sla = followed.sla;
    for (const clock of followed.changed) changed.set(clock.id, clock);
  };
  for (const note of memory.notes) {
    strikeBefore(Date.parse(note.at));
    take(note);
  }
  strikeBefore(now());
  const entries = [...memory.notes, ...strikes.map((one) => enter(one.kind, factsOf(one, sla)))];
  if (draft) {
    const entry = draft();
    entries.push(entry);
    take(entry);
  }
  for (const clock of sla.clocks) changed.set(clock.id, clock);
  const { rules } = sla;
  return { sla, entries, clocks: [...changed.values()].flatMap((clock) => rowOf(clock, rules)), strikes };
}

/** Kinds of entries that the clock did not heed from the first: a run from before has a timer for the deadline that it had without them. */
const HEEDED_SINCE: Readonly<Partial<Record<EntryKind, ChangeName>>> = {
  enrichedAgain: 'late-fact-moves-the-clock',
  reassigned: 'given-on-moves-the-clock',
};

function heeded(sla: Sla, entry: TimelineEntry): Followed {
  const followed = follow(sla, entry);
  const patch = HEEDED_SINCE[entry.kind];
  const isHeeded = patch === undefined || followed.sla === sla || isSince(patch);
  return isHeeded ? followed : { sla, changed: [] };
}

/** Most clocks are as they were at the write before, and their words cost a tenth of a millisecond. A ticket's rules stay the same. */
const rows = new WeakMap<Clock, readonly ClockRow[]>();
function rowOf(clock: Clock, rules: SlaRules): readonly ClockRow[] {
  const known = rows.get(clock) ?? clockRows([clock], rules);
  rows.set(clock, known);
  return known;
}

function factsOf({ clock, deadline }: Strike, { rules }: Sla): JsonObject {
  return {
    clock: clock.id,
    metric: clock.metric,
    policy: clock.policy,
    deadline: new Date(deadline).toISOString(),
    derivation: sayDerivation(clock, rules),
  };
}
