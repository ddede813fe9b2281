/** The escalation path in words. */

import { nextTurn, pathOf } from './path.ts';
import type { Path } from './path-follow.ts';
import { sayTime } from './say-time.ts';

/** `level 2 of 3 of "urgent", goes on 2026-11-25 14:30 UTC`; undefined where the ticket is on no path. */
export function sayPath({ run, rules }: Path): string | undefined {
  if (run === null) return undefined;
  const next = nextTurn(run);
  const until = next === null ? '' : sayTime(next);
  if (run.acknowledged)
    return `"${run.path}": acknowledged by ${run.acknowledged.by}, goes on ${until} without a sign of work`;
  const levels = pathOf(run, rules).levels.length;
  if (run.level >= levels)
    return `"${run.path}": at its end, PagerDuty was called${next === null ? '' : `, and is again ${until}`}`;
  if (next === null) return `"${run.path}": at its end`;
  const where = run.level < 0 ? 'before its first level' : `level ${run.level + 1} of ${levels}`;
  return `"${run.path}": ${where}, goes on ${until}`;
}
