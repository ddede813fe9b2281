/** Do the database, the audit log and the workflows say the same of the erasures of a month? */
import type { ErasureOutcome } from './erase.ts';
import type { Measured, Mismatch } from './measure.ts';
import type { Span } from './month.ts';

/** What the database says, and the log. Of every request that one of them, or a workflow, ended in the month. */
export interface Ended {
  readonly requestId: string;
  readonly row: {
    readonly endedAt: Date | null;
    readonly erasedAt: Date | null;
    readonly outcome: ErasureOutcome | null;
  } | null;
  /** Actions of its entries before the month's end. */
  readonly logged: readonly string[];
  /** What its last entry says of the end. */
  readonly loggedOutcome: string | null;
}

/** How it stood when the month was over: a run that was begun later is not looked at. `absent`: the server knows none of that name. */
export interface WorkflowEnd {
  readonly requestId: string;
  readonly status: 'completed' | 'running' | 'absent' | 'failed' | 'terminated' | 'cancelled' | 'timedOut';
  readonly outcome: ErasureOutcome | null;
}

export interface Seen {
  readonly ended: readonly Ended[];
  readonly workflows: readonly WorkflowEnd[];
  /** What ended before this may be forgotten by the server; null: it tells nothing of that. */
  readonly forgottenBefore: Date | null;
  /** Of the first report: what was said of a workflow still stands when the server has forgotten it. */
  readonly earlier: readonly Mismatch[];
  /** How long the windows are after which is looked again. Undefined: not known when the month was first measured. */
  readonly lookAgainDays?: number | undefined;
}

const ALWAYS = ['erasure.requested', 'erasure.ended'];
const OF_ERASED = ['erasure.decided', 'erasure.shredIntent', 'erasure.shred', 'erasure.lookAtOnce', 'erasure.erased'];
const OF_CLOSED_WINDOW = 'erasure.lookLater';
const DAY_MS = 86_400_000;
/** A look that got stuck is tried again each hour: within a day it is late, and not missing. */
const GRACE_MS = DAY_MS;

/** Whoever was erased before this, and whose request had not ended by the month's end, should have been looked for again. */
export function windowOverSince(lookAgainDays: number | undefined, { to }: Span): Date | null {
  return lookAgainDays === undefined ? null : new Date(to.getTime() - lookAgainDays * DAY_MS - GRACE_MS);
}

export function reconcile(seen: Seen, span: Span): Pick<Measured, 'workflows'> & { readonly mismatches: Mismatch[] } {
  const within = (at: Date | null | undefined) => at != null && at >= span.from && at < span.to;
  const found: Mismatch[] = [];
  let compared = 0;
  let forgotten = 0;
  const over = windowOverSince(seen.lookAgainDays, span);
  const isWindowOver = (row: Ended['row']) => {
    if (row?.erasedAt == null) return false;
    if (within(row.endedAt)) return row.outcome === 'erased' || row.outcome === 'partlyErased';
    return over !== null && row.erasedAt < over && (row.endedAt === null || row.endedAt >= span.to);
  };
  const workflows = new Map(seen.workflows.map((workflow) => [workflow.requestId, workflow]));
  for (const one of seen.ended) {
    const { requestId, row } = one;
    found.push(...inLog(one, within, isWindowOver(row)).map((what) => ({ requestId, with: 'log' as const, what })));
    const workflow = workflows.get(requestId);
    const earlier = seen.earlier.filter((before) => before.requestId === requestId && before.with === 'workflow');
    if (workflow === undefined) {
      if (isForgotten(span.from, seen.forgottenBefore)) found.push(...earlier);
      continue;
    }
    // A restored database ended it by itself.
    if (workflow.status === 'absent' && one.logged.includes('erasure.reapplied')) continue;
    if (workflow.status === 'absent' && isForgotten(row?.endedAt, seen.forgottenBefore)) {
      forgotten += 1;
      found.push(...earlier);
      continue;
    }
    compared += 1;
    const what = inWorkflow(row, workflow, span);
    if (what !== null) found.push({ requestId, with: 'workflow', what });
  }
  // Those that only a workflow told of: whoever is looked at again is in the list above.
  const known = new Set(seen.ended.map(({ requestId }) => requestId));
  if (isForgotten(span.from, seen.forgottenBefore)) found.push(...seen.earlier.filter((e) => !known.has(e.requestId)));
  return { mismatches: found.sort(byName), workflows: { compared, forgotten } };
}

function inLog(
  { row, logged, loggedOutcome }: Ended,
  within: (at: Date | null | undefined) => boolean,
  isWindowOver: boolean,
): string[] {
  const has = new Set(logged);
  // Another request's entry says that it took over.
  const ended = within(row?.endedAt) && row?.outcome !== 'abandoned';
  const erased = within(row?.erasedAt);
  // A request of before a restored backup was brought back: its entries went with the database, and one says so.
  const wanted = has.has('erasure.reapplied')
    ? []
    : [
        ...(ended ? ALWAYS : []),
        ...(erased ? ['erasure.requested', ...OF_ERASED] : []),
        ...(isWindowOver ? [OF_CLOSED_WINDOW] : []),
      ];
  const missing = [...new Set(wanted)].filter((action) => !has.has(action));
  const said: string[] = missing.map((action) => `no entry ${action}`);
  if (has.has('erasure.ended') && (row?.endedAt ?? null) === null) said.push('the log has its end, the database not');
  else if (ended && loggedOutcome !== null && loggedOutcome !== row?.outcome) {
    said.push(`the log says ${loggedOutcome}, the database ${row?.outcome}`);
  }
  if (has.has('erasure.erased') && (row?.erasedAt ?? null) === null)
    said.push('the log has it erased, the database not');
  return said;
}

/** What ended the request later, such as a night that mended it, tells nothing of the month: measured again, it would come out otherwise. */
function inWorkflow(row: Ended['row'], { status, outcome }: WorkflowEnd, { to }: Span): string | null {
  const ended = row?.endedAt != null && row.endedAt < to;
  if (status === 'completed') {
    // Nobody was told yes, and nothing was written down.
    if (outcome === 'abandoned' && row === null) return null;
    if (row === null) return `the workflow ended as ${outcome}, the database has no such request`;
    // It says so itself, in the month's last second perhaps.
    if (row.endedAt !== null && row.outcome === outcome) return null;
    return `the workflow ended as ${outcome}, ${ended ? `the database says ${row.outcome}` : 'the request did not'}`;
  }
  if (ended && row.outcome === 'abandoned' && status !== 'running') return null;
  if (status === 'running') return ended ? 'the request ended, the workflow still runs' : null;
  if (status === 'absent') return 'the request ended, and the server knows no workflow of it';
  return `the workflow ended as ${WORDS[status]}, the request ${ended ? `as ${row.outcome}` : 'did not end'}`;
}
const WORDS = { failed: 'failed', terminated: 'terminated', cancelled: 'cancelled', timedOut: 'timed out' } as const;

function isForgotten(at: Date | null | undefined, before: Date | null): boolean {
  return at != null && before !== null && at < before;
}

function byName(a: Mismatch, b: Mismatch): number {
  const [one, other] = [a, b].map(({ requestId, with: by, what }) => `${requestId} ${by} ${what}`);
  return (one ?? '') < (other ?? '') ? -1 : 1;
}
