/** Policy files as a start of Steward reads them, for whoever wants to know before. */
import { access } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { allInOrder } from './adapters/all-in-order.ts';
import { readEscalation } from './adapters/escalation-policy.ts';
import { readHealingRules } from './adapters/healing-policy.ts';
import { readHttpPolicy } from './adapters/http-policy.ts';
import { readPrivacyPolicy } from './adapters/privacy-policy.ts';
import { readSlaRules } from './adapters/sla-policy.ts';
import { judgeTeam, readTeam } from './adapters/team.ts';
import { unlessMissing } from './adapters/unless-missing.ts';
import { readWebhookPolicy } from './adapters/webhook-policy.ts';
import { type Problem, StewardError } from './domain/errors.ts';
import { WHOLE } from './schema/judge.ts';

export const POLICY_KINDS = ['team', 'privacy', 'sla', 'escalation', 'webhooks', 'healing', 'http'] as const;
export type PolicyKind = (typeof POLICY_KINDS)[number];

type Read = (path: string, now: Date) => Promise<unknown>;
const READ: Readonly<Record<PolicyKind, Read>> = {
  team: readTeam,
  privacy: readPrivacyPolicy,
  sla: readSlaRules,
  // Whom it names is looked up in the team's file beside it, as a start does in the one that STEWARD_TEAM names.
  escalation: async (path, now) => {
    const { known, team } = await judgeTeam(join(dirname(path), 'team.yaml'), now);
    await allInOrder([readEscalation(path, known, now), team()]);
  },
  webhooks: readWebhookPolicy,
  healing: readHealingRules,
  http: readHttpPolicy,
};

/**
 * Everything that is wrong with it, and with the file beside it that it needs; nothing: a start would take it.
 * @param kind where the file's name does not say it
 */
export async function checkPolicy(path: string, now: Date, kind = kindOf(path)): Promise<readonly Problem[]> {
  // Some need not be there at a start; whoever names one means that it is.
  const isThere = await unlessMissing(access(path).then(() => true));
  if (!isThere) return [{ file: path, field: WHOLE, message: "can't be read: there is no such file" }];
  return problemsIn(path, READ[kind](path, now));
}

/** What is wrong with the file that is read. */
export async function problemsIn(path: string, reading: Promise<unknown>): Promise<readonly Problem[]> {
  try {
    await reading;
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
