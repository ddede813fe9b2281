import { setTimeout as sleep } from 'node:timers/promises';
import type { AuditHeads } from '../deps.ts';
import type { AuditHead } from '../domain/audit.ts';
import { StewardError } from '../domain/errors.ts';
import { isAnyUnplaced, placeEntries } from './audit-place.ts';
import { findSince } from './audit-verify.ts';
import type { Database } from './database.ts';

export interface SequencerOptions {
  readonly db: Database;
  readonly heads: Pick<AuditHeads, 'keep' | 'newest'>;
  /** Hears of the first of several failures in a row; all are tried again. */
  readonly onTrouble: (error: unknown) => void;
  /** PLACE_EVERY_MS unless told. */
  readonly everyMs?: number;
  readonly headEveryMs?: number;
  readonly batch?: number;
}

export interface Sequencer {
  /** Places what is there, keeps the head, and ends. */
  stop(): Promise<void>;
}

/** Between two looks for entries without a position: these come at least once a second. */
export const PLACE_EVERY_MS = 500;

/** Gives positions to new audit entries. Every worker process runs one: whichever holds the lock works. */
export function startSequencer(options: SequencerOptions): Sequencer {
  const { everyMs = PLACE_EVERY_MS, headEveryMs = 10_000, batch = 1_000 } = options;
  const stopping = new AbortController();
  let newest: AuditHead | null = null;
  let kept = { position: 0, at: Number.NEGATIVE_INFINITY };
  let wasWell = true;

  async function turn(): Promise<void> {
    try {
      while (await isAnyUnplaced(options.db)) {
        const done = await placeEntries(options.db, batch);
        if (done && done.placed > 0) newest = done.head;
        // A full batch leaves others waiting.
        if (!done || done.placed < batch) break;
      }
      await keep();
      wasWell = true;
    } catch (error) {
      if (wasWell) options.onTrouble(error);
      wasWell = false;
    }
  }

  async function keep(): Promise<void> {
    const now = performance.now();
    const isDue = stopping.signal.aborted || now - kept.at >= headEveryMs;
    if (newest === null || newest.position === kept.position || !isDue) return;
    await assertGoesOn(options, () => {
      // Told again with the next head that is due, and not at every turn until then.
      kept = { ...kept, at: now };
    });
    await options.heads.keep(newest);
    kept = { position: newest.position, at: now };
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      await turn();
      await sleep(everyMs, undefined, { signal: stopping.signal }).catch(() => {});
    }
    await turn();
  }

  const running = run();
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

/** A head of a log that does not go on from the one before would hide that. @throws StewardError Unavailable */
async function assertGoesOn({ db, heads }: SequencerOptions, onFinding: () => void): Promise<void> {
  const before = await heads.newest();
  const finding = before && (await findSince(db, before));
  if (!finding) return;
  onFinding();
  throw new StewardError(
    'Unavailable',
    `no head is kept: ${finding.message}. Run npx steward audit verify; after a backup was restored put the heads file aside, and a new one begins`,
  );
}
