/** The file of who is called when a ticket waits for a person: each field in order by itself, then what is wrong between them. */
import { z } from 'zod';
import { covers } from '../domain/condition.ts';
import type { Problem } from '../domain/errors.ts';
import { type Callee, NOBODY, SEVERITIES } from '../domain/path.ts';
import { id, label } from './fields.ts';
import type { IsSound } from './judge.ts';
import {
  amount,
  calendars,
  inCalendars,
  listOf,
  namedTwice,
  object,
  oneOf,
  oneOrMore,
  timeZone,
  whole,
} from './policy-fields.ts';

const MOMENT_WORDS = 'a day and a time of day such as 2026-01-05 09:00';
/** Days since 1970-01-01 and minutes after midnight, on whichever clocks the entry names. */
const moment = z
  .string({ error: MOMENT_WORDS })
  .refine((text) => momentOf(text) !== undefined, { error: MOMENT_WORDS })
  .transform((text) => momentOf(text) ?? { day: 0, minutes: 0 });
function momentOf(text: string): { day: number; minutes: number } | undefined {
  const [, date = '', hour = '', minute = ''] = /^(\d{4}-\d\d-\d\d) ([01]\d|2[0-3]):([0-5]\d)$/.exec(text) ?? [];
  const at = new Date(`${date}T00:00:00Z`);
  if (Number.isNaN(at.getTime()) || !at.toISOString().startsWith(date)) return undefined;
  return { day: at.getTime() / 86_400_000, minutes: Number(hour) * 60 + Number(minute) };
}

const rota = object({
  timeZone,
  from: moment,
  turn: z
    .string({ error: 'whole days such as 7 d' })
    .regex(/^[1-9]\d{0,2} ?d$/, { error: 'whole days such as 7 d, at most 999 d' })
    .transform((text) => Number.parseInt(text, 10)),
  agents: listOf(id, "agents' ids").min(1, { error: 'at least one agent' }),
  instead: listOf(object({ from: moment, until: moment, agent: id }), 'turns that somebody else takes').default([]),
});

const CALLEE_WORDS = 'assignee, admins, { agent: <id> }, { team: <name> } or { rota: <name> }';
const callee = z
  .union([z.enum(['assignee', 'admins']), object({ agent: id }), object({ team: id }), object({ rota: id })], {
    error: CALLEE_WORDS,
  })
  .transform((given): Callee => {
    if (typeof given === 'string') return { kind: given };
    if ('agent' in given) return { kind: 'agent', id: given.agent };
    return 'team' in given ? { kind: 'team', id: given.team } : { kind: 'rota', id: given.rota };
  });

const level = object({
  call: listOf(callee, 'whom to call').min(1, { error: `at least one of ${CALLEE_WORDS}` }),
  hours: oneOf(['own', 'any']).default('any'),
  nobody: oneOf(NOBODY).default('next'),
  wait: amount,
  repeat: whole(0, 20).default(0),
});

const HOURS_WORDS = 'a calendar such as office, or "not office" for when it is closed';
const when = object({
  priority: oneOrMore(z.enum(['HIGH', 'MEDIUM']), 'HIGH or MEDIUM'),
  tier: oneOrMore(label(50), 'a tier such as premium'),
  hours: z
    .string({ error: HOURS_WORDS })
    .regex(/^(not )?\S+$/, { error: HOURS_WORDS })
    .transform((text) => ({ calendar: text.replace(/^not /, ''), open: !text.startsWith('not ') }))
    .optional(),
});

const path = object({
  name: label(100),
  when: when.default({ priority: undefined, tier: undefined }),
  first: amount,
  lease: amount,
  levels: listOf(level, 'levels').min(1, { error: 'at least one level' }).max(20, { error: 'at most 20 levels' }),
  pagerDuty: oneOf(SEVERITIES).optional(),
  /** Further pages. */
  pageRepeat: whole(0, 20).default(3),
});

export const escalationPolicy = object({
  calendars,
  rotas: z.record(id, rota, { error: 'rotas by their names; {} where there is none' }).default({}),
  paths: listOf(path, 'paths; the first that fits holds'),
});
export type EscalationPolicyFile = z.output<typeof escalationPolicy>;

/** Whom the file may name; undefined where that can't be told. */
export interface KnownPeople {
  readonly agents: readonly string[] | undefined;
  readonly teams: readonly string[] | undefined;
}

/** What is wrong between the entries, and with whom they name. */
export function escalationContradictions(file: EscalationPolicyFile, known: KnownPeople, isSound: IsSound): Problem[] {
  const names = file.paths.map(({ name }) => name);
  return [
    ...inCalendars(file.calendars, isSound),
    ...inRotas(file.rotas, known, isSound),
    ...namedTwice(names, (i) => `paths.${i}.name`),
    ...file.paths.flatMap((_, i) => inShadow(file.paths, i, isSound)),
    ...inPaths(file, known, isSound),
  ];
}

function inRotas(rotas: EscalationPolicyFile['rotas'], { agents }: KnownPeople, isSound: IsSound): Problem[] {
  return Object.entries(rotas).flatMap(([name, one]) => [
    ...one.agents.flatMap((agent, i) => unknown(`rotas.${name}.agents.${i}`, 'agent', agent, agents)),
    ...one.instead.flatMap(({ agent, from, until }, i) => {
      const at = `rotas.${name}.instead.${i}`;
      const isBefore = from.day * 1_440 + from.minutes < until.day * 1_440 + until.minutes;
      return [
        ...unknown(`${at}.agent`, 'agent', agent, agents),
        ...(isBefore || !isSound(`${at}.from`) ? [] : [{ field: `${at}.until`, message: 'is not after from' }]),
      ];
    }),
  ]);
}

function inPaths({ paths, rotas, calendars: hours }: EscalationPolicyFile, known: KnownPeople, isSound: IsSound) {
  const named = (field: string, what: string, kind: string, name: string, there: object) =>
    isSound(`${kind}.${name}`) ? unknown(field, what, name, Object.keys(there)) : [];
  return paths.flatMap(({ when, levels, pagerDuty }, i) => [
    ...(pagerDuty === undefined && isSound(`paths.${i}.pagerDuty`)
      ? endingUnheard(levels, `paths.${i}.levels`, isSound)
      : []),
    ...(when.hours ? named(`paths.${i}.when.hours`, 'calendar', 'calendars', when.hours.calendar, hours) : []),
    ...levels.flatMap(({ call }, l) =>
      call.flatMap((who, c) => {
        const field = `paths.${i}.levels.${l}.call.${c}`;
        if (!isSound(field)) return [];
        if (who.kind === 'agent') return unknown(field, 'agent', who.id, known.agents);
        if (who.kind === 'team') return unknown(field, 'team', who.id, known.teams);
        return who.kind === 'rota' ? named(field, 'rota', 'rotas', who.id, rotas) : [];
      }),
    ),
  ]);
}

/** A path that pages nobody is over where nobody of its last level is there; that has to be ruled out. */
function endingUnheard(levels: readonly z.output<typeof level>[], at: string, isSound: IsSound): Problem[] {
  const last = levels.length - 1;
  const { call, hours, nobody } = levels[last] ?? {};
  const isThere = hours === 'any' && call?.some(({ kind }) => kind === 'admins' || kind === 'rota') === true;
  const isKnown = ['call', 'hours', 'nobody'].every((name) => isSound(`${at}.${last}.${name}`));
  if (nobody !== 'next' || isThere || !isKnown) return [];
  const message =
    'the path ends unheard where nobody of its last level is there: say `nobody: wait` or `nobody: admins`, or give the path a severity of pagerDuty';
  return [{ field: `${at}.${last}.nobody`, message }];
}

function inShadow(paths: EscalationPolicyFile['paths'], i: number, isSound: IsSound): Problem[] {
  const narrow = paths[i]?.when;
  if (narrow === undefined || !isSound(`paths.${i}.when`)) return [];
  const shadow = paths.slice(0, i).find(({ when }, j) => isSound(`paths.${j}.when`) && takesAll(when, narrow));
  const message = `never holds: "${shadow?.name}" above it takes every ticket that it fits`;
  return shadow === undefined ? [] : [{ field: `paths.${i}`, message }];
}

function unknown(field: string, what: string, name: string, known: readonly string[] | undefined): Problem[] {
  if (known === undefined || known.includes(name)) return [];
  return [{ field, message: `there is no ${what} "${name}"; there are ${known.join(', ') || 'none'}` }];
}

/** Does every ticket, at every hour, that meets `narrow` meet `wide` too? */
function takesAll(wide: z.output<typeof when>, narrow: z.output<typeof when>): boolean {
  const sameHours =
    wide.hours === undefined ||
    (wide.hours.calendar === narrow.hours?.calendar && wide.hours.open === narrow.hours.open);
  return covers(wide.priority, narrow.priority) && covers(wide.tier, narrow.tier) && sameHours;
}
