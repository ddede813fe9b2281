import { Context } from '@temporalio/activity';
import { SCHEDULED_AT } from '../contract.ts';
import type { Deps } from '../deps.ts';
import type { MonthlyAudit, MonthlyAuditDeps, RunOutcome } from '../deps-audits.ts';
import { errorCode, StewardError } from '../domain/errors.ts';
import type { JsonObject } from '../domain/json.ts';
import type { MonthFigures } from '../domain/measure.ts';
import { measureKept } from '../domain/measure-kept.ts';
import { measureRequests } from '../domain/measure-requests.ts';
import { measuredAt, monthBefore, type Span, sayMonth, spanOf } from '../domain/month.ts';
import { reconcile, windowOverSince } from '../domain/reconcile.ts';
import { saySeconds } from '../domain/words.ts';
import { type LetterParts, sendLetter } from './letter.ts';
import { erasuresClosedIn, erasuresNamed, retentionStart } from './monthly-audit-workflows.ts';

export type MonthlyAuditParts = LetterParts & Pick<Deps, 'transports'> & { readonly audits: MonthlyAuditDeps };

export interface MeasuredMonth {
  readonly month: string;
  readonly outcome: RunOutcome;
  readonly sha256: string;
  readonly differs: readonly string[];
  /** Whom the report goes to, by id. */
  readonly officers: readonly string[];
  /** Has the mail provider a queue of its own here? */
  readonly mailQueue: boolean;
}

export function monthlyAuditActivities(parts: MonthlyAuditParts) {
  const { audits } = parts;
  const { store, policy } = audits;
  return {
    /** Measures the month before this instant, and keeps the report where it is the first. */
    async measureMonth(scheduledAt: string): Promise<MeasuredMonth> {
      const { info, heartbeat } = Context.current();
      const month = monthBefore(new Date(scheduledAt), policy.controller.timeZone);
      const kept = await store.find(month);
      const figures = await measure(audits, month, kept);
      heartbeat('measured');
      const { runId } = info.workflowExecution ?? { runId: '' };
      const { audit, run } = await store.keep(runId, figures, audits.render);
      return {
        month,
        outcome: run.outcome,
        sha256: audit.sha256,
        differs: run.differences.map(({ figure }) => figure),
        officers: policy.officers.map(({ id }) => id),
        mailQueue: parts.transports.mail === 'ses',
      };
    },

    /** Writes the report, as it was first given out, to where reports lie as files. */
    async publishMonth(month: string): Promise<void> {
      const { json } = await reportOf(audits, month);
      await audits.publish(month, { json, html: (await store.html(month)) ?? '' });
    },

    /** Tells one officer, once; where the figures differ from the report, once for each way they do. */
    async mailMonth(month: string, officerId: string, differs: readonly string[]): Promise<void> {
      const officer = policy.officers.find(({ id }) => id === officerId);
      if (officer === undefined) return;
      const report = await reportOf(audits, month);
      const occasion = differs.length === 0 ? 'report' : `differs ${differs.join(' ')}`.slice(0, 500);
      if (!(await store.beginMail(month, officerId, occasion))) return;
      const name = differs.length === 0 ? 'report' : 'differs';
      await sendLetter(parts, {
        deliveryId: `monthly-audit-${month}-${name}-${officerId}`.replace(/[^A-Za-z0-9_-]/g, '-').slice(0, 100),
        ticketId: `monthly-audit-${month}`,
        to: { address: officer.email, name: null },
        template: 'monthly-audit',
        data: {
          month: sayMonth(month),
          links: { report: audits.pageOf(month) },
          command: `npx steward audit monthly ${month}`,
          differs: [...differs],
          sha256: report.sha256,
          figures: mainFigures(report.figures),
        },
      }).catch(async (error: unknown) => {
        await store.failMail(month, officerId, occasion, errorCode(error));
        throw error;
      });
      await store.finishMail(month, officerId, occasion);
    },
  };
}

async function reportOf({ store }: MonthlyAuditDeps, month: string): Promise<MonthlyAudit> {
  const report = await store.find(month);
  if (report === null) throw new StewardError('InvalidRequest', `${month} has no report`);
  return report;
}

/** By the calendar and the stretch of the log of the month's first report, where it has one. */
async function measure({ store, measure: facts, policy }: MonthlyAuditDeps, month: string, kept: MonthlyAudit | null) {
  const { heartbeat, info } = Context.current();
  const { timeZone, holidays } = policy.controller;
  const { lookAgainDays } = policy.erasure;
  const calendar: MonthFigures['calendar'] = kept?.figures.calendar ?? {
    timeZone,
    holidays: [...holidays],
    lookAgainDays,
    emptiedByLog: true,
    withdrawnCounted: true,
  };
  const span = spanOf(month, calendar.timeZone);
  if (span.to.getTime() > Date.now()) {
    const at = measuredAt(month, calendar.timeZone).toISOString();
    throw new StewardError(
      'InvalidRequest',
      `${month} is not over: it can be measured from ${at} on; give ${SCHEDULED_AT} of an earlier month`,
    );
  }
  const previous = await store.before(month);
  const head = previous?.figures.log.head;
  const from = (previous?.figures.log.to ?? 0) + 1;
  const own = kept?.figures.log.head;
  const log = await facts.log({
    before: span.to,
    kept: kept?.figures.log ?? null,
    madeAt: kept?.madeAt ?? null,
    from,
    heads: [...(head && head.position === from - 1 ? [head] : []), ...(own ? [own] : [])],
    alive: heartbeat,
  });
  const closed = await erasuresClosedIn(span, info.taskQueue);
  heartbeat('workflows');
  const ended = await facts.ended(
    span,
    closed.map(({ requestId }) => requestId),
    windowOverSince(calendar.lookAgainDays, span),
  );
  const known = new Set(closed.map(({ requestId }) => requestId));
  const endedThen = ended.filter(
    ({ row }) => row?.endedAt != null && row.endedAt >= span.from && row.endedAt < span.to,
  );
  const others = await erasuresNamed(
    endedThen.map(({ requestId }) => requestId).filter((id) => !known.has(id)),
    span,
  );
  const { mismatches, workflows } = reconcile(
    {
      ended,
      workflows: [...closed, ...others],
      forgottenBefore: await retentionStart(),
      earlier: kept?.figures.mismatches ?? [],
      lookAgainDays: calendar.lookAgainDays,
    },
    span,
  );
  heartbeat('counts');
  const figures: MonthFigures = {
    month,
    calendar,
    span: { from: span.from.toISOString(), to: span.to.toISOString() },
    ...measureRequests(await facts.requests(span), span, calendar),
    ...(await facts.counts(span, calendar)),
    ...(await keptData(facts, span, kept)),
    log,
    mismatches,
  };
  return { figures, workflows };
}

/** A report from before this was counted stays as it is, and so does what comes out when it is measured again. */
async function keptData(facts: MonthlyAuditDeps['measure'], span: Span, first: MonthlyAudit | null) {
  if (first !== null && first.figures.keptData === undefined) return {};
  const { requests, lastReview } = await facts.kept(span);
  return { keptData: measureKept(requests, lastReview, span) };
}

/** What a mail says of them. */
function mainFigures({ requests, late, timeToErase, silentRecipients, decodes, ...more }: MonthFigures): JsonObject {
  const { medianSeconds, worstSeconds } = timeToErase;
  const { looks, log, mismatches, ticketsEmptied, keptData } = more;
  return {
    ...requests,
    superseded: requests.superseded ?? 0,
    withdrawn: requests.withdrawn ?? 0,
    lateByAim: late.byAim.length,
    lateWithPauses: late.withPauses.length,
    median: medianSeconds === null ? '-' : saySeconds(medianSeconds),
    worst: worstSeconds === null ? '-' : saySeconds(worstSeconds),
    silent:
      silentRecipients.map(({ recipient, requestIds }) => `${recipient} (${requestIds.length})`).join(', ') || '-',
    decodes: decodes.reduce((sum, { times }) => sum + times, 0),
    ticketsEmptied,
    looks: looks.atOnce.looks + looks.later.looks,
    found: looks.atOnce.found + looks.later.found,
    log: log.ok ? 'whole' : 'NOT whole',
    logFrom: log.from,
    logTo: log.to,
    logBad: log.firstBad?.message ?? '',
    mismatches: mismatches.length,
    stillKept: keptData?.requests ?? 0,
    keptEnded: (keptData?.ended ?? []).reduce((sum, { requests }) => sum + requests, 0),
    withoutReason: keptData?.withoutReason.length ?? 0,
    reviewMissing: keptData?.reviewMissing ?? false,
  };
}
