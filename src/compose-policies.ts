/** Policy files as a start of Steward reads them, for whoever wants to know before. */
import { basename, dirname, join } from 'node:path';
import { readEscalation } from './adapters/escalation-policy.ts';
import { readHealingRules } from './adapters/healing-policy.ts';
import { readPrivacyPolicy } from './adapters/privacy-policy.ts';
import { readSlaRules } from './adapters/sla-policy.ts';
import { readTeam } from './adapters/team.ts';
import { readWebhookPolicy } from './adapters/webhook-policy.ts';
import { type Problem, StewardError } from './domain/errors.ts';

export const POLICY_KINDS = ['team', 'privacy', 'sla', 'escalation', 'webhooks', 'healing'] as const;
export type PolicyKind = (typeof POLICY_KINDS)[number];

const READ: Readonly<Record<PolicyKind, (path: string, now: Date) => Promise<unknown>>> = {
  team: readTeam,
  privacy: readPrivacyPolicy,
  sla: readSlaRules,
  // Whom it names is looked up in the team's file beside it, as a start does in the one that STEWARD_TEAM names.
  escalation: async (path, now) => {
    const { known } = await readTeam(join(dirname(path), 'team.yaml'), now);
    return readEscalation(path, known, now);
  },
  webhooks: readWebhookPolicy,
  healing: readHealingRules,
};

/** Everything that is wrong with it; nothing: a start would take it. `kind`: where the file's name does not say it. */
export async function checkPolicy(path: string, now: Date, kind = kindOf(path)): Promise<readonly Problem[]> {
  try {
    await READ[kind](path, now);
    return [];
  } catch (error) {
    if (!(error instanceof StewardError)) throw error;
    return error.problems.length > 0
      ? error.problems
      : [{ field: '', message: error.message.replace(`${path}: `, '') }];
  }
}

/** @throws StewardError InvalidRequest for a name that tells nothing */
function kindOf(path: string): PolicyKind {
  const name = basename(path);
  const found = POLICY_KINDS.find((kind) => name.includes(kind));
  if (found) return found;
  const kinds = POLICY_KINDS.join(', ');
  throw new StewardError('InvalidRequest', `${path}: its name does not say what policy it is; --kind takes ${kinds}`);
}
