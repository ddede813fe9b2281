import type { AuditHeads } from '../deps.ts';
import type { AuditFinding, AuditHead, AuditVerdict, KeptHead } from '../domain/audit.ts';
import { StewardError } from '../domain/errors.ts';
import { type ChainRow, chainFrom, hashAt, lastPosition } from './audit-chain.ts';
import { explainMismatch } from './audit-explain.ts';
import { hashEntry, NOTHING_BEFORE } from './audit-hash.ts';
import { findUnplaced, type Patience } from './audit-unplaced.ts';
import type { Database } from './database.ts';

export interface VerifyOptions extends Partial<Patience> {
  /** The first position to look at. What is before it counts as its hash only, which a kept head may vouch for. */
  readonly from?: number;
  /** The last position to look at; else whatever there is. */
  readonly to?: number;
  readonly onProgress?: (checked: number) => void;
}

/** Looks at every entry in its position, and at the heads that were kept elsewhere. Names the first that is bad. */
export async function verifyAudit(
  db: Database,
  heads: Pick<AuditHeads, 'read'>,
  options: VerifyOptions = {},
): Promise<AuditVerdict> {
  const { from = 1, to = Number.POSITIVE_INFINITY } = options;
  // Before the chain: one that is kept meanwhile speaks of positions that we may not see.
  const kept = await heads.read();
  const ahead = kept.heads.filter(({ position }) => position >= from - 1 && position <= to);
  const walk = createWalk(from, ahead);
  const firstBad =
    (await walk.begin(db)) ??
    (await walkAll(db, walk, to, options.onProgress)) ??
    walk.cutOff() ??
    (await findUnplaced(db, walk.next(), options));
  const warnings = firstBad || kept.heads.length === 0 ? kept.warnings : [...kept.warnings, ...walk.unvouched()];
  return { ok: !firstBad, checked: walk.checked(), head: walk.head(), ...(firstBad ? { firstBad } : {}), warnings };
}

/**
 * Does the log go on from a head that was kept? Looks at that position and at what came after it, so at little where one is kept every few
 * seconds. Whoever keeps a further head without asking vouches for whatever was put there.
 */
export async function findSince(db: Database, kept: KeptHead): Promise<AuditFinding | undefined> {
  const walk = createWalk(kept.position + 1, [kept]);
  const last = await lastPosition(db);
  if (last < kept.position) return cutOff(last + 1, kept.position);
  return (await walk.begin(db)) ?? (await walkAll(db, walk, Number.POSITIVE_INFINITY, undefined));
}

/**
 * That a verification may begin there: behind the end it would find nothing, and take that for a log whose end was cut off. Right behind
 * it is where one goes on who has looked at the rest. @throws StewardError InvalidRequest
 */
export async function assertReached(db: Database, heads: Pick<AuditHeads, 'read'>, from: number): Promise<void> {
  const last = await lastPosition(db);
  if (from <= last + 1) return;
  // It has been there once, so its absence is a finding.
  if ((await heads.read()).heads.some(({ position }) => position >= from - 1)) return;
  const end = last === 0 ? 'the log is empty' : `the last position of the log is ${last}`;
  throw new StewardError('InvalidRequest', `--from: nothing is at position ${from} or after it; ${end}`);
}

async function walkAll(db: Database, walk: AuditWalk, to: number, onProgress: VerifyOptions['onProgress']) {
  if (walk.next() > to) return undefined;
  for await (const rows of chainFrom(db, walk.next())) {
    for (const row of rows) {
      if (row.position > to && walk.next() > to) return undefined;
      const previous = walk.head()?.hash ?? NOTHING_BEFORE;
      const finding = walk.step(row);
      if (finding === 'mismatch') return explainMismatch(db, row as Parameters<typeof explainMismatch>[1], previous);
      if (finding) return finding;
    }
    onProgress?.(walk.checked());
  }
  return undefined;
}

type AuditWalk = ReturnType<typeof createWalk>;

/** Where a verification stands: the last good position and what was kept of it. */
function createWalk(from: number, kept: readonly KeptHead[]) {
  let head: AuditHead | null = null;
  let checked = 0;
  let vouched = from - 1;
  const byPosition = new Map<number, KeptHead[]>();
  for (const one of kept) byPosition.set(one.position, [...(byPosition.get(one.position) ?? []), one]);
  const newest = kept.reduce((last, { position }) => Math.max(last, position), 0);
  const next = () => (head?.position ?? from - 1) + 1;

  /** Is this what was kept of the position? */
  function compare({ position, hash }: AuditHead): AuditFinding | undefined {
    const there = byPosition.get(position);
    const other = there?.find((one) => one.hash !== hash);
    if (!other) {
      if (there) vouched = position;
      return undefined;
    }
    const first = Math.min(vouched + 1, position);
    const message =
      `the log was rewritten: the head of position ${position} that was kept at ${other.at} is another one, though the ` +
      `chain is whole in itself; look at positions ${first} to ${position}`;
    return { position, kind: 'rewritten', message, range: [first, position] };
  }

  return {
    next,
    head: () => head,
    checked: () => checked,

    /** What is before the first position to look at. */
    async begin(db: Database): Promise<AuditFinding | undefined> {
      if (from === 1) return undefined;
      const hash = await hashAt(db, from - 1);
      if (hash === null) {
        return { position: from - 1, kind: 'removed', message: `nothing is at position ${from - 1}: it was removed` };
      }
      const before = { position: from - 1, hash };
      const finding = compare(before);
      if (!finding) head = before;
      return finding;
    },

    step(row: ChainRow): AuditFinding | 'mismatch' | undefined {
      const position = next();
      if (row.position !== position) {
        const last = row.position - 1;
        const which = last === position ? `position ${position} is` : `positions ${position} to ${last} are`;
        return { position, kind: 'removed', message: `${which} missing: what stood there was removed` };
      }
      const { entryId } = row;
      if (row.entry === null) {
        return { position, kind: 'removed', entryId, message: `entry ${entryId} at position ${position} was removed` };
      }
      if (hashEntry(position, head?.hash ?? NOTHING_BEFORE, row.entry) !== row.hash) return 'mismatch';
      const finding = compare(row);
      if (finding) return { ...finding, entryId };
      head = { position, hash: row.hash };
      checked++;
      return undefined;
    },

    cutOff(): AuditFinding | undefined {
      return newest < next() ? undefined : cutOff(next(), newest);
    },

    unvouched(): string[] {
      const alone = next() - 1 - vouched;
      if (alone <= 0) return [];
      return [`no kept head vouches for ${alone === 1 ? 'the newest entry' : `the newest ${alone} entries`} yet`];
    },
  };
}

/** @param position the first that is not there */
function cutOff(position: number, kept: number): AuditFinding {
  const message = `the log ends at position ${position - 1}, but a head of position ${kept} was kept: its end was cut off`;
  return { position, kind: 'removed', message };
}
