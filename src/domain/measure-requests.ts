/** What a month's requests for erasure come to. */
import { due, MONTHS_TO_ANSWER } from './calendar.ts';
import { type ErasureOutcome, keptOf, type MadeDecision } from './erase.ts';
import type { KeptFigure, LateRequest, MonthFigures } from './measure.ts';
import { reasonOf } from './measure-kept.ts';
import type { Span } from './month.ts';

/** A request as its row has it. What was written after the month is not looked at. */
export interface RequestFacts {
  readonly id: string;
  readonly receivedAt: Date;
  readonly provedAt: Date | null;
  readonly dueAt: Date;
  readonly extendedTo: Date | null;
  readonly erasedAt: Date | null;
  readonly endedAt: Date | null;
  readonly outcome: ErasureOutcome | null;
  readonly decision: MadeDecision | null;
  readonly refusedByOfficer: boolean;
}

type Figures = Pick<MonthFigures, 'requests' | 'late' | 'timeToErase' | 'kept'>;

export function measureRequests(
  requests: readonly RequestFacts[],
  span: Span,
  calendar: MonthFigures['calendar'],
): Figures {
  const within = (at: Date | null) => at !== null && at >= span.from && at < span.to;
  const erased = requests.filter(({ erasedAt }) => within(erasedAt));
  // The record of the request itself is always kept, and refuses nothing.
  const partly = erased.filter(
    ({ decision }) => decision !== null && keptOf(decision).some(({ category }) => category !== 'requestRecord'),
  );
  // Those that were erased end a month later, when the second look is done.
  const endedOtherwise = requests.filter(({ endedAt, erasedAt }) => within(endedAt) && erasedAt === null);
  const endedAs = (outcome: ErasureOutcome) => endedOtherwise.filter((request) => request.outcome === outcome);
  const superseded = endedAs('superseded').length;
  // A report from before it was counted is measured again as it was.
  const withdrawn = calendar.withdrawnCounted ? endedAs('withdrawn').length : 0;
  const open = requests.filter((request) => request.receivedAt < span.to && answerOf(request, span) === null);
  return {
    requests: {
      received: requests.filter(({ receivedAt }) => within(receivedAt)).length,
      done: erased.length - partly.length,
      partlyRefused: partly.length,
      refused: endedAs('refused').length,
      notProved: endedAs('notProved').length,
      nobody: endedAs('nobody').length,
      ...(superseded > 0 ? { superseded } : {}),
      ...(withdrawn > 0 ? { withdrawn } : {}),
      abandoned: endedAs('abandoned').length,
      open: open.length,
      overdue: open.filter((request) => aimOf(request) < span.to).length,
    },
    late: {
      byAim: lateOf(requests, span, aimOf),
      withPauses: lateOf(requests, span, (request) => pausedEnd(request, span, calendar)),
    },
    timeToErase: timesOf(erased),
    kept: keptFigures([...erased, ...endedAs('refused')]),
  };
}

/** When the person had an answer, as far as the month knows. */
function answerOf({ erasedAt, endedAt }: RequestFacts, { to }: Span): Date | null {
  const at = erasedAt ?? endedAt;
  return at !== null && at < to ? at : null;
}

function aimOf({ dueAt, extendedTo }: RequestFacts): Date {
  return extendedTo ?? dueAt;
}

function pausedEnd(request: RequestFacts, { to }: Span, calendar: MonthFigures['calendar']): Date {
  const { receivedAt, provedAt, extendedTo } = request;
  const months = extendedTo === null ? MONTHS_TO_ANSWER.first : MONTHS_TO_ANSWER.extended;
  const proved = provedAt !== null && provedAt < to ? provedAt : to;
  const pauses = [{ from: receivedAt.toISOString(), to: proved.toISOString(), why: 'identity not proved' }];
  const { paused } = due(receivedAt, calendar, { months, warnDays: 0, pauses, now: to });
  // The days off of today's calendar may be others than those by which the last day was told.
  return paused < aimOf(request) ? aimOf(request) : paused;
}

function lateOf(requests: readonly RequestFacts[], span: Span, dueOf: (request: RequestFacts) => Date): LateRequest[] {
  return requests.flatMap((request) => {
    // Of a request that came back from the ledger nobody knows when it was due.
    if (request.dueAt <= request.receivedAt) return [];
    const dueAt = dueOf(request);
    const answeredAt = answerOf(request, span);
    if (dueAt < span.from || dueAt >= span.to || (answeredAt !== null && answeredAt <= dueAt)) return [];
    return [
      {
        requestId: request.id,
        dueAt: dueAt.toISOString(),
        answeredAt: answeredAt === null ? null : answeredAt.toISOString(),
      },
    ];
  });
}

function timesOf(erased: readonly RequestFacts[]): MonthFigures['timeToErase'] {
  const seconds = erased
    .map(({ erasedAt, receivedAt }) => ((erasedAt?.getTime() ?? 0) - receivedAt.getTime()) / 1000)
    .sort((a, b) => a - b);
  const worst = seconds.at(-1);
  if (worst === undefined) return { medianSeconds: null, worstSeconds: null };
  const middle = (seconds.length - 1) / 2;
  const median = ((seconds[Math.floor(middle)] ?? 0) + (seconds[Math.ceil(middle)] ?? 0)) / 2;
  return { medianSeconds: Math.round(median), worstSeconds: Math.round(worst) };
}

function keptFigures(requests: readonly RequestFacts[]): KeptFigure[] {
  const figures = new Map<string, KeptFigure>();
  for (const { decision, refusedByOfficer } of requests) {
    if (decision === null) continue;
    const kept = refusedByOfficer ? decision.categories : keptOf(decision);
    for (const one of kept) {
      const { why, statute } = refusedByOfficer && one.verdict === 'erase' ? BY_OFFICER : reasonOf(one);
      const key = JSON.stringify([one.category, why, statute]);
      const requests = (figures.get(key)?.requests ?? 0) + 1;
      figures.set(key, { category: one.category, why, statute, requests });
    }
  }
  return [...figures].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, figure]) => figure);
}
const BY_OFFICER = { why: 'a privacy officer refused the request', statute: '' };
