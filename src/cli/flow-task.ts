/** Tasks of flows that wait for whoever has their token. */
import type { TaskSayingName, TaskSayings } from '../domain/flow-task.ts';
import type { Json } from '../domain/json.ts';
import { type Context, type JsonOption, sayJson } from './context.ts';
import { nameOf, parseJson } from './input.ts';
import { sayAgo, sayTable } from './say.ts';

export interface CompleteOptions extends JsonOption {
  readonly output?: string;
}
export interface FailOptions extends JsonOption {
  readonly error?: string;
  readonly cause?: string;
}

export async function listFlowTasks(context: Context, workflowId: string, { json }: JsonOption): Promise<void> {
  const flows = await context.flows();
  const waiting = await flows.tasks(workflowId);
  if (json) return sayJson(context, waiting);
  if (waiting.length === 0) return context.out('No Task of it waits for whoever has its token.\n');
  const rows = waiting.map(({ step, since, token }) => [step, sayAgo(since, context.now()), token]);
  context.out(`${sayTable([['STEP', 'SINCE', 'TOKEN'], ...rows])}\n`);
}

export async function completeTask(context: Context, token: string, options: CompleteOptions): Promise<void> {
  const { output: file } = options;
  const output =
    file === undefined ? {} : (parseJson(await context.readText(file), nameOf(file), 'InvalidRequest') as Json);
  await answer(context, 'completeTask', { token, output }, 'The Task is done: the flow goes on.', options);
}

export async function failTask(context: Context, token: string, options: FailOptions): Promise<void> {
  const { error, cause } = options;
  const said = { token, ...(error === undefined ? {} : { error }), ...(cause === undefined ? {} : { cause }) };
  await answer(context, 'failTask', said, 'The Task has failed: its Retry or Catch says what follows.', options);
}

export async function heartbeatTask(context: Context, token: string, options: JsonOption): Promise<void> {
  await answer(context, 'heartbeatTask', { token }, 'The Task waits on.', options);
}

async function answer<K extends TaskSayingName>(
  context: Context,
  saying: K,
  said: TaskSayings[K],
  words: string,
  { json }: JsonOption,
): Promise<void> {
  const flows = await context.flows();
  await flows.answer(saying, said);
  if (json) sayJson(context, { outcome: 'taken' });
  else context.out(`${words}\n`);
}
