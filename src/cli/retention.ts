import type { RetentionBatch } from '../compose-privacy.ts';
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
  const dryRun = !options.apply;
  const done = await privacy.retention({ now, before, limit: options.limit, dryRun });
  if (options.json) return sayJson(context, { dryRun, days, before: before.toISOString(), ...done });
  context.out(`${sayBatch(done, dryRun, dateIn(before, timeZone))}\n`);
}

function sayBatch(batch: RetentionBatch, dryRun: boolean, date: string): string {
  const held = batch.held > 0 ? `\n${batch.held} more are held by law: npx steward hold list` : '';
  if (batch.tickets === 0) return `No ticket that was closed before ${date} has words left.${held}`;
  const rows = Object.entries(batch.rows).map(([category, rows]) => [category, String(rows)]);
  const what = `${batch.tickets} tickets, closed before ${date}, ${dryRun ? 'would lose' : 'have lost'} their words:`;
  const more = batch.more ? '\nThere may be more: say it again.' : '';
  const how = dryRun ? '\nNothing was changed. To do it: npx steward retention --apply' : '';
  return `${what}\n${sayTable([['CATEGORY', 'ROWS'], ...rows], '  ')}${held}${more}${how}`;
}
