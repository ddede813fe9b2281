import { StewardError } from '../domain/errors.ts';
import { sayStand } from '../domain/human-task-words.ts';
import { sayTime } from '../domain/say-time.ts';
import type { HumanTasks } from '../human-tasks.ts';
import { type Context, type JsonOption, sayJson, type TaskGround } from './context.ts';
import { sayAgo, sayTable } from './say.ts';

type Kept = Awaited<ReturnType<HumanTasks['look']>>;

export interface AskTaskOptions extends JsonOption {
  readonly audience: readonly string[];
  readonly form: readonly string[];
  readonly kind?: string;
  readonly quorum?: number;
  readonly barred?: readonly string[];
  readonly requester?: string;
  readonly due?: number;
  readonly otherwise?: string;
  readonly ticket?: string;
  readonly id?: string;
}

export async function askTask(context: Context, question: string, options: AskTaskOptions): Promise<void> {
  const { json: _, due, ticket, ...asked } = options;
  const given = {
    question,
    ...asked,
    ...(due === undefined ? {} : { dueSeconds: due }),
    ...(ticket === undefined ? {} : { ticketId: ticket }),
  };
  const { tasks, by } = await context.tasks();
  const { taskId } = await tasks.ask(given, by);
  say(context, await tasks.look(taskId), options);
}

export async function listTasks(context: Context, options: JsonOption & { readonly all?: boolean }): Promise<void> {
  const { tasks } = await context.tasks();
  const found = await tasks.list({ open: !options.all, limit: 200 });
  if (options.json) return sayJson(context, found);
  if (found.length === 0) return context.out('Nobody is asked anything.\n');
  const rows = found.map((kept) => [kept.taskId, kept.question, sayAgo(kept.askedAt, context.now()), standOf(kept)]);
  context.out(`${sayTable([['TASK', 'QUESTION', 'ASKED', 'STANDS'], ...rows])}\n`);
}

export async function showTask(context: Context, id: string, options: JsonOption): Promise<void> {
  const { tasks } = await context.tasks();
  say(context, await tasks.look(id), options);
}

export async function decideTask(
  context: Context,
  id: string,
  { by: named, act, json }: JsonOption & { readonly by?: string; readonly act: string },
): Promise<void> {
  const { tasks, ...ground } = await context.tasks();
  const { by, via } = await sayingOf(ground, named);
  say(context, await tasks.decide(id, { by, act }, via), { json: json ?? false });
}

export async function delegateTask(
  context: Context,
  id: string,
  { by: named, to, json }: JsonOption & { readonly by?: string; readonly to: string },
): Promise<void> {
  const { tasks, ...ground } = await context.tasks();
  const { by, via } = await sayingOf(ground, named);
  say(context, await tasks.delegate(id, { by, to }, via), { json: json ?? false });
}

/** Whose word it is: who shows a key of their own speaks for nobody else, and a login is believed. @throws StewardError InvalidRequest */
async function sayingOf(
  { by: login, shown }: Omit<TaskGround, 'tasks'>,
  named: string | undefined,
): Promise<{ readonly by: string; readonly via: string }> {
  const own = await shown();
  if (own === null) {
    if (named !== undefined) return { by: named, via: login.id };
    throw new StewardError(
      'InvalidRequest',
      '--by: expected who decides; only who shows a key of their own by STEWARD_AGENT_KEY_FILE may leave it out',
    );
  }
  if (named === undefined || named === own.agent) return { by: own.agent, via: own.via };
  throw new StewardError(
    'InvalidRequest',
    `--by: STEWARD_AGENT_KEY is ${own.agent}'s own and speaks for nobody else; leave --by out, or show ${named}'s key`,
  );
}

export async function withdrawTask(context: Context, id: string, options: JsonOption): Promise<void> {
  const { tasks, by } = await context.tasks();
  await tasks.withdraw(id, by.id);
  if (options.json) return sayJson(context, { taskId: id, withdrawAsked: true });
  context.out(`Task ${id} is withdrawn; its messages will say so.\n`);
}

function say(context: Context, kept: Kept, { json }: JsonOption): void {
  if (json) {
    sayJson(context, kept);
    return;
  }
  const { taskId, question, task, delegations } = kept;
  const asked = (task.audience ?? []).filter((id) => !task.barred.includes(id));
  context.out(`Task ${taskId}: ${question}${sayAbout(kept)}
Asked: ${asked.join(', ')}; they may say ${task.form.join(', ')}
${delegations.map(sayDelegation).join('')}It stands: ${standOf(kept)}\n`);
}

function sayAbout({ ticketId, runId }: Kept): string {
  if (runId !== null) return ` (run ${runId})`;
  return ticketId === null ? '' : ` (ticket ${ticketId})`;
}

function sayDelegation({ by, to, at }: Kept['delegations'][number]): string {
  return `${to} decides in the place of ${by}${at === null ? '' : `, who gave it ${sayTime(Date.parse(at))}`}\n`;
}

function standOf({ task, ending }: Kept): string {
  return sayStand({ ...task, ending }, (id) => id);
}
