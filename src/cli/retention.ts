import { answered } from '../answered.ts';
import type { DueForRetention } from '../compose-privacy.ts';
import { dateIn } from '../domain/calendar.ts';
import { StewardError } from '../domain/errors.ts';
import { retentionCutoff } from '../domain/retention.ts';
import { type Context, type JsonOption, sayJson } from './context.ts';
import { sayTable } from './say.ts';

export interface RetentionOptions extends JsonOption {
  readonly dryRun?: boolean;
  readonly apply?: boolean;
  readonly limit: number;
}

/** Tells what would go, unless told to do it. @throws StewardError InvalidRequest, InvalidPolicy */
export async function retention(context: Context, options: RetentionOptions): Promise<void> {
  if (options.dryRun && options.apply) {
    throw new StewardError('InvalidRequest', '--dry-run and --apply exclude each other; say one of them');
  }
  if (options.apply) return apply(context, options);
  const { privacy } = await context.operator();
  const policy = await privacy.policy();
  const days = policy.retention.ticketsDaysAfterClose;
  if (days === null) {
    throw new StewardError(
      'InvalidRequest',
      'policies/privacy.yaml keeps tickets for ever (retention.ticketsDaysAfterClose)',
    );
  }
  const now = new Date(context.now());
  const { timeZone } = policy.controller;
  const before = retentionCutoff(now, days, timeZone);
  const done = await privacy.dueForRetention({ now, before, limit: options.limit });
  if (options.json) return sayJson(context, { dryRun: true, days, before: before.toISOString(), ...done });
  context.out(`${sayBatch(done, dateIn(before, timeZone))}\n`);
}

/** By the workflow of the night: histories and what erasures kept are not in the database alone. @throws StewardError Unavailable */
async function apply(context: Context, options: JsonOption): Promise<void> {
  const steward = await context.steward();
  const { audit } = await context.operator();
  await audit.note('retention.asked', {});
  const note = (answer: string) => audit.note('retention.answered', { answer });
  const started = await answered(note, () => steward.retain());
  if (options.json) return sayJson(context, { dryRun: false, ...started });
  context.out(`Retention runs (${started.workflowId}): tickets that are due, and what erasures keep no longer.
What came of it: temporal workflow result --workflow-id ${started.workflowId}, and npx steward audit show --object retention\n`);
}

function sayBatch(batch: DueForRetention, date: string): string {
  const held = batch.held > 0 ? `\n${batch.held} more are held by law: npx steward hold list` : '';
  const { runs, held: heldRuns } = batch.runs;
  const ofRuns = `${runs} runs of flows without a ticket, of which nothing was heard since before ${date}, would lose what is left of them where they are over`;
  const flows = runs + heldRuns === 0 ? '' : `\n${ofRuns}; ${heldRuns} more are held by law.`;
  const how = '\nNothing was changed. To do it: npx steward retention --apply';
  if (batch.tickets === 0) {
    return `No ticket that was closed before ${date} has words left.${held}${flows}${runs === 0 ? '' : how}`;
  }
  const rows = Object.entries(batch.rows).map(([category, rows]) => [category, String(rows)]);
  if (batch.slack > 0) rows.push(['messages in Slack', String(batch.slack)]);
  const what = `${batch.tickets} tickets, closed before ${date}, would lose their words:`;
  const more = batch.more ? '\nThere may be more: --limit.' : '';
  return `${what}\n${sayTable([['CATEGORY', 'ROWS'], ...rows], '  ')}${held}${more}${flows}${how}`;
}
