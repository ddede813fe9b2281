import { type Command, InvalidArgumentError } from 'commander';
import { readShare, readSpan } from '../domain/deployment.ts';
import { command, wholeNumber } from './command.ts';
import type { Context } from './context.ts';
import type { DeployOptions } from './flow-deploy.ts';
import type { DiffOptions, HistoryOptions, RollbackOptions } from './flow-versions.ts';

/** Which version of a flow new tickets take. Each needs the database. */
export function addDeploying(flow: Command, context: Context, fail: () => void): void {
  const deploy = command(
    flow,
    'deploy',
    'check a flow, run its tests, try it on past tickets, and let new tickets go by it',
  )
    .argument('<file>', 'JSON or YAML; its tests stand beside it (*.flow-test.yaml)')
    .option('--last <n>', 'try it on so many of the last tickets', wholeNumber, 100)
    .option('--strict', "the checker's warnings stop it too")
    .option('--dry-run', 'only show what would be decided otherwise')
    .option('--yes', 'deploy it though decisions change')
    .action(async (file: string, options: DeployOptions) => {
      const { ok } = await (await import('./flow-deploy.ts')).deployFlow(context, file, options);
      if (!ok) fail();
    });
  addCanary(deploy);
  command(flow, 'rollback', 'let new tickets go by the version of before again; ends a canary')
    .argument('[name]', 'of the flow; else the one by which tickets go')
    .option('--why <text>', 'for the history; it is kept, so it names nobody')
    .action(async (name: string | undefined, options: RollbackOptions) =>
      (await import('./flow-versions.ts')).rollBack(context, name, options),
    );
  command(flow, 'history', 'what was deployed, when and by whom, the newest first')
    .argument('[name]', 'of the flow; else the one by which tickets go')
    .action(async (name: string | undefined, options: HistoryOptions) =>
      (await import('./flow-versions.ts')).showHistory(context, name, options),
    );
  command(flow, 'diff', 'what a version says otherwise than another, state by state')
    .argument('<a>', 'a version (its first digits will do), a file, or `active`')
    .argument('<b>', 'the same')
    .option('--flow <name>', 'of which flow; else of the one by which tickets go')
    .action(async (a: string, b: string, options: DiffOptions) =>
      (await import('./flow-versions.ts')).diffVersions(context, a, b, options),
    );
}

function addCanary(deploy: Command): void {
  deploy
    .option(
      '--canary <share>',
      'give it to this share of new tickets first, such as 10%, and watch how they fare',
      share,
    )
    .option('--watch <span>', 'with --canary: for how long, such as 30m or 2h', span)
    .option('--min <n>', 'with --canary: at least so many tickets under each version', wholeNumber);
}

function share(given: string): number {
  const percent = readShare(given);
  if (percent === undefined) throw new InvalidArgumentError('a whole number of percent from 1% to 99%');
  return percent;
}

function span(given: string): number {
  const ms = readSpan(given);
  if (ms === undefined) throw new InvalidArgumentError('a time such as 90s, 30m, 2h or 1d, of at most 30 days');
  return ms;
}
