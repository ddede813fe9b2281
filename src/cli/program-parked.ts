import { type Command, InvalidArgumentError } from 'commander';
import type { BatchAct } from '../domain/parked-batch.ts';
import { command } from './command.ts';
import type { Context, JsonOption } from './context.ts';
import type { ParkedOptions } from './parked.ts';
import type { BatchOptions } from './parked-batch.ts';

/** Parked steps, and what is said to many of them at once. */
export function addParked(program: Command, context: Context): void {
  const parked = command(program, 'parked', 'steps that used up their retries and wait for an operator')
    .option('--groups', 'by what failed: how many, since when, an example')
    .enablePositionalOptions()
    .action(async (options: ParkedOptions) => (await import('./parked.ts')).parked(context, options));
  const json = 'JSON, or @ and a file that holds it';
  addAct(parked, context, 'retry', 'try every step of a group again');
  addAct(parked, context, 'fix', 'try every step of a group again with new input').requiredOption(
    '--input <json>',
    `the new input of each: ${json}`,
  );
  addAct(parked, context, 'skip', 'go on as if every step of a group had given this result').option(
    '--result <json>',
    json,
    '{}',
  );
  addAct(parked, context, 'abort', 'end the flow of every ticket of a group and give it to a person');
  command(parked, 'report', 'every step of a batch, and what came of it')
    .argument('[batch]', 'none: the newest batches')
    .action(async (id: string | undefined, options: JsonOption) => {
      const { listBatches, reportBatch } = await import('./parked-batch.ts');
      await (id === undefined ? listBatches(context, options) : reportBatch(context, id, options));
    });
  command(parked, 'cancel', 'stop a batch: what it has not come to stays parked')
    .argument('<batch>')
    .action(async (id: string, options: JsonOption) =>
      (await import('./parked-batch.ts')).cancelBatch(context, id, options),
    );
}

function addAct(parked: Command, context: Context, act: BatchAct, help: string): Command {
  return command(parked, act, help)
    .requiredOption('--group <fingerprint>', 'as npx steward parked --groups names it')
    .option('--per-second <n>', 'so many a second', perSecond, 5)
    .option('--preview', 'list what it would be said to, and do nothing')
    .action(async (options: BatchOptions) => (await import('./parked-batch.ts')).operateGroup(context, act, options));
}

function perSecond(given: string): number {
  const number = Number(given);
  if (!Number.isInteger(number) || number < 1 || number > 100) {
    throw new InvalidArgumentError('a whole number from 1 to 100');
  }
  return number;
}
