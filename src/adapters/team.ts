import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Directory } from '../deps.ts';
import { type Problem, StewardError, sayProblems } from '../domain/errors.ts';
import type { WorkingHours } from '../domain/hours.ts';
import type { JsonObject } from '../domain/json.ts';
import type { Responder } from '../domain/responders.ts';
import type { KnownPeople } from '../schema/escalation-policy.ts';
import { email, id, label } from '../schema/fields.ts';
import { calendar, inCalendars } from '../schema/policy-fields.ts';
import { check } from '../schema/problems.ts';
import { quiet } from '../schema/quiet.ts';
import { readCalendar } from './calendars.ts';
import { versionOf } from './version.ts';

/** An agent as the store knows them: without name or address. */
export interface Agent {
  readonly id: string;
  readonly skills: readonly string[];
  readonly capacity: number;
  readonly onDuty: boolean;
}
export interface Team extends Directory {
  readonly agents: readonly (Agent & Responder)[];
  /** The id of the one person who has this user id in Slack; undefined: nobody, or a channel. */
  bySlack(user: string): string | undefined;
  /** Names what the file says, days off from calendar files included. */
  readonly version: string;
  /** By their ids and names, for files that name them. */
  readonly known: KnownPeople;
}

const SLACK_WORDS = 'a Slack id such as U0123ABCD (a person) or C0123ABCD (a channel)';
const CAPACITY_WORDS = 'how many open tickets at once, a whole number from 0 to 1000';
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
const skills = z.array(label(50), { error: 'a list of skills' });

const AgentEntry = z.strictObject(
  {
    ...person,
    skills: skills.default([]),
    capacity: z.int({ error: CAPACITY_WORDS }).min(0, { error: CAPACITY_WORDS }).max(1000, { error: CAPACITY_WORDS }),
    onDuty: z.boolean({ error: 'true or false' }),
    teams: z.array(id, { error: 'a list of teams' }).default([]),
    hours: calendar.optional(),
  },
  { error: 'an agent: id, name, email, slack, quiet, skills, capacity, onDuty, teams, hours' },
);
const FACT_WORDS = 'conditions on facts, such as { language: de }';
const Rule = z.strictObject(
  { when: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]), { error: FACT_WORDS }), needs: skills },
  { error: 'a rule: when and needs' },
);
const Policy = z.strictObject(
  {
    agents: z.array(AgentEntry, { error: 'a list of agents' }),
    skillRules: z.array(Rule, { error: 'a list of rules' }).default([]),
    admins: z
      .array(z.union([id, z.strictObject(person)], { error: "an agent's id, or id, name, email, slack and quiet" }), {
        error: 'a list of admins',
      })
      .min(1, { error: 'at least one admin: somebody must hear of parked tickets' }),
  },
  { error: 'agents, skillRules and admins, nothing else' },
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

function teamOf(
  { agents, skillRules, admins }: Policy,
  hours: ReadonlyMap<string, WorkingHours>,
): Omit<Team, 'version'> {
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
    admins: admins.map((admin) => (typeof admin === 'string' ? admin : admin.id)),
    skillsFor(facts) {
      const needed = skillRules.filter(({ when }) => holds(when, facts)).flatMap(({ needs }) => needs);
      return [...new Set(needed)];
    },
  };
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
  const known = new Set(policy.agents.flatMap((agent) => agent.skills));
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
    needs
      .filter((skill) => !known.has(skill))
      .map((skill) => ({ field: `skillRules.${i}.needs`, message: `no agent has the skill "${skill}"` })),
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
  return [...doubled, ...shared, ...again, ...strangers, ...unheard, ...unlearnt, ...hours];
}
