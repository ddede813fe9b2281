import { answered } from '../answered.ts';
import type { MonthlyAudit, MonthlyAuditRun } from '../deps-audits.ts';
import { StewardError } from '../domain/errors.ts';
import type { KeptFigures } from '../domain/measure.ts';
import { keptAlarms, sayUntil, WITHOUT_REASON_WORDS } from '../domain/measure-kept.ts';
import { isMonth, measuredAt } from '../domain/month.ts';
import { saySeconds } from '../domain/words.ts';
import { type Context, type JsonOption, sayJson } from './context.ts';
import { sayTable, sayTime } from './say.ts';

export interface MonthlyOptions extends JsonOption {
  readonly run?: string;
}

/** Without a month: the list. `--run` measures one, which makes its report where it has none. */
export async function monthly(context: Context, month: string | undefined, options: MonthlyOptions): Promise<void> {
  if (options.run !== undefined) return runMonth(context, assertMonth(options.run), options);
  if (month === undefined) return list(context, options);
  const { reports } = await context.operator();
  const audit = await reports.find(assertMonth(month));
  if (audit === null) {
    await assertOver(context, month);
    throw new StewardError(
      'InvalidRequest',
      `${month} has no report yet; \`npx steward audit monthly --run ${month}\` makes it`,
    );
  }
  const runs = await reports.runs(month);
  if (options.json) return sayJson(context, { ...headOf(audit), figures: audit.figures, runs });
  context.out(`${sayReport(audit, runs)}\n`);
}

async function list(context: Context, options: JsonOption): Promise<void> {
  const { reports } = await context.operator();
  const audits = await reports.list();
  if (options.json)
    return sayJson(
      context,
      audits.map((audit) => ({ ...headOf(audit), runs: audit.runs })),
    );
  if (audits.length === 0) return context.out('No month has a report yet; each is measured on the 1st of the next.\n');
  const rows = audits.map(({ month, figures, runs }) => [
    month,
    String(figures.requests.received),
    String(figures.requests.done),
    String(figures.requests.partlyRefused),
    String(figures.late.byAim.length),
    figures.log.ok ? 'whole' : 'NOT WHOLE',
    runs.some(({ outcome }) => outcome === 'differs') ? 'other figures' : String(runs.length - 1),
  ]);
  const head = ['MONTH', 'RECEIVED', 'DONE', 'PARTLY', 'LATE', 'AUDIT LOG', 'MEASURED AGAIN'];
  context.out(`${sayTable([head, ...rows])}\n`);
}

async function runMonth(context: Context, month: string, options: JsonOption): Promise<void> {
  const { audit } = await context.operator();
  const at = await assertOver(context, month);
  await audit.note('monthlyAudit.asked', { month });
  const note = (answer: string) => audit.note('monthlyAudit.answered', { month, answer });
  const started = await answered(note, async () => (await context.steward()).measureMonth(month, at));
  if (options.json) return sayJson(context, { month, ...started });
  context.out(`${month} is being measured (${started.workflowId}). The report: npx steward audit monthly ${month}\n`);
}

/** When it is measured. Figures of a month that goes on would be other ones each time. */
async function assertOver(context: Context, month: string): Promise<Date> {
  const { privacy } = await context.operator();
  const { timeZone } = (await privacy.policy()).controller;
  const at = measuredAt(month, timeZone);
  if (at.getTime() <= context.now()) return at;
  throw new StewardError(
    'InvalidRequest',
    `${month} is not over: it can be measured from ${sayTime(at.toISOString())} UTC on (the month of ${timeZone}), and the schedule does so by itself`,
  );
}

function headOf({ month, sha256, madeAt, workflows }: MonthlyAudit) {
  return { month, sha256, madeAt: madeAt.toISOString(), workflows };
}

function sayReport({ month, figures, sha256, madeAt }: MonthlyAudit, runs: readonly MonthlyAuditRun[]): string {
  const { requests, late, timeToErase, kept, silentRecipients, decodes, looks, log, mismatches } = figures;
  const time = (seconds: number | null) => (seconds === null ? '-' : saySeconds(seconds));
  const rows = [
    ['received', String(requests.received)],
    ['done', String(requests.done)],
    ['partly refused', String(requests.partlyRefused)],
    ['refused', String(requests.refused)],
    ['not proved', String(requests.notProved)],
    ['nobody known', String(requests.nobody)],
    ...(requests.superseded ? [['superseded', String(requests.superseded)]] : []),
    ...(requests.withdrawn ? [['withdrawn', String(requests.withdrawn)]] : []),
    ['abandoned', String(requests.abandoned)],
    ['late', `${late.byAim.length} (with pauses: ${late.withPauses.length})`],
    ['open, overdue', `${requests.open}, ${requests.overdue}`],
    ['time to erased', `median ${time(timeToErase.medianSeconds)}, worst ${time(timeToErase.worstSeconds)}`],
    ['looks again', `${looks.atOnce.looks + looks.later.looks}, found ${looks.atOnce.found + looks.later.found}`],
    ['tickets emptied', String(figures.ticketsEmptied)],
    ['audit log', log.ok ? `whole, ${sayStretch(log)}` : `NOT WHOLE: ${log.firstBad?.message}`],
  ];
  const more = [
    ...late.byAim.map((one) => `late: ${one.requestId}, due ${sayTime(one.dueAt)}`),
    ...kept.map((one) => `kept: ${one.category}, ${one.why}: ${one.requests}`),
    ...(figures.keptData === undefined ? [] : sayKeptData(figures.keptData)),
    ...silentRecipients.map((one) => `no answer: ${one.recipient}, of ${one.requestIds.join(', ')}`),
    ...decodes.map((one) => `shown to ${one.who}: ${one.opened} payloads, ${one.times} times`),
    ...looks.findings.map(
      (one) => `found: ${one.requestId}, ${one.where}: ${one.kind}, ${one.count ?? 'at least 1'} times`,
    ),
    ...mismatches.map((one) => `mismatch: ${one.requestId}, ${one.with}: ${one.what}`),
    ...runs.flatMap((run) =>
      run.differences.map(
        ({ figure, was, is }) => `measured ${sayTime(run.at.toISOString())}: ${figure} is ${is}, reported ${was}`,
      ),
    ),
  ];
  const head = `${month}, made ${sayTime(madeAt.toISOString())} UTC, SHA-256 ${sha256}`;
  return [head, sayTable(rows, '  '), ...more].join('\n');
}

function sayKeptData(data: KeptFigures): string[] {
  return [
    ...keptAlarms(data),
    ...data.still.map((one) => `still kept: ${one.category}, ${one.why}, until ${sayUntil(one)}: ${one.requests}`),
    ...data.ended.map((one) => `kept no longer: ${one.category}, ${one.how}: ${one.requests}`),
    ...data.withoutReason.map(
      ({ requestId, category, until, why }) =>
        `kept without a known reason: ${requestId}, ${category}, until ${until === null ? '-' : sayTime(until)}: ${WITHOUT_REASON_WORDS[why]}`,
    ),
  ];
}

function sayStretch({ from, to, head }: MonthlyAudit['figures']['log']): string {
  if (to < from) return 'nothing was added';
  return `positions ${from} to ${to}, head ${head?.hash ?? '-'}`;
}

function assertMonth(text: string): string {
  if (isMonth(text)) return text;
  throw new StewardError('InvalidRequest', `${text}: expected a month such as 2026-10`);
}
