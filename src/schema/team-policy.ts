/** The file of who works here: each field in order by itself, then what is wrong between them. */
import { z } from 'zod';
import type { Skills } from '../domain/assign.ts';
import type { Problem } from '../domain/errors.ts';
import { DEFAULT_STORM } from '../domain/storm.ts';
import type { KnownPeople } from './escalation-policy.ts';
import { email, id, label } from './fields.ts';
import type { IsSound } from './judge.ts';
import { amount, calendar, inCalendar, whole } from './policy-fields.ts';
import { quiet } from './quiet.ts';
import { storm } from './storm.ts';

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
const { quiet: _, ...contact } = person;
export const teamPolicy = z.strictObject(
  {
    agents: z.array(AgentEntry, { error: 'a list of agents' }),
    skillRules: z.array(Rule, { error: 'a list of rules' }).default([]),
    weights: z.array(Weight, { error: 'a list of weights' }).default([]),
    relaxAfter: amount.optional(),
    storm: storm.default(DEFAULT_STORM),
    contacts: z
      .array(z.strictObject(contact, { error: 'a contact: id, name, email, slack' }), { error: 'a list of contacts' })
      .default([]),
    admins: z
      .array(z.union([id, z.strictObject(person)], { error: "an agent's id, or id, name, email, slack and quiet" }), {
        error: 'a list of admins',
      })
      .min(1, { error: 'at least one admin: somebody must hear of parked tickets' }),
  },
  { error: 'agents, skillRules, weights, relaxAfter, storm, contacts and admins, nothing else' },
);
export type TeamPolicyFile = z.output<typeof teamPolicy>;
export type PersonEntry = Pick<z.output<typeof AgentEntry>, 'id' | 'name' | 'email' | 'slack' | 'quiet'>;

/** Everybody with an entry, and where it stands. */
export function peopleOf({ agents, admins }: TeamPolicyFile): (PersonEntry & { readonly at: string })[] {
  return [
    ...agents.map((agent, i) => ({ ...agent, at: `agents.${i}` })),
    ...admins.flatMap((admin, i) => (typeof admin === 'string' ? [] : [{ ...admin, at: `admins.${i}` }])),
  ];
}

/** Whom other files may name. */
export function knownPeople({ agents }: TeamPolicyFile): { readonly agents: string[]; readonly teams: string[] } {
  return { agents: agents.map(({ id }) => id), teams: [...new Set(agents.flatMap(({ teams }) => teams))] };
}

/** The same of a file with faults: undefined where one of them may be a name. */
export function knownInFault(policy: TeamPolicyFile | undefined, isSound: IsSound): KnownPeople {
  const { agents, teams } = policy ? knownPeople(policy) : {};
  return {
    agents: isSound('agents.*.id') ? agents : undefined,
    teams: isSound('agents.*.teams') ? teams : undefined,
  };
}

/** What is wrong between the entries. */
export function teamContradictions(policy: TeamPolicyFile, isSound: IsSound): Problem[] {
  const people = peopleOf(policy);
  const unheard = people
    .filter(({ at, email, slack }) => !email && !slack && isSound(`${at}.email`) && isSound(`${at}.slack`))
    .map(({ at }) => ({ field: at, message: 'give email or slack, or nothing can reach them' }));
  return [
    ...twiceIn(people),
    ...sharedIn(people),
    ...inAdmins(policy, isSound),
    ...unheard,
    ...inContacts(policy, isSound),
    ...unlearntIn(policy, isSound),
    ...heavyIn(policy, isSound),
    ...policy.agents.flatMap(({ hours }, i) => (hours ? inCalendar(`agents.${i}.hours`, hours, isSound) : [])),
  ];
}

type People = ReturnType<typeof peopleOf>;

function twiceIn(people: People): Problem[] {
  const ids = people.map(({ id }) => id);
  return people.flatMap(({ id, at }, i) =>
    ids.indexOf(id) < i ? [{ field: `${at}.id`, message: `the id "${id}" is there twice; ids are unique` }] : [],
  );
}

/** They are told by flows alone, as `contact/ID`: an agent may have the same id. */
function inContacts({ contacts }: TeamPolicyFile, isSound: IsSound): Problem[] {
  const ids = contacts.map(({ id }) => id);
  return contacts.flatMap(({ id, email, slack }, i) => {
    const at = `contacts.${i}`;
    if (ids.indexOf(id) < i) return [{ field: `${at}.id`, message: `the id "${id}" is there twice; ids are unique` }];
    const isUnheard = !email && !slack && isSound(`${at}.email`) && isSound(`${at}.slack`);
    return isUnheard ? [{ field: at, message: 'give email or slack, or nothing can reach them' }] : [];
  });
}

function sharedIn(people: People): Problem[] {
  const members = people.filter(({ slack }) => slack && /^[UW]/.test(slack));
  return members.flatMap(({ id, at, slack }) => {
    const first = members.find((other) => other.slack === slack);
    if (first === undefined || first.id === id) return [];
    const message = `"${slack}" is ${first.id}'s; a click would count as theirs, so give each person their own`;
    return [{ field: `${at}.slack`, message }];
  });
}

function inAdmins(policy: TeamPolicyFile, isSound: IsSound): Problem[] {
  const { admins } = policy;
  const ids = peopleOf(policy).map(({ id }) => id);
  const listed = admins.map((admin) => (typeof admin === 'string' ? admin : admin.id));
  const areKnown = isSound('agents.*.id') && isSound('admins.*.id');
  return admins.flatMap((admin, i) => {
    // Two entries of one id are named as such.
    if (typeof admin !== 'string' && typeof admins[listed.indexOf(admin.id)] !== 'string') return [];
    const [field, id] = [`admins.${i}`, listed[i] ?? ''];
    return [
      ...(listed.indexOf(id) < i ? [{ field, message: `"${id}" is there twice; name each admin once` }] : []),
      ...(areKnown && !ids.includes(id)
        ? [{ field, message: `"${id}" is no agent; give an agent's id, or an entry of their own` }]
        : []),
    ];
  });
}

function unlearntIn({ agents, skillRules }: TeamPolicyFile, isSound: IsSound): Problem[] {
  if (!isSound('agents.*.skills')) return [];
  return skillRules.flatMap(({ needs }, i) =>
    Object.entries(needs).flatMap(([skill, level]) => {
      const best = Math.max(0, ...agents.map((agent) => levelOf(agent.skills, skill)));
      if (best >= level || !isSound(`skillRules.${i}.needs.${skill}`)) return [];
      const message =
        best === 0 ? `no agent has the skill "${skill}"` : `nobody has "${skill}" at ${level}, the best has ${best}`;
      return [{ field: `skillRules.${i}.needs`, message }];
    }),
  );
}

function levelOf(skills: Skills, skill: string): number {
  return Object.hasOwn(skills, skill) ? (skills[skill] ?? 0) : 0;
}

function heavyIn({ agents, weights }: TeamPolicyFile, isSound: IsSound): Problem[] {
  const room = Math.max(0, ...agents.map(({ capacity }) => capacity));
  return weights.flatMap(({ weight }, i) =>
    weight <= room || !isSound('agents.*.capacity')
      ? []
      : [
          {
            field: `weights.${i}.weight`,
            message: `is ${weight}, but nobody has a capacity above ${room}: none could ever take it`,
          },
        ],
  );
}
