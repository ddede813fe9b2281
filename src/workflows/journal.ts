import { defineSearchAttributeKey } from '@temporalio/common';
import { setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import { followAsk } from '../domain/ask.ts';
import type { Change, EntryKind, TicketRow, TimelineEntry } from '../domain/journal.ts';
import type { JsonObject } from '../domain/json.ts';
import { followPath, heedNote, type Path, risePath } from '../domain/path-follow.ts';
import { sayDetails } from '../domain/words.ts';
import { own } from './activities.ts';
import { isSince } from './changes.ts';
import type { Memory } from './memory.ts';
import { type Reckoned, reckon } from './reckon.ts';
import { condition, now } from './rest.ts';

const KEYS = {
  state: defineSearchAttributeKey('TicketState', 'KEYWORD'),
  priority: defineSearchAttributeKey('TicketPriority', 'KEYWORD'),
  tier: defineSearchAttributeKey('CustomerTier', 'KEYWORD'),
  route: defineSearchAttributeKey('TicketRoute', 'KEYWORD'),
  attention: defineSearchAttributeKey('NeedsAttention', 'BOOL'),
};

export interface Draft {
  readonly kind: EntryKind;
  readonly actor?: string;
  readonly facts?: JsonObject;
  /** What the change makes of the ticket's row; a function sees the row as it is when the write's turn comes. */
  readonly row?: Partial<TicketRow> | ((row: TicketRow) => Partial<TicketRow>);
}

/**
 * The one way by which a ticket's workflow writes: changes go out one after another, each with the notes that piled up before
 * it, in one transaction. Memory follows the database: it changes when the write is acknowledged.
 */
export interface Journal {
  /** Kept in memory until the next write; use for steps that change no state. */
  note(kind: EntryKind, facts: JsonObject, actor?: string): void;
  /** `write` returns false to say that nothing was written (a duplicate), or a patch of the row that it found out. */
  commit<T>(
    draft: Draft,
    write: (change: Change) => Promise<T>,
    accept?: (written: T) => Partial<TicketRow> | false,
  ): Promise<T>;
  /** Writes the notes that wait and the deadlines that went by, if there are any. */
  flush(): Promise<void>;
  readonly busy: boolean;
}

export function createJournal(memory: Memory): Journal {
  let busy = false;
  const isFree = () => !busy;

  function entry(kind: EntryKind, facts: JsonObject, actor: string): TimelineEntry {
    memory.seq += 1;
    return { seq: memory.seq, at: new Date(now()).toISOString(), kind, actor, facts };
  }

  /** What was written need not go out again; what came meanwhile must. */
  function settle(notes: number, facts: JsonObject, { sla, strikes }: Reckoned): void {
    memory.notes = memory.notes.slice(notes);
    if (memory.facts === facts) memory.facts = {};
    if (sla === null) return;
    memory.sla = sla;
    memory.struck = [...memory.struck, ...strikes];
  }

  const byUs = (kind: EntryKind, facts: JsonObject) => entry(kind, facts, 'steward');
  const changeOf = (row: TicketRow, facts: JsonObject, { sla, entries, clocks }: Reckoned): Change => ({
    ticketId: memory.ticketId,
    row,
    entries,
    facts,
    ...(sla ? { clocks } : {}),
  });

  const journal: Journal = {
    get busy() {
      return busy;
    },
    note(kind, facts, actor = 'steward') {
      memory.notes = [...memory.notes, entry(kind, facts, actor)];
    },
    async commit(draft, write, accept = () => ({})) {
      // Again after each waking: of several who wait, all are woken at once.
      while (busy) await condition(isFree);
      busy = true;
      try {
        const patch = typeof draft.row === 'function' ? draft.row(memory.row) : (draft.row ?? {});
        const row = { ...memory.row, ...patch };
        const notes = memory.notes;
        const reckoned = reckon(memory, byUs, () => entry(draft.kind, draft.facts ?? {}, draft.actor ?? 'steward'));
        const facts = memory.facts;
        const written = await write(changeOf(row, facts, reckoned));
        const accepted = accept(written);
        if (accepted !== false) {
          settle(notes.length, facts, reckoned);
          // What changed in memory while the write was under way stays.
          const { priority } = memory.row;
          memory.row = { ...memory.row, ...patch, ...accepted };
          followWith(memory, reckoned.entries, priority);
          publish(memory);
        }
        return written;
      } finally {
        busy = false;
      }
    },
    async flush() {
      while (busy) await condition(isFree);
      const notes = memory.notes;
      const reckoned = reckon(memory, byUs);
      if (reckoned.entries.length === 0) return;
      busy = true;
      try {
        const facts = memory.facts;
        await own.recordChange(changeOf(memory.row, facts, reckoned));
        settle(notes.length, facts, reckoned);
        publish(memory);
      } finally {
        busy = false;
      }
    },
  };
  return journal;
}

/** The last entry is what happened; those before it changed no state. */
function followWith(memory: Memory, entries: readonly TimelineEntry[], before: string | null): void {
  const entry = entries.at(-1);
  if (memory.path && entry) memory.path = pathAfter(memory.path, entry, memory.row, before);
  if (memory.ask && entry) memory.ask = followAsk(memory.ask, entry, memory.row.state);
}

function pathAfter(path: Path, entry: TimelineEntry, row: TicketRow, before: string | null): Path {
  const told = followPath(path, entry, row);
  const noted = heedNote(told, entry, row);
  const followed = noted.run === told.run || isSince('note-is-work') ? noted : told;
  const risen = risePath(followed, entry, row, before);
  // Only another run has commands of its own; asked nowhere else, so that no other ticket carries the mark.
  return risen.run === followed.run || isSince('path-follows-priority') ? risen : followed;
}

/** What the Temporal Web UI shows of the ticket. An upsert costs the server about 3 ms: only when something changed. */
export function publish(memory: Memory): void {
  const { row } = memory;
  setCurrentDetails(sayDetails(memory));
  const attributes = [row.state, row.priority, row.tier, row.route, row.needsAttention].join('|');
  if (attributes === memory.published) return;
  memory.published = attributes;
  upsertSearchAttributes([
    { key: KEYS.state, value: row.state },
    { key: KEYS.priority, value: row.priority },
    { key: KEYS.tier, value: row.tier },
    { key: KEYS.route, value: row.route },
    { key: KEYS.attention, value: row.needsAttention },
  ]);
}
