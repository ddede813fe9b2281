import type { Command } from 'commander';
import { Option } from 'commander';
import { TASK_KINDS } from '../domain/human-task-asked.ts';
import { command, wholeNumber } from './command.ts';
import type { Context, JsonOption } from './context.ts';
import type { AskTaskOptions } from './task.ts';

/** What people are asked to decide, beside a ticket's hand-over. */
export function addTasks(program: Command, context: Context): void {
  const task = program.command('task').description('what people are asked to decide: approvals and corrections');
  const by = '--by <agent>';
  command(task, 'ask', 'ask people to decide something; the first valid decision counts')
    .argument('<question>', 'in words of yours, which name nobody')
    .requiredOption('--audience <who...>', 'ids of agents, team/NAME, admins or everybody')
    .requiredOption('--form <act...>', 'what may be said, such as approve refuse')
    .addOption(new Option('--kind <kind>', 'what it is').choices(TASK_KINDS))
    .option('--quorum <n>', 'so many have to say the same', wholeNumber)
    .option('--barred <agent...>', 'who may not decide, though they are of the audience')
    .option('--requester <agent>', 'whose request it is: barred, and told what became of it')
    .option('--due <seconds>', 'it ends by itself then', Number)
    .option('--otherwise <act>', 'what counts as said when nobody has decided by then')
    .option('--ticket <id>', 'which ticket it is about')
    .option('--id <id>', 'the same again under it is asked once')
    .action(async (question: string, options: AskTaskOptions) =>
      (await import('./task.ts')).askTask(context, question, options),
    );
  command(task, 'list', 'tasks that wait to be decided, the newest first')
    .option('--all', 'also those that have ended')
    .action(async (options: JsonOption & { all?: boolean }) => (await import('./task.ts')).listTasks(context, options));
  command(task, 'show', 'a task, and how it stands')
    .argument('<task>')
    .action(async (id: string, options: JsonOption) => (await import('./task.ts')).showTask(context, id, options));
  command(task, 'decide', 'say what one of those asked has decided')
    .argument('<task>')
    .option(
      by,
      'who decides, as policies/team.yaml names them; whose own key STEWARD_AGENT_KEY_FILE holds, where it is left out',
    )
    .requiredOption('--act <act>', 'what they say')
    .action(async (id: string, options: JsonOption & { by?: string; act: string }) =>
      (await import('./task.ts')).decideTask(context, id, options),
    );
  command(task, 'delegate', 'let somebody else decide in the place of one of those asked')
    .argument('<task>')
    .option(by, 'whose place it is; as for decide')
    .requiredOption('--to <agent>', 'who decides instead')
    .action(async (id: string, options: JsonOption & { by?: string; to: string }) =>
      (await import('./task.ts')).delegateTask(context, id, options),
    );
  command(task, 'withdraw', 'it need not be decided any more')
    .argument('<task>')
    .action(async (id: string, options: JsonOption) => (await import('./task.ts')).withdrawTask(context, id, options));
}
