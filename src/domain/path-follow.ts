/** What happens to a ticket, as its escalation path sees it; and what PagerDuty is to know of it. */
import type { JsonObject } from './json.ts';
import { acknowledge, beginPath, type PathRules, type PathRun, putOff, type Severity } from './path.ts';
import type { Priority } from './route.ts';
import type { TicketState } from './ticket.ts';

/** Plain JSON: goes on with the ticket from run to run of its workflow. */
export interface Path {
  readonly rules: PathRules;
  /** Null: the ticket waits for nobody, or no path fits. */
  readonly run: PathRun | null;
  /** By what the path was chosen, and when; missing where the ticket waits for nobody, and in runs from before this was kept. */
  readonly chosen?: Chosen;
  /** How many there have been. */
  readonly runs: number;
  /** Of which PagerDuty still has to be told, in this order. */
  readonly pages: readonly Page[];
}

/** The lowest first. */
const RANKS: readonly (string | null)[] = ['MEDIUM', 'HIGH'] satisfies Priority[];

interface Chosen {
  readonly priority: string | null;
  /** Since when the ticket waits for whoever was given it, epoch ms. */
  readonly since: number;
}

/** One call to PagerDuty. */
export interface Page {
  readonly run: string;
  readonly path: string;
  /** Which one of the run; from 1. */
  readonly number: number;
  readonly severity: Severity;
  /** The last that PagerDuty took; `tried`: perhaps it took a trigger whose answer was lost. */
  readonly told: 'nothing' | 'tried' | PageAction;
}
export const PAGE_ACTIONS = ['trigger', 'acknowledge', 'resolve'] as const;
export type PageAction = (typeof PAGE_ACTIONS)[number];

/** Of an entry of the timeline, and of the ticket after it, what the path heeds. */
interface Heeded {
  /** ISO 8601 */
  readonly at: string;
  readonly kind: string;
  readonly actor: string;
  readonly facts: JsonObject;
}
interface Row {
  readonly state: TicketState;
  readonly episode: number;
  readonly priority: string | null;
  readonly tier: string | null;
  readonly assigneeId: string | null;
}

/** The path after an entry. It runs while the ticket waits for an agent or an agent is at work on it, from when it was given to people. */
export function followPath(path: Path, entry: Heeded, row: Row): Path {
  if (row.state !== 'waitingForAgent' && row.state !== 'inProgress') return isIdle(path) ? path : stop(path);
  const at = Date.parse(entry.at);
  if (entry.kind === 'escalated') {
    // Who was found only now has all the time, too, that they would have had at first.
    const isFound = entry.facts.why === 'agent found' && row.assigneeId !== null;
    return path.run === null || isFound ? begin(stop(path), row, at) : path;
  }
  if (entry.kind === 'snoozed') {
    return path.run === null ? path : { ...path, run: putOff(path.run, Number(entry.facts.until)) };
  }
  // Whom it is given to has all the time that whoever was given it first had.
  if (entry.kind === 'reassigned') return begin(stop(path), row, at);
  // Nobody has it: who is given it next is called from then on.
  if (entry.kind === 'givenBack') return path.run === null ? path : stop(path);
  if (entry.kind !== 'claimed') return path;
  const begun = path.run === null ? begin(path, row, at) : path;
  if (begun.run === null) return begun;
  return { ...begun, run: acknowledge(begun.run, path.rules, agentOf(entry), at) };
}

/**
 * The path after an entry that `followPath` has seen, where that is a note for our own people: of whoever acknowledged the ticket or was given
 * it, it is a sign of work, and the lease begins anew. It takes no ticket that nobody has, and others' notes say nothing of whose it is.
 */
export function heedNote(path: Path, entry: Heeded, row: Pick<Row, 'assigneeId'>): Path {
  const { run } = path;
  if (entry.kind !== 'noted' || !run?.acknowledged) return path;
  const by = agentOf(entry);
  if (by !== run.acknowledged.by && by !== row.assigneeId) return path;
  return { ...path, run: acknowledge(run, path.rules, by, Date.parse(entry.at)) };
}

function agentOf({ actor, facts }: Heeded): string {
  return typeof facts.agentId === 'string' ? facts.agentId : actor;
}

function begin(path: Path, row: Row, at: number): Path {
  const runs = path.runs + 1;
  const waits = { priority: row.priority, tier: row.tier, given: row.assigneeId !== null };
  const run = beginPath(path.rules, `${row.episode}.${runs}`, waits, at);
  const chosen = { priority: row.priority, since: at };
  return run === null ? { ...path, chosen } : { ...path, run, runs, chosen };
}

function stop({ chosen, ...path }: Path): Path {
  return { ...path, run: null };
}

function isIdle({ run, chosen }: Path): boolean {
  return run === null && chosen === undefined;
}

/**
 * The path after an entry that `followPath` has seen, where the priority is higher than the one by which the path was chosen: the one that
 * fits now takes its place. An acknowledgement holds to its end first, and a lower priority changes nothing. `before`: the priority before
 * the entry, for runs that have not kept theirs.
 */
export function risePath(path: Path, entry: Pick<Heeded, 'at'>, row: Row, before: string | null): Path {
  const { run } = path;
  const chosen = path.chosen ?? (run && { priority: before, since: run.startedAt });
  if (!chosen || run?.acknowledged || rankOf(row.priority) <= rankOf(chosen.priority)) return path;
  const at = Date.parse(entry.at);
  const anew = begin(stop(path), row, at);
  const kept = { priority: row.priority, since: chosen.since };
  if (anew.run === null || anew.run.path === run?.path) return { ...path, chosen: kept };
  // As if it had been so urgent from the first; and never later than whom the other path would have called.
  const dueAt = Math.min((anew.run.dueAt ?? at) - at + chosen.since, run?.dueAt ?? Number.POSITIVE_INFINITY);
  return { ...anew, run: { ...anew.run, startedAt: chosen.since, dueAt: Math.max(at, dueAt) }, chosen: kept };
}

function rankOf(priority: string | null): number {
  return RANKS.indexOf(priority);
}

/**
 * With a further page of its run. It goes before those of other runs, whose incidents are other ones and only have to be resolved: nobody is
 * called later because PagerDuty does not take an old one's end. Pages of one run keep their order.
 */
export function withPage(path: Path, page: Page): Path {
  const isOwn = ({ run }: Page) => run === page.run;
  return { ...path, pages: [...path.pages.filter(isOwn), page, ...path.pages.filter((one) => !isOwn(one))] };
}

/** Is somebody still to be called? */
export function isToCall(path: Path | null | undefined): boolean {
  return path?.run != null && path.run.acknowledged === null && path.run.dueAt !== null;
}

/** Does this run still look for somebody? */
export function isCalling(path: Path | null | undefined, run: string): boolean {
  return path?.run?.id === run && path.run.acknowledged === null;
}

/** PagerDuty's key of the incident that a run's pages make. */
export function dedupKeyOf(ticketId: string, run: string): string {
  return `steward/${ticketId}/${run}`;
}

/** What PagerDuty is to be told of a page next; null: nothing now. One that was never begun is not begun once somebody has the ticket. */
export function nextAction(path: Path, page: Page): PageAction | null {
  const { run } = path;
  if (page.told === 'resolve') return null;
  if (run === null || isOver(run, page)) return page.told === 'nothing' ? null : 'resolve';
  if (run.acknowledged !== null) return page.told === 'nothing' || page.told === 'acknowledge' ? null : 'acknowledge';
  return page.told === 'nothing' || page.told === 'tried' ? 'trigger' : null;
}

/** Nothing is left to tell of it, nor will be. */
export function isDone(path: Path, page: Page): boolean {
  return page.told === 'resolve' || (page.told === 'nothing' && (path.run === null || isOver(path.run, page)));
}

/** A later page of the run takes the incident's place: PagerDuty calls nobody again for one that was acknowledged. */
function isOver(run: PathRun, page: Page): boolean {
  return run.id !== page.run || run.pages > page.number;
}
