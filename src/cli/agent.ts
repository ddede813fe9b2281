import { StewardError } from '../domain/errors.ts';
import type { Presence } from '../domain/presence.ts';
import { type Context, type JsonOption, sayJson } from './context.ts';

/** @throws StewardError InvalidRequest: there is no such agent */
export async function setPresence(
  context: Context,
  agentId: string,
  presence: Presence,
  options: JsonOption,
): Promise<void> {
  const before = await (await context.operator()).presence.set(agentId, presence);
  if (before === null) {
    throw new StewardError(
      'InvalidRequest',
      `"${agentId}" is no agent: policies/team.yaml, as Steward has read it at its start, names none by this id`,
    );
  }
  if (options.json) return sayJson(context, { agentId, presence, before });
  context.out(
    before === presence ? `${agentId} is ${presence} already.\n` : `${agentId}: ${presence}, was ${before}.\n`,
  );
}
