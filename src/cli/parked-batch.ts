import { answered } from '../answered.ts';
import type { BatchReport } from '../compose-operator.ts';
import { StewardError } from '../domain/errors.ts';
import type { Json } from '../domain/json.ts';
import { type BatchAct, sayCounts } from '../domain/parked-batch.ts';
import { groupParked, parkedFingerprint } from '../domain/parked-group.ts';
import { type Context, type JsonOption, sayJson } from './context.ts';
import { readJsonOption } from './input.ts';
import { sayAgo, sayTable, sayTime } from './say.ts';

export interface BatchOptions extends JsonOption {
  readonly group: string;
  readonly perSecond: number;
  readonly preview?: boolean;
  readonly input?: string;
  readonly result?: string;
}

/** Says the same to every step of a group; `--preview` lists them and changes nothing. */
export async function operateGroup(context: Context, act: BatchAct, options: BatchOptions): Promise<void> {
  const given = await givenOf(context, options);
  const { read, parkedBatches } = await context.operator();
  const steps = (await read.parked()).filter((step) => parkedFingerprint(step) === options.group);
  const [group] = groupParked(steps);
  if (group === undefined) {
    throw new StewardError(
      'InvalidRequest',
      `nothing is parked in group ${options.group}; see npx steward parked --groups`,
    );
  }
  const { perSecond } = options;
  if (options.preview) {
    if (options.json) return sayJson(context, { act, perSecond, group, steps });
    const rows = steps.map((s) => [s.ticketId, s.step, sayAgo(s.since, context.now())]);
    const seconds = Math.ceil(group.count / perSecond);
    context.out(`${sayTable([['TICKET', 'STEP', 'SINCE'], ...rows])}\n\n`);
    return context.out(`${act} would be said to these ${group.count}, in about ${seconds} s. Nothing was done.\n`);
  }
  // Before anything is written down: are Temporal and the keys there?
  const steward = await context.steward();
  const order = { act, fingerprint: options.group, perSecond, ...(given === undefined ? {} : { given }) };
  const batchId = await parkedBatches.order(order);
  const { workflowId } = await steward.operateParked(batchId);
  if (options.json) return sayJson(context, { batchId, workflowId, act, perSecond, group });
  context.out(`Batch ${batchId}: ${act} is said to ${group.count} parked steps, ${perSecond} a second.
What came of it: npx steward parked report ${batchId}
To stop it:      npx steward parked cancel ${batchId}\n`);
}

async function givenOf(context: Context, { input, result }: BatchOptions): Promise<Json | undefined> {
  if (input !== undefined) return readJsonOption('--input', input, context.readText);
  return result === undefined ? undefined : readJsonOption('--result', result, context.readText);
}

/** The newest batches, whatever became of them. */
export async function listBatches(context: Context, options: JsonOption): Promise<void> {
  const batches = await (await context.operator()).parkedBatches.list();
  if (options.json) return sayJson(context, batches);
  if (batches.length === 0) return context.out('No batch yet; npx steward parked --groups shows what could be one.\n');
  const rows = batches.map((one) => [
    one.batchId,
    one.act,
    one.fingerprint,
    `${one.steps}`,
    one.state,
    sayTime(one.startedAt),
    one.startedBy,
  ]);
  context.out(`${sayTable([['BATCH', 'SAYS', 'GROUP', 'STEPS', 'STATE', 'STARTED (UTC)', 'BY'], ...rows])}\n`);
}

/** Every step of a batch, and what came of it. */
export async function reportBatch(context: Context, batchId: string, options: JsonOption): Promise<void> {
  const report = await (await context.operator()).parkedBatches.report(batchId);
  if (options.json) return sayJson(context, report);
  const { act, fingerprint, startedBy, startedAt, perSecond, counts, items } = report;
  context.out(`Batch ${batchId}: ${act} to group ${fingerprint}, ${perSecond} a second, started by ${startedBy} at ${sayTime(startedAt)}
${sayState(report)}: ${sayCounts(counts)}\n`);
  if (items.length === 0) return;
  const rows = items.map((item) => [item.ticketId, item.step, item.outcome, item.why ?? '']);
  context.out(`\n${sayTable([['TICKET', 'STEP', 'OUTCOME', 'WHY'], ...rows])}\n`);
}

function sayState({ state, endedAt }: BatchReport): string {
  if (state === 'waiting') return 'Waits for a worker';
  if (state === 'running') return 'Under way';
  return `${state === 'finished' ? 'Finished' : 'Cancelled'} at ${sayTime(endedAt ?? '')}`;
}

/** What is under way is done to its end; the rest stays parked. */
export async function cancelBatch(context: Context, batchId: string, options: JsonOption): Promise<void> {
  const steward = await context.steward();
  const { parkedBatches } = await context.operator();
  await parkedBatches.logCancel(batchId);
  const note = (answer: string) => parkedBatches.logCancelAnswer(batchId, answer);
  await answered(note, () => steward.cancelParked(batchId));
  if (options.json) return sayJson(context, { batchId, cancelAsked: true });
  context.out(`Batch ${batchId} stops; the rest stays parked. What was done: npx steward parked report ${batchId}\n`);
}
