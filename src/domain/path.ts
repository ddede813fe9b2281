/**
 * The escalation path: who is called, one level after another, while a ticket waits for a person, until somebody acknowledges it. Times
 * are epoch ms, amounts of time ms.
 */
import { meets } from './condition.ts';
import { type Hours, isOpenAt } from './hours.ts';

export type Callee =
  | { readonly kind: 'assignee' | 'admins' }
  | { readonly kind: 'agent' | 'team' | 'rota'; readonly id: string };

export const SEVERITIES = ['critical', 'error', 'warning', 'info'] as const;
/** PagerDuty's, of an event (Events API v2). */
export type Severity = (typeof SEVERITIES)[number];

export const NOBODY = ['next', 'wait', 'admins'] as const;

export interface Level {
  readonly call: readonly Callee[];
  /** `own`: only who is within their working hours, on their own clocks. */
  readonly hours: 'own' | 'any';
  /** When none of them is there: on to the next level at once (after the last to PagerDuty, or the end), wait until somebody is, or call the admins instead. */
  readonly nobody: (typeof NOBODY)[number];
  /** How long a call waits for an acknowledgement. */
  readonly waitMs: number;
  /** Further calls of this level. */
  readonly repeat: number;
}

export interface EscalationPath {
  readonly name: string;
  /** Of each that is named the ticket has one of the values; `hours`: a calendar that is open, or closed, when the path begins. */
  readonly when: {
    readonly priority?: readonly string[];
    readonly tier?: readonly string[];
    readonly hours?: { readonly calendar: string; readonly open: boolean };
  };
  /** How long whoever the ticket was given to has, before the first level. */
  readonly firstMs: number;
  /** How long an acknowledgement holds without a sign of work. */
  readonly leaseMs: number;
  readonly levels: readonly Level[];
  /** After the last level PagerDuty is called; null: the path ends there. */
  readonly page: Severity | null;
  /** Further pages, each after another lease without a sign of work. Missing in rules from before there were any: none. */
  readonly pageRepeat?: number;
}

/** As `policies/escalation.yaml` says it; pinned to a ticket when it comes, like its flow. */
export interface PathRules {
  /** First 12 hex digits of the SHA-256 of their JSON. */
  readonly version: string;
  readonly calendars: Readonly<Record<string, Hours>>;
  /** The first that fits holds. */
  readonly paths: readonly EscalationPath[];
}

/** One time that a ticket waits for a person. Plain JSON: goes on with the ticket from run to run. */
export interface PathRun {
  /** `1.2`: the episode, and which one of the ticket it is. */
  readonly id: string;
  readonly path: string;
  readonly startedAt: number;
  /** -1: whoever was given the ticket; as many as there are levels: at its end. */
  readonly level: number;
  /** Calls made at this level. */
  readonly calls: number;
  /** How many of them were made before an acknowledgement ran out; the level is called anew, and each call has a number of its own. */
  readonly before?: number;
  /** When the path goes on; null: it has come to its end. */
  readonly dueAt: number | null;
  /** While it stands nobody is called. */
  readonly acknowledged: { readonly by: string; readonly at: number; readonly until: number } | null;
  /** How often PagerDuty was called. */
  readonly pages: number;
  /** Of these, how many since somebody had the ticket last; missing: none. */
  readonly unheard?: number;
}

/** What a path's turn is. `number`: which call of the level, which page of the run; from 1. */
export type Due =
  | { readonly kind: 'lapse'; readonly by: string }
  | { readonly kind: 'call'; readonly level: number; readonly number: number }
  | { readonly kind: 'page'; readonly severity: Severity; readonly number: number };

export interface Waits {
  readonly priority: string | null;
  readonly tier: string | null;
  /** It was given to somebody, who was told. */
  readonly given: boolean;
}

/** Null where no path fits. */
export function beginPath(rules: PathRules, id: string, ticket: Waits, at: number): PathRun | null {
  const path = rules.paths.find((one) => fits(one, rules, ticket, at));
  if (!path) return null;
  const dueAt = ticket.given ? at + path.firstMs : at;
  return { id, path: path.name, startedAt: at, level: -1, calls: 0, dueAt, acknowledged: null, pages: 0 };
}

function fits({ when }: EscalationPath, rules: PathRules, ticket: Waits, at: number): boolean {
  const { hours } = when;
  const isTime = hours === undefined || isOpenAt(at, rules.calendars[hours.calendar] ?? 'always') === hours.open;
  return meets(when.priority, ticket.priority) && meets(when.tier, ticket.tier) && isTime;
}

/** Somebody has it, from now on for the length of a lease: again with each sign of work. */
export function acknowledge(run: PathRun, rules: PathRules, by: string, at: number): PathRun {
  return { ...run, acknowledged: { by, at, until: at + pathOf(run, rules).leaseMs } };
}

/** Nobody is called before `until`. Where somebody has it, or nobody is called any more, there is nothing to put off. */
export function putOff(run: PathRun, until: number): PathRun {
  return run.acknowledged || run.dueAt === null ? run : { ...run, dueAt: Math.max(run.dueAt, until) };
}

/** When the path goes on by itself: at the end of a lease, or of a wait. */
export function nextTurn(run: PathRun): number | null {
  return run.acknowledged?.until ?? run.dueAt;
}

/** What is to be done by `now`, if anything. */
export function dueOf(run: PathRun, rules: PathRules, now: number): Due | null {
  const next = nextTurn(run);
  if (next === null || now < next) return null;
  if (run.acknowledged) return { kind: 'lapse', by: run.acknowledged.by };
  const { levels, page } = pathOf(run, rules);
  const here = levels[run.level];
  if (here && run.calls < callsOf(run, here)) return { kind: 'call', level: run.level, number: run.calls + 1 };
  if (run.level + 1 < levels.length) return { kind: 'call', level: run.level + 1, number: 1 };
  return page === null ? null : { kind: 'page', severity: page, number: run.pages + 1 };
}

/**
 * The lease is over: the next level's turn has come, or, at the end, PagerDuty's again. Where nobody is paged, the last level is called anew:
 * who took the ticket and let it lie must not be the last who heard of it.
 */
export function lapsed(run: PathRun, rules: PathRules, at: number): PathRun {
  const { levels } = pathOf(run, rules);
  const level = Math.min(run.level, levels.length - 1);
  const { unheard: _, ...rest } = run;
  const free = { ...rest, acknowledged: null, level, dueAt: at };
  if (isLastAnew(run, rules)) return { ...free, before: run.calls };
  return ended({ ...free, calls: callsOf(run, levels[level]) }, rules);
}

/** Is the last level what follows the end of a lease? */
export function isLastAnew(run: PathRun, rules: PathRules): boolean {
  const { levels, page } = pathOf(run, rules);
  return page === null && levels.length > 0 && run.level >= levels.length - 1;
}

/** How a call went: who was called, or when the path looks for them again. */
export interface Called {
  readonly called: readonly string[];
  /** Where nobody is there now: the first moment at which somebody is, or at which to look again; null: no such moment is known. */
  readonly opensAt: number | null;
}

export function called(
  run: PathRun,
  rules: PathRules,
  due: Extract<Due, { kind: 'call' }>,
  { called: people, opensAt }: Called,
  at: number,
): PathRun {
  const level = pathOf(run, rules).levels[due.level];
  if (!level) return run;
  const moved = { ...run, level: due.level };
  if (people.length > 0) return { ...moved, calls: due.number, dueAt: at + level.waitMs };
  if (level.nobody === 'wait' && opensAt !== null && opensAt > at) {
    return { ...moved, calls: due.number - 1, dueAt: opensAt };
  }
  return ended({ ...moved, calls: callsOf(run, level), dueAt: at }, rules);
}

/**
 * What is said to PagerDuty alone does not come back to us: who acknowledges there and lets it lie has a lease as well, and is paged anew when
 * that is over, as often as the path says.
 */
export function paged(run: PathRun, rules: PathRules, at: number): PathRun {
  const { levels, leaseMs, pageRepeat = 0 } = pathOf(run, rules);
  const unheard = (run.unheard ?? 0) + 1;
  const dueAt = unheard <= pageRepeat ? at + leaseMs : null;
  return { ...run, level: levels.length, calls: 0, dueAt, pages: run.pages + 1, unheard };
}

/** Nothing is left to do where the last level is used up and nobody is paged. */
function ended(run: PathRun, rules: PathRules): PathRun {
  return dueOf(run, rules, run.dueAt ?? 0) === null ? { ...run, dueAt: null } : run;
}

/** How many calls of its level there are when it is used up. */
function callsOf({ before = 0 }: PathRun, level: Level | undefined): number {
  return level ? before + level.repeat + 1 : 0;
}

export function pathOf(run: PathRun, rules: PathRules): EscalationPath {
  const found = rules.paths.find(({ name }) => name === run.path);
  if (!found) throw new TypeError(`the rules have the path of each of their runs, not ${run.path}`);
  return found;
}
