import { type Clock, type Metric, type SlaRules, standingOf } from './sla.ts';
import { sayDerivation } from './sla-words.ts';

/** A clock as the database keeps it. Times are ISO 8601 in UTC, amounts ms. */
export interface ClockRow {
  readonly id: string;
  readonly metric: Metric;
  readonly episode: number;
  /** `noSla`: no policy has a target for it any more. */
  readonly status: 'running' | 'paused' | 'met' | 'moot' | 'noSla';
  readonly policy: string | null;
  readonly rules: string;
  readonly startedAt: string;
  readonly targetMs: number | null;
  readonly pausedMs: number;
  readonly dueAt: string | null;
  readonly warnedAt: string | null;
  readonly breachedAt: string | null;
  readonly endedAt: string | null;
  /** How the deadline came about, in words. */
  readonly derivation: string;
}

/** The rows of those clocks; one that no policy ever had a target for has none. */
export function clockRows(clocks: readonly Clock[], rules: SlaRules): ClockRow[] {
  return clocks.map((clock) => {
    const standing = standingOf(clock, rules);
    return {
      id: clock.id,
      metric: clock.metric,
      episode: clock.episode,
      status: standing?.status ?? 'noSla',
      policy: clock.policy,
      rules: rules.version,
      startedAt: iso(clock.startedAt),
      targetMs: standing?.targetMs ?? null,
      pausedMs: standing?.pausedMs ?? 0,
      dueAt: standing?.dueAt == null ? null : iso(standing.dueAt),
      warnedAt: clock.warnedAt === null ? null : iso(clock.warnedAt),
      breachedAt: clock.breachedAt === null ? null : iso(clock.breachedAt),
      endedAt: clock.ended === null ? null : iso(clock.ended.at),
      derivation: sayDerivation(clock, rules),
    };
  });
}

function iso(at: number): string {
  return new Date(at).toISOString();
}

/** `due`, `late`, `kept`, `missed`, …: how it stands with a promise. */
export function sayClockStatus({ status, breachedAt }: Pick<ClockRow, 'status' | 'breachedAt'>): string {
  const isLate = breachedAt !== null;
  switch (status) {
    case 'running':
      return isLate ? 'late' : 'runs';
    case 'paused':
      return isLate ? 'late, paused' : 'paused';
    case 'met':
      return isLate ? 'kept late' : 'kept';
    case 'moot':
      return isLate ? 'missed' : 'no longer needed';
    case 'noSla':
      return 'no SLA any more';
  }
}
