import { randomUUID } from 'node:crypto';
import { StewardError } from '../domain/errors.ts';
import { type Context, type JsonOption, type Steward, sayJson } from './context.ts';

export interface WorkOptions extends JsonOption {
  readonly agent: string;
}
export interface ReplyOptions extends WorkOptions {
  readonly message: string;
}

export interface ReassignOptions extends WorkOptions {
  readonly to: string;
}
export interface SnoozeOptions extends WorkOptions {
  readonly minutes: number;
}

const DONE = { claim: 'took it', resolve: 'solved it', reply: 'answered' } as const;

export async function work(
  context: Context,
  act: 'claim' | 'resolve',
  id: string,
  { agent, json }: WorkOptions,
): Promise<void> {
  // Whose it would be from then on; who solves it need not be one of ours.
  if (act === 'claim') await assertAgents(context, agent);
  const steward = await context.steward();
  say(context, act, id, agent, json, await steward[act](id, { agentId: agent }));
}

export async function reply(context: Context, id: string, { agent, json, message }: ReplyOptions): Promise<void> {
  const text = message === '-' || message.startsWith('@') ? await context.readText(message.replace(/^@/, '')) : message;
  if (text.trim() === '') throw new StewardError('InvalidRequest', '--message: expected the answer, not nothing');
  await assertAgents(context, agent);
  const steward = await context.steward();
  say(context, 'reply', id, agent, json, await steward.reply(id, { agentId: agent, message: text }));
}

/** As "Reassign" in Slack: by whoever has claimed it, or anybody while nobody has. */
export async function reassign(context: Context, id: string, options: ReassignOptions): Promise<void> {
  await assertAgents(context, options.agent, options.to);
  const view = await decide(context, id, { by: options.agent, act: 'reassign', to: options.to });
  if (options.json) return sayJson(context, view);
  context.out(`${id}: ${options.agent} gave it to ${options.to}, who is told.\n`);
}

/** As "Snooze" in Slack: while somebody is still to be called. */
export async function snooze(context: Context, id: string, options: SnoozeOptions): Promise<void> {
  await assertAgents(context, options.agent);
  const view = await decide(context, id, { by: options.agent, act: 'snooze', minutes: options.minutes });
  if (options.json) return sayJson(context, view);
  context.out(`${id}: nobody is called for ${options.minutes} minutes. SLA clocks run on.\n`);
}

/** About what is asked now. */
async function decide(context: Context, id: string, said: Omit<Parameters<Steward['decide']>[1], 'round'>) {
  const steward = await context.steward();
  const { asked } = await steward.describe(id);
  if (asked === undefined) {
    throw new StewardError('InvalidRequest', `${id} asks nobody for anything: no person was needed yet`);
  }
  return steward.decide(id, { ...said, round: asked.round }, randomUUID());
}

async function assertAgents(context: Context, ...ids: readonly string[]): Promise<void> {
  const { isAgent } = await context.operator();
  for (const id of ids) {
    if (!(await isAgent(id))) {
      throw new StewardError('InvalidRequest', `"${id}" is nobody of policies/team.yaml; write an id from there`);
    }
  }
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
