/** Which agent sits at the command line, as far as an API key of their own shows it. */
import type { OfficerReader } from './deps-erasure.ts';
import { may, rolesThatMay } from './domain/access.ts';
import { StewardError } from './domain/errors.ts';
import { ownKeyVia } from './domain/human-task.ts';
import { hashKey } from './http/keys.ts';
import type { Secret } from './secret.ts';

/** `via`: by which way what they say comes, for the audit log and the rule of decisions. */
export interface ShownAgent {
  readonly agent: string;
  readonly via: string;
}

/**
 * @param isOfTeam is this agent in the team's file
 * @returns null: no key is shown
 * @throws StewardError InvalidConfig: the key is not valid, is nobody's own or of somebody who has left, or its role may not decide
 */
export async function identifyAgent(
  reader: Pick<OfficerReader, 'key'>,
  shownKey: Secret | undefined,
  isOfTeam: (agent: string) => boolean,
): Promise<ShownAgent | null> {
  if (shownKey === undefined) return null;
  const key = await reader.key(hashKey(shownKey.reveal()));
  if (key === null) throw wrongKey('this API key is not valid here, or was revoked');
  const { id, role, agent } = key;
  if (agent === null) throw wrongKey("this API key speaks for many, and is no agent's own");
  if (!isOfTeam(agent)) throw wrongKey(`this API key is the own one of ${agent}, who is nobody of policies/team.yaml`);
  if (!may(role, 'handleTasks')) throw wrongKey(`this API key is of the role ${role}, which decides nothing`);
  return { agent, via: ownKeyVia(id) };
}

function wrongKey(why: string): StewardError {
  const mend = `"steward key create NAME --agent ID --role ${rolesThatMay('handleTasks')[0]}" makes one that serves`;
  return new StewardError('InvalidConfig', `STEWARD_AGENT_KEY: ${why}; ${mend}`);
}
