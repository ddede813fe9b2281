import { StewardError } from '../domain/errors.ts';
import { type Context, type JsonOption, sayJson } from './context.ts';

export interface WorkOptions extends JsonOption {
  readonly agent: string;
}
export interface ReplyOptions extends WorkOptions {
  readonly message: string;
}

const DONE = { claim: 'took it', resolve: 'solved it', reply: 'answered' } as const;

export async function work(
  context: Context,
  act: 'claim' | 'resolve',
  id: string,
  { agent, json }: WorkOptions,
): Promise<void> {
  const steward = await context.steward();
  say(context, act, id, agent, json, await steward[act](id, { agentId: agent }));
}

export async function reply(context: Context, id: string, { agent, json, message }: ReplyOptions): Promise<void> {
  const text = message === '-' || message.startsWith('@') ? await context.readText(message.replace(/^@/, '')) : message;
  if (text.trim() === '') throw new StewardError('InvalidRequest', '--message: expected the answer, not nothing');
  const steward = await context.steward();
  say(context, 'reply', id, agent, json, await steward.reply(id, { agentId: agent, message: text }));
}

function say(
  context: Context,
  act: keyof typeof DONE,
  id: string,
  agent: string,
  json: boolean | undefined,
  view: { readonly waitingFor: string },
): void {
  if (json) sayJson(context, view);
  else context.out(`${id}: ${agent} ${DONE[act]}. It waits for ${view.waitingFor}.\n`);
}
