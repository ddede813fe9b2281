/** Which version of a flow new tickets take, as a list of changes of which the newest is in force. */

/**
 * - `deploy`: all new tickets take it.
 * - `canary`: a share of them does, and it is watched.
 * - `promote`: a canary fared well, and all take it.
 * - `rollback`: back to a version of before, by hand or since a canary fared badly.
 */
export type DeploymentKind = 'deploy' | 'canary' | 'promote' | 'rollback';

export interface Deployment {
  readonly name: string;
  /** From 1, without gaps. */
  readonly number: number;
  readonly kind: DeploymentKind;
  readonly version: string;
  /** What new tickets took before; null: nobody knew. Of a canary: what those take that it does not get. */
  readonly baseVersion: string | null;
  readonly canary: CanaryOrder | null;
  readonly by: string;
  readonly why: string | null;
  /** ISO 8601. */
  readonly at: string;
}

export interface CanaryOrder {
  /** Of new tickets, from 1 to 99. */
  readonly percent: number;
  readonly watchMs: number;
  /** So many tickets under each of the two versions, before the new one goes on to all. */
  readonly minTickets: number;
}

/** The version by which new tickets go that no canary gets. */
export function ruling({ kind, version, baseVersion }: Pick<Deployment, 'kind' | 'version' | 'baseVersion'>): string {
  return kind === 'canary' && baseVersion !== null ? baseVersion : version;
}

/**
 * What was in force before what is; undefined: nothing was. `history`: the oldest first. After a rollback that is what was in force before
 * the version that it led to, so that one more goes one further back, and not forth again.
 */
export function versionBefore(history: readonly Deployment[]): string | undefined {
  const newest = history.at(-1);
  if (newest?.kind === 'canary') return ruling(newest);
  const stack: string[] = [];
  for (const { kind, version, baseVersion } of history) {
    if (stack.length === 0 && baseVersion !== null) stack.push(baseVersion);
    if (kind === 'rollback') {
      const at = stack.lastIndexOf(version);
      stack.length = at + 1;
    }
    if (kind !== 'canary' && stack.at(-1) !== version) stack.push(version);
  }
  return stack.at(-2);
}

/** Parts of all new tickets that a share is given in. */
export const PARTS = 10_000;

/** Of `PARTS`. */
export function partsOf(percent: number): number {
  return (percent * PARTS) / 100;
}

/** `10%`, `10`; undefined: it is no whole number of percent from 1 to 99. */
export function readShare(text: string): number | undefined {
  const found = /^([1-9]\d?) ?%?$/u.exec(text.trim());
  return found ? Number(found[1]) : undefined;
}

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, min: 60_000, h: 3_600_000, d: 86_400_000 };
const LONGEST_WATCH_MS = 30 * 86_400_000;

/** `90s`, `30m`, `2h`, `1d`, as ms; undefined: it is none, or longer than 30 days. */
export function readSpan(text: string): number | undefined {
  const found = /^(\d{1,6}) ?(s|m|min|h|d)$/u.exec(text.trim());
  const ms = found ? Number(found[1]) * (UNITS[found[2] ?? ''] ?? 0) : 0;
  return ms > 0 && ms <= LONGEST_WATCH_MS ? ms : undefined;
}

/** Like `readSpan` reads it. */
export function saySpan(ms: number): string {
  for (const unit of ['d', 'h', 'm']) {
    const size = UNITS[unit] ?? 1;
    if (ms >= size && ms % size === 0) return `${ms / size}${unit}`;
  }
  return `${Math.round(ms / 1000)}s`;
}
