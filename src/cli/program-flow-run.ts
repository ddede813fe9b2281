import type { Command } from 'commander';
import { command } from './command.ts';
import type { Context, JsonOption } from './context.ts';
import type { RunFlowOptions } from './flow-run.ts';

/** What is done with flows on a running Steward. */
export function addFlowRuns(flow: Command, context: Context, fail: () => void): void {
  command(flow, 'run', 'run a flow that belongs to no ticket, on a running Steward')
    .argument('<name>', "its file's name in the directory of flows, without endings")
    .option('--input <file>', "JSON, the flow's input; - for standard input; without it {}")
    .option('--id <id>', 'the same again under it is started once; it names nobody')
    .option('--customer <id>', 'whose data it is about, where the input does not say it')
    .option('--wait', 'until it has ended: prints its output; a flow that fails fails the command')
    .action(async (name: string, options: RunFlowOptions) => {
      const { ok } = await (await import('./flow-run.ts')).runFlow(context, name, options);
      if (!ok) fail();
    });
  command(flow, 'show', 'where a run of a flow stands')
    .argument('<id>')
    .action(async (id: string, options: JsonOption) =>
      (await import('./flow-run.ts')).showFlowRun(context, id, options),
    );
}
