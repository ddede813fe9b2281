import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Directory } from '../deps.ts';
import { type Demand, joinNeeds, type Need, type Skills } from '../domain/assign.ts';
import { type Problem, StewardError, sayProblems } from '../domain/errors.ts';
import type { WorkingHours } from '../domain/hours.ts';
import type { JsonObject } from '../domain/json.ts';
import type { Responder } from '../domain/responders.ts';
import { DEFAULT_STORM } from '../domain/storm.ts';
import type { KnownPeople } from '../schema/escalation-policy.ts';
import { email, id, label } from '../schema/fields.ts';
import { amount, calendar, inCalendars, whole } from '../schema/policy-fields.ts';
import { check } from '../schema/problems.ts';
import { quiet } from '../schema/quiet.ts';
import { storm } from '../schema/storm.ts';
import { readCalendar } from './calendars.ts';
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
  /** After so long a ticket that nobody can take asks for less; null: never. */
  readonly relaxAfterMs: number | null;
  /** Names what the file says, days off from calendar files included. */
  readonly version: string;
  /** By their ids and names, for files that name them. */
  readonly known: KnownPeople;
}

const SLACK_WORDS = 'a Slack id such as U0123ABCD (a person) or C0123ABCD (a channel)';
const CAPACITY_WORDS = 'how many open tickets at once (of weight 1), a whole number from 0 to 1000';
const person = {
  id,
  name: label(100),
  email: email.nullish(),
  slack: z
    .string({ error: SLACK_WORDS })
    .regex(/^[CDGUW][A-Z0-9]{2,20}$/, { error: SLACK_WORDS })
    .nullish(),
  quiet: quiet.optional(),
};
const SKILL_WORDS = 'a list of skills such as [german], or skills with levels from 1 to 10 such as { german: 3 }';
const skills = z
  .union([z.array(label(50)), z.record(label(50), whole(1, 10))], { error: SKILL_WORDS })
  .transform((given): Skills => (Array.isArray(given) ? Object.fromEntries(given.map((skill) => [skill, 1])) : given));

const AgentEntry = z.strictObject(
  {
    ...person,
    skills: skills.default({}),
    capacity: z.int({ error: CAPACITY_WORDS }).min(0, { error: CAPACITY_WORDS }).max(1000, { error: CAPACITY_WORDS }),
    onDuty: z.boolean({ error: 'true or false' }),
    teams: z.array(id, { error: 'a list of teams' }).default([]),
    hours: calendar.optional(),
  },
  { error: 'an agent: id, name, email, slack, quiet, skills, capacity, onDuty, teams, hours' },
);
const FACT_WORDS = 'conditions on facts, such as { language: de }';
const when = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]), { error: FACT_WORDS });
const Rule = z.strictObject(
  { when, needs: skills, mandatory: z.boolean({ error: 'true or false' }).default(false) },
  { error: 'a rule: when, needs and mandatory' },
);
const Weight = z.strictObject({ when, weight: whole(1, 1000) }, { error: 'a weight: when and weight' });
const Policy = z.strictObject(
  {
    agents: z.array(AgentEntry, { error: 'a list of agents' }),
    skillRules: z.array(Rule, { error: 'a list of rules' }).default([]),
    weights: z.array(Weight, { error: 'a list of weights' }).default([]),
    relaxAfter: amount.optional(),
    storm: storm.default(DEFAULT_STORM),
    admins: z
      .array(z.union([id, z.strictObject(person)], { error: "an agent's id, or id, name, email, slack and quiet" }), {
        error: 'a list of admins',
      })
      .min(1, { error: 'at least one admin: somebody must hear of parked tickets' }),
  },
  { error: 'agents, skillRules, weights, relaxAfter, storm and admins, nothing else' },
);
type Policy = z.output<typeof Policy>;
type Person = Pick<z.output<typeof AgentEntry>, 'id' | 'name' | 'email' | 'slack' | 'quiet'>;

/** The team from its policy file. @throws StewardError InvalidPolicy naming the file, the entry and the mend. */
export async function readTeam(path: string, now: Date): Promise<Team> {
  let text: string;
  let content: unknown;
  try {
    text = await readFile(path, 'utf8');
    content = parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message.split('\n')[0] : '';
    throw new StewardError('InvalidPolicy', `${path}: can't be read as YAML: ${why}`);
  }
  const checked = check(Policy, content);
  const problems = 'problems' in checked ? checked.problems : contradictions(checked.data);
  if ('problems' in checked || problems.length > 0) {
    throw new StewardError('InvalidPolicy', `${path}: ${sayProblems(problems)}`, { problems });
  }
  const hours = new Map<string, WorkingHours>();
  for (const agent of checked.data.agents) {
    if (agent.hours) hours.set(agent.id, await readCalendar(path, agent.hours, now));
  }
  const team = teamOf(checked.data, hours);
  return { ...team, version: versionOf(JSON.stringify([text, team.agents])) };
}

function teamOf(policy: Policy, hours: ReadonlyMap<string, WorkingHours>): Omit<Team, 'version'> {
  const { agents, admins, storm, relaxAfter = null } = policy;
  const people = new Map(peopleOf({ agents, admins }).map((p) => [p.id, p]));
  return {
    agents: agents.map(({ id, skills, capacity, onDuty, teams }) => ({
      id,
      skills,
      capacity,
      onDuty,
      teams,
      hours: hours.get(id) ?? 'always',
    })),
    known: { agents: agents.map(({ id }) => id), teams: [...new Set(agents.flatMap(({ teams }) => teams))] },
    agent(id) {
      const found = people.get(id);
      return found && { name: found.name, email: found.email ?? null, slack: found.slack ?? null, quiet: found.quiet };
    },
    bySlack(user) {
      return /^[UW]/.test(user) ? [...people.values()].find(({ slack }) => slack === user)?.id : undefined;
    },
    storm,
    admins: admins.map((admin) => (typeof admin === 'string' ? admin : admin.id)),
    relaxAfterMs: relaxAfter,
    demandOf: (facts) => demandOf(policy, facts),
  };
}

/** The needs of every rule that holds, those of the first rule the most important, and the greatest weight. */
function demandOf({ skillRules, weights }: Pick<Policy, 'skillRules' | 'weights'>, facts: JsonObject): Demand {
  const needs = skillRules.filter(({ when }) => holds(when, facts)).flatMap(needsOf);
  const weighed = weights.filter(({ when }) => holds(when, facts)).map(({ weight }) => weight);
  return { needs: joinNeeds(needs), weight: weighed.length > 0 ? Math.max(...weighed) : 1 };
}

function needsOf({ needs, mandatory }: Policy['skillRules'][number]): Need[] {
  return Object.entries(needs).map(([skill, level]) => ({ skill, level, ...(mandatory ? { mandatory } : {}) }));
}

function peopleOf({ agents, admins }: Pick<Policy, 'agents' | 'admins'>): Person[] {
  return [...agents, ...admins.filter((admin) => typeof admin !== 'string')];
}

/** Every condition of a rule must be met. */
function holds(when: Policy['skillRules'][number]['when'], facts: JsonObject): boolean {
  return Object.entries(when).every(([fact, value]) => Object.hasOwn(facts, fact) && facts[fact] === value);
}

/** What is wrong between entries that are each in order. */
function contradictions(policy: Policy): Problem[] {
  const ids = peopleOf(policy).map((p) => p.id);
  const twice = ids.filter((id, i) => ids.indexOf(id) !== i);
  const strangers = policy.admins.flatMap((admin, i) =>
    typeof admin === 'string' && !ids.includes(admin)
      ? [{ field: `admins.${i}`, message: `"${admin}" is no agent; give an agent's id, or an entry of their own` }]
      : [],
  );
  const unheard = peopleOf(policy)
    .filter((p) => !p.email && !p.slack)
    .map((p) => ({ field: p.id, message: 'give email or slack, or nothing can reach them' }));
  const unlearnt = policy.skillRules.flatMap(({ needs }, i) =>
    Object.entries(needs).flatMap(([skill, level]) => {
      const best = Math.max(0, ...policy.agents.map((agent) => levelOf(agent.skills, skill)));
      if (best >= level) return [];
      const message =
        best === 0 ? `no agent has the skill "${skill}"` : `nobody has "${skill}" at ${level}, the best has ${best}`;
      return [{ field: `skillRules.${i}.needs`, message }];
    }),
  );
  const room = Math.max(0, ...policy.agents.map(({ capacity }) => capacity));
  const heavy = policy.weights.flatMap(({ weight }, i) =>
    weight <= room
      ? []
      : [
          {
            field: `weights.${i}.weight`,
            message: `is ${weight}, but nobody has a capacity above ${room}: none could ever take it`,
          },
        ],
  );
  const listed = policy.admins.map((admin) => (typeof admin === 'string' ? admin : admin.id));
  const again = listed.flatMap((id, i) =>
    listed.indexOf(id) === i ? [] : [{ field: `admins.${i}`, message: `"${id}" is there twice; name each admin once` }],
  );
  const members = peopleOf(policy).flatMap(({ id, slack }) => (slack && /^[UW]/.test(slack) ? [{ id, slack }] : []));
  const shared = members.flatMap(({ id, slack }, i) => {
    const first = members.find((other) => other.slack === slack);
    if (first === undefined || first === members[i]) return [];
    return [
      {
        field: `${id}.slack`,
        message: `"${slack}" is ${first.id}'s; a click would count as theirs, so give each person their own`,
      },
    ];
  });
  const doubled = twice.map((id) => ({ field: 'agents', message: `the id "${id}" is there twice; ids are unique` }));
  const worked = Object.fromEntries(policy.agents.flatMap(({ id, hours }) => (hours ? [[id, hours]] : [])));
  const hours = inCalendars(worked).map(({ field, message }) => ({
    field: field.replace(/^calendars/, 'agents'),
    message,
  }));
  return [...doubled, ...shared, ...again, ...strangers, ...unheard, ...unlearnt, ...heavy, ...hours];
}

function levelOf(skills: Skills, skill: string): number {
  return Object.hasOwn(skills, skill) ? (skills[skill] ?? 0) : 0;
}
