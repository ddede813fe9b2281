/** Who works here and what we promise, as their files say it: what may change while Steward runs. */
import { allInOrder } from './adapters/all-in-order.ts';
import { type Escalation, readEscalation } from './adapters/escalation-policy.ts';
import { readSlaRules } from './adapters/sla-policy.ts';
import { judgeTeam, type Team } from './adapters/team.ts';
import { versionOf } from './adapters/version.ts';
import type { Config } from './config.ts';
import type { SlaRules } from './domain/sla.ts';

export interface Rules {
  readonly team: Team;
  readonly sla: SlaRules;
  readonly escalation: Escalation;
  /** Each names what its file says, days off from calendar files included. */
  readonly versions: Readonly<Record<'team' | 'sla' | 'escalation', string>>;
}
export type RuleFiles = Pick<Config['files'], 'team' | 'sla' | 'escalation'>;

/** @throws StewardError InvalidPolicy: everything that is wrong with any of the files. */
export async function readRules(files: RuleFiles, now: Date): Promise<Rules> {
  // Whom the paths may name is in the team's file, as far as that can be read.
  const judged = await judgeTeam(files.team, now);
  const [team, sla, escalation] = await allInOrder([
    judged.team(),
    readSlaRules(files.sla, now),
    readEscalation(files.escalation, judged.known, now),
  ]);
  const versions = { team: team.version, sla: sla.version, escalation: versionOf(JSON.stringify(escalation)) };
  return { team, sla, escalation, versions };
}

/** The rules in force, and the team as it is now to whoever has asked for it once. */
export interface LiveRules {
  readonly now: Rules;
  readonly team: Team;
  replace(next: Rules): void;
  /** What the files say now is wrong, so that these stay in force. */
  isRefused: boolean;
}

export function createLiveRules(first: Rules): LiveRules {
  let now = first;
  return {
    isRefused: false,
    get now() {
      return now;
    },
    replace(next) {
      now = next;
    },
    team: {
      get version() {
        return now.team.version;
      },
      get agents() {
        return now.team.agents;
      },
      get known() {
        return now.team.known;
      },
      get relaxAfterMs() {
        return now.team.relaxAfterMs;
      },
      get admins() {
        return now.team.admins;
      },
      get storm() {
        return now.team.storm;
      },
      agent: (id) => now.team.agent(id),
      contact: (id) => now.team.contact(id),
      bySlack: (user) => now.team.bySlack(user),
      hasEmail: (email) => now.team.hasEmail(email),
      demandOf: (facts) => now.team.demandOf(facts),
    },
  };
}

/** Which of the files say something else now. */
export function changedRules(before: Rules, after: Rules): string[] {
  const names = Object.keys(after.versions) as (keyof Rules['versions'])[];
  return names.filter((name) => before.versions[name] !== after.versions[name]);
}
