import type { Command } from 'commander';
import { command } from './command.ts';
import type { Context, JsonOption } from './context.ts';
import type { RunFlowOptions } from './flow-run.ts';
import type { CompleteOptions, FailOptions } from './flow-task.ts';

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
  addFlowTasks(flow, context);
}

function addFlowTasks(flow: Command, context: Context): void {
  const task = flow.command('task').description('Tasks of flows that wait for whoever has their token');
  command(task, 'list', "the Tasks of a run, or of a ticket's flow, that wait, with their tokens")
    .argument('<workflow>', 'its workflow id: flow-… or ticket-…')
    .action(async (id: string, options: JsonOption) =>
      (await import('./flow-task.ts')).listFlowTasks(context, id, options),
    );
  command(task, 'complete', 'say that the Task is done')
    .argument('<token>')
    .option('--output <file>', "JSON, the Task's result; - for standard input; without it {}")
    .action(async (token: string, options: CompleteOptions) =>
      (await import('./flow-task.ts')).completeTask(context, token, options),
    );
  command(task, 'fail', 'say that the Task has failed')
    .argument('<token>')
    .option('--error <name>', 'as Retry and Catch name it; without it States.TaskFailed')
    .option('--cause <text>', 'why')
    .action(async (token: string, options: FailOptions) =>
      (await import('./flow-task.ts')).failTask(context, token, options),
    );
  command(task, 'heartbeat', 'say that the Task is being worked on')
    .argument('<token>')
    .action(async (token: string, options: JsonOption) =>
      (await import('./flow-task.ts')).heartbeatTask(context, token, options),
    );
}
