import type { Directory } from '../deps.ts';
import { type Demand, joinNeeds, type Need, type Skills } from '../domain/assign.ts';
import type { WorkingHours } from '../domain/hours.ts';
import type { JsonObject } from '../domain/json.ts';
import type { Responder } from '../domain/responders.ts';
import type { KnownPeople } from '../schema/escalation-policy.ts';
import {
  knownInFault,
  knownPeople,
  peopleOf,
  type TeamPolicyFile,
  teamContradictions,
  teamPolicy,
} from '../schema/team-policy.ts';
import { readCalendars } from './calendars.ts';
import { inOrder, judgePolicyFile } from './policy-file.ts';
import { versionOf } from './version.ts';

/** An agent as the store knows them: without name or address. */
export interface Agent {
  readonly id: string;
  readonly skills: Skills;
  readonly capacity: number;
  readonly onDuty: boolean;
}
export interface Team extends Directory {
  readonly agents: readonly (Agent & Responder)[];
  /** The id of the one person who has this user id in Slack; undefined: nobody, or a channel. */
  bySlack(user: string): string | undefined;
  /** Is it the address of one of them? In whatever letters. */
  hasEmail(email: string): boolean;
  /** After so long a ticket that nobody can take asks for less; null: never. */
  readonly relaxAfterMs: number | null;
  /** Names what the file says, days off from calendar files included. */
  readonly version: string;
  /** By their ids and names, for files that name them. */
  readonly known: ReturnType<typeof knownPeople>;
}

/** The team, or what is wrong with it; and whom other files may name in either case. */
export interface JudgedTeam {
  readonly known: KnownPeople;
  /** @throws StewardError InvalidPolicy naming the file, the line, the field and the mend. */
  readonly team: () => Promise<Team>;
}

export async function judgeTeam(path: string, now: Date): Promise<JudgedTeam> {
  const judged = await judgePolicyFile(path, teamPolicy, teamContradictions);
  const { policy, isSound } = judged;
  const given = (policy?.agents ?? []).flatMap(({ hours }, i) => (hours ? [[`${i}`, hours] as const] : []));
  const { calendars, problems } = await readCalendars(path, Object.fromEntries(given), now, (i) => `agents.${i}.hours`);
  return {
    known: knownInFault(policy, isSound),
    async team() {
      const found = inOrder(judged, problems);
      const team = teamOf(found, calendars);
      return { ...team, version: versionOf(JSON.stringify([found, team.agents])) };
    },
  };
}

/** The team from its policy file. @throws StewardError InvalidPolicy naming the file, the line, the field and the mend. */
export async function readTeam(path: string, now: Date): Promise<Team> {
  return (await judgeTeam(path, now)).team();
}

/** @param hours by the agents' places in the file */
function teamOf(policy: TeamPolicyFile, hours: Readonly<Record<string, WorkingHours>>): Omit<Team, 'version'> {
  const { agents, admins, storm, relaxAfter = null } = policy;
  const people = new Map(peopleOf(policy).map((p) => [p.id, p]));
  return {
    agents: agents.map(({ id, skills, capacity, onDuty, teams }, i) => ({
      id,
      skills,
      capacity,
      onDuty,
      teams,
      hours: hours[i] ?? 'always',
    })),
    known: knownPeople(policy),
    agent(id) {
      const found = people.get(id);
      return found && { name: found.name, email: found.email ?? null, slack: found.slack ?? null, quiet: found.quiet };
    },
    contact(id) {
      const found = policy.contacts.find((one) => one.id === id);
      return found && { name: found.name, email: found.email ?? null, slack: found.slack ?? null };
    },
    bySlack(user) {
      return /^[UW]/.test(user) ? [...people.values()].find(({ slack }) => slack === user)?.id : undefined;
    },
    hasEmail(email) {
      const sought = email.toLowerCase();
      return [...people.values()].some((one) => one.email?.toLowerCase() === sought);
    },
    storm,
    admins: admins.map((admin) => (typeof admin === 'string' ? admin : admin.id)),
    relaxAfterMs: relaxAfter,
    demandOf: (facts) => demandOf(policy, facts),
  };
}

/** The needs of every rule that holds, those of the first rule the most important, and the greatest weight. */
function demandOf({ skillRules, weights }: Pick<TeamPolicyFile, 'skillRules' | 'weights'>, facts: JsonObject): Demand {
  const needs = skillRules.filter(({ when }) => holds(when, facts)).flatMap(needsOf);
  const weighed = weights.filter(({ when }) => holds(when, facts)).map(({ weight }) => weight);
  return { needs: joinNeeds(needs), weight: weighed.length > 0 ? Math.max(...weighed) : 1 };
}

function needsOf({ needs, mandatory }: TeamPolicyFile['skillRules'][number]): Need[] {
  return Object.entries(needs).map(([skill, level]) => ({ skill, level, ...(mandatory ? { mandatory } : {}) }));
}

/** Every condition of a rule must be met. */
function holds(when: TeamPolicyFile['skillRules'][number]['when'], facts: JsonObject): boolean {
  return Object.entries(when).every(([fact, value]) => Object.hasOwn(facts, fact) && facts[fact] === value);
}
