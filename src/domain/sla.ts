/**
 * The clock that a ticket runs under: which promises hold for it, and until when. All of it follows from the ticket's timeline: entries and
 * `now` in, deadlines out. Times are epoch ms, amounts of time ms.
 */
import { meets } from './condition.ts';
import { addWorking, type Hours, workingBetween } from './hours.ts';
import type { JsonObject } from './json.ts';
import { beginsEpisode, isOpen, nextState, type Route, type TicketEvent, type TicketState } from './ticket.ts';

/**
 * `firstResponse`: from the beginning of an episode until a person answers. `nextResponse`: from what the customer writes after that until
 * it is answered. `resolution`: from the beginning of an episode until it is solved.
 */
export const METRICS = ['firstResponse', 'nextResponse', 'resolution'] as const;
export type Metric = (typeof METRICS)[number];
/** What a policy's condition may ask of a ticket. */
export const CONDITIONS = ['priority', 'tier', 'route', 'channel'] as const;
export type Condition = (typeof CONDITIONS)[number];

export interface SlaPolicy {
  readonly name: string;
  /** Of each that is named the ticket has one of the values. Nothing named: every ticket. */
  readonly when: Readonly<Partial<Record<Condition, readonly string[]>>>;
  readonly calendar: string;
  /** None: no SLA. */
  readonly targets: Readonly<Partial<Record<Metric, number>>>;
  readonly pausedIn: readonly TicketState[];
  /** The share of a target, above 0 and below 1, at which those concerned are warned. */
  readonly warnAt: number;
  /** Does a bot's answer count as a response? */
  readonly botAnswers: boolean;
}
/** As `policies/sla.yaml` says it; pinned to a ticket when it comes, like its flow. */
export interface SlaRules {
  /** First 12 hex digits of the SHA-256 of their canonical JSON. */
  readonly version: string;
  readonly calendars: Readonly<Record<string, Hours>>;
  /** The first that fits holds. */
  readonly policies: readonly SlaPolicy[];
}

export interface Clock {
  /** `firstResponse:1`, `nextResponse:1.2`, `resolution:1`: metric and episode, and which one of the episode. */
  readonly id: string;
  readonly metric: Metric;
  readonly episode: number;
  readonly startedAt: number;
  /** When it ran; the last span has no end while it runs. */
  readonly spans: readonly (readonly [from: number, to: number | null])[];
  /** The policy that holds for it now; null: none, or one without this target. */
  readonly policy: string | null;
  /** Another one held before, until then; of several the last. Missing: this one has held since the ticket's facts were known. */
  readonly before?: { readonly policy: string; readonly until: number };
  /** The deadlines that went by. */
  readonly warnedAt: number | null;
  readonly breachedAt: number | null;
  readonly ended: { readonly at: number; readonly how: 'met' | 'moot' } | null;
}

/** Plain JSON: goes on with the ticket from run to run. */
export interface Sla {
  readonly rules: SlaRules;
  readonly ticket: {
    readonly state: TicketState;
    readonly route: Route;
    readonly priority: string | null;
    readonly tier: string | null;
    readonly channel: string | null;
    readonly episode: number;
  };
  /** Those that have not ended. */
  readonly clocks: readonly Clock[];
  /** How many nextResponse clocks this episode has had. */
  readonly asked: number;
  /** The next deadline; it is missed once the time is later than this. */
  readonly next: number | null;
}

/** A deadline that went by unmet. */
export interface Strike {
  readonly kind: 'slaWarned' | 'slaBreached';
  readonly clock: Clock;
  readonly deadline: number;
}

/** Of an entry of the timeline what the clock heeds. */
export interface Heeded {
  /** ISO 8601 */
  readonly at: string;
  readonly kind: string;
  readonly facts: JsonObject;
}

/** The clock of a ticket that came in; `entry` is the first of its timeline. */
export function beginSla(rules: SlaRules, entry: Heeded): Followed {
  const at = Date.parse(entry.at);
  const channel = typeof entry.facts.channel === 'string' ? entry.facts.channel : null;
  const ticket = { state: 'new', route: 'none', priority: null, tier: null, channel, episode: 1 } as const;
  return reckon({ rules, ticket, clocks: openEpisode(1, at), asked: 0, next: null }, at);
}

/** What an entry made of it, and each clock that is no longer as it was, ended ones too. */
export interface Followed {
  readonly sla: Sla;
  readonly changed: readonly Clock[];
}

/** The clock after an entry of the timeline. Deadlines before it are to be struck first. */
export function follow(sla: Sla, entry: Heeded): Followed {
  const followed = step(sla, entry);
  return { sla: followed.sla, changed: followed.changed.filter((clock) => !sla.clocks.includes(clock)) };
}

function step(sla: Sla, entry: Heeded): Followed {
  const at = Date.parse(entry.at);
  const { ticket } = sla;
  if (isFact(entry.kind)) {
    const [priority, tier] = [textOf(entry.facts.priority), textOf(entry.facts.tier)];
    if (priority === ticket.priority && tier === ticket.tier) return { sla, changed: [] };
    // What it came in under for want of facts is no policy of its.
    return reckon({ ...sla, ticket: { ...ticket, priority, tier } }, at, entry.kind !== 'enriched');
  }
  const event = eventOf(entry);
  const state = event && nextState(ticket.state, event);
  if (!event || !state) return { sla, changed: [] };
  const begins = beginsEpisode(ticket.state, event);
  const episode = ticket.episode + (begins ? 1 : 0);
  const moved = { ...sla, ticket: { ...ticket, state, route: routeAfter(event) ?? ticket.route, episode } };
  if (begins) return reckon({ ...moved, clocks: openEpisode(episode, at), asked: 0 }, at);
  const answers = event === 'agentReplied' || (event === 'answeredByBot' && policyFor(moved)?.botAnswers === true);
  const ended = moved.clocks.map((clock) => {
    if (clock.metric !== 'resolution' && answers) return end(clock, at, 'met');
    if (isOpen(state)) return clock;
    return end(clock, at, clock.metric === 'resolution' && state === 'solved' ? 'met' : 'moot');
  });
  const isAwaited = ended.some(({ metric, ended: over }) => metric !== 'resolution' && over === null);
  if (event !== 'customerReplied' || isAwaited) return reckon({ ...moved, clocks: ended }, at);
  const asked = sla.asked + 1;
  const next = start('nextResponse', `nextResponse:${episode}.${asked}`, episode, at);
  return reckon({ ...moved, clocks: [...ended, next], asked }, at);
}

/**
 * The deadlines that went by before `now`, the earliest first: each is given once. Of a clock that is past its end already nobody is
 * warned any more.
 */
export function strike(sla: Sla, now: number): { readonly sla: Sla; readonly strikes: readonly Strike[] } {
  if (sla.next === null || sla.next >= now) return { sla, strikes: [] };
  const strikes: Strike[] = [];
  const clocks = sla.clocks.map((clock) => {
    const { warnAt, dueAt } = deadlinesOf(clock, sla.rules);
    if (clock.breachedAt === null && dueAt !== null && dueAt < now) {
      const breached = { ...clock, warnedAt: clock.warnedAt ?? warnAt, breachedAt: dueAt };
      strikes.push({ kind: 'slaBreached', clock: breached, deadline: dueAt });
      return breached;
    }
    if (clock.warnedAt !== null || warnAt === null || warnAt >= now) return clock;
    const warned = { ...clock, warnedAt: warnAt };
    strikes.push({ kind: 'slaWarned', clock: warned, deadline: warnAt });
    return warned;
  });
  strikes.sort((a, b) => a.deadline - b.deadline);
  return { sla: { ...sla, clocks, next: nextOf(clocks, sla.rules) }, strikes };
}

/** Where a clock stands, as it is kept and shown. */
export interface Standing {
  readonly calendar: string;
  readonly targetMs: number;
  /** When it was to be done with; null while it is paused, and for one that ended in a pause. */
  readonly dueAt: number | null;
  readonly warnAt: number | null;
  /** Working time that went by while it was paused. */
  readonly pausedMs: number;
  readonly status: 'running' | 'paused' | 'met' | 'moot';
}

/** Null where no policy has a target for it. */
export function standingOf(clock: Clock, rules: SlaRules): Standing | null {
  const policy = rules.policies.find(({ name }) => name === clock.policy);
  const targetMs = policy?.targets[clock.metric];
  if (policy === undefined || targetMs === undefined) return null;
  const hours = hoursOf(policy, rules);
  const { dueAt, warnAt } = deadlinesOf(clock, rules);
  const isRunning = clock.spans.at(-1)?.[1] === null;
  return {
    calendar: policy.calendar,
    targetMs,
    dueAt,
    warnAt,
    pausedMs: clock.spans.reduce((sum, [from], i) => {
      const before = clock.spans[i - 1]?.[1] ?? clock.startedAt;
      return sum + workingBetween(before, from, hours);
    }, 0),
    status: clock.ended?.how ?? (isRunning ? 'running' : 'paused'),
  };
}

function openEpisode(episode: number, at: number): Clock[] {
  return [
    start('firstResponse', `firstResponse:${episode}`, episode, at),
    start('resolution', `resolution:${episode}`, episode, at),
  ];
}

function start(metric: Metric, id: string, episode: number, at: number): Clock {
  return {
    id,
    metric,
    episode,
    startedAt: at,
    spans: [[at, null]],
    policy: null,
    warnedAt: null,
    breachedAt: null,
    ended: null,
  };
}

function end(clock: Clock, at: number, how: 'met' | 'moot'): Clock {
  return { ...clock, ended: { at, how } };
}

/** Which policy holds now, and which clocks it stops or sends on. Those that have ended go. */
function reckon(sla: Sla, at: number, isChange = true): Followed {
  const policy = policyFor(sla);
  const isPaused = policy?.pausedIn.includes(sla.ticket.state) === true;
  const clocks = sla.clocks.map((clock) => {
    if (clock.ended !== null) return clock;
    const holds = policy?.targets[clock.metric] === undefined ? null : policy.name;
    const before = isChange && clock.policy !== null ? { before: { policy: clock.policy, until: at } } : {};
    return pauseOrGoOn(clock.policy === holds ? clock : { ...clock, policy: holds, ...before }, isPaused, at);
  });
  const open = clocks.filter(({ ended }) => ended === null);
  return { sla: { ...sla, clocks: open, next: nextOf(open, sla.rules) }, changed: clocks };
}

function pauseOrGoOn(clock: Clock, isPaused: boolean, at: number): Clock {
  const last = clock.spans.at(-1);
  const isRunning = last?.[1] === null;
  if (isPaused === !isRunning || last === undefined) return clock;
  const spans: Clock['spans'] = isPaused ? [...clock.spans.slice(0, -1), [last[0], at]] : [...clock.spans, [at, null]];
  return { ...clock, spans };
}

/** The first policy whose conditions the ticket meets. */
export function policyFor({ rules, ticket }: Pick<Sla, 'rules' | 'ticket'>): SlaPolicy | undefined {
  return rules.policies.find(({ when }) => CONDITIONS.every((name) => meets(when[name], ticket[name])));
}

/** Of a clock that runs, or did when it ended. */
function deadlinesOf(clock: Clock, rules: SlaRules): { warnAt: number | null; dueAt: number | null } {
  const policy = rules.policies.find(({ name }) => name === clock.policy);
  const target = policy?.targets[clock.metric];
  const last = clock.spans.at(-1);
  if (!policy || target === undefined || !last || last[1] !== null) return { warnAt: null, dueAt: null };
  const hours = hoursOf(policy, rules);
  const used = clock.spans.reduce((sum, [from, to]) => sum + (to === null ? 0 : workingBetween(from, to, hours)), 0);
  // What another policy's target makes too late at once is too late since the clock went on.
  const after = (amount: number) => addWorking(last[0], Math.max(0, amount - used), hours);
  return { warnAt: after(Math.floor(target * policy.warnAt)), dueAt: after(target) };
}

function hoursOf(policy: SlaPolicy, rules: SlaRules): Hours {
  return rules.calendars[policy.calendar] ?? 'always';
}

function nextOf(clocks: readonly Clock[], rules: SlaRules): number | null {
  const deadlines = clocks.flatMap((clock) => {
    if (clock.breachedAt !== null) return [];
    const { warnAt, dueAt } = deadlinesOf(clock, rules);
    return [clock.warnedAt === null ? warnAt : null, dueAt].filter((at) => at !== null);
  });
  return deadlines.length > 0 ? Math.min(...deadlines) : null;
}

/** Says anew what the ticket's priority and tier are: by its first message, by a further one, or by a source that was away. */
function isFact(kind: string): boolean {
  return kind === 'enriched' || kind === 'reread' || kind === 'enrichedAgain';
}

/** What an entry of the timeline says has happened to the ticket. */
function eventOf({ kind, facts }: Heeded): TicketEvent | undefined {
  if (kind === 'answered') return 'answeredByBot';
  if (kind === 'closed') return facts.why === 'cancelled' || facts.why === 'erasure' ? 'cancelled' : 'windowEnded';
  return EVENTS.find((event) => event === kind);
}
/** Those that the timeline calls by the event's own name. */
const EVENTS = [
  'escalated',
  'claimed',
  'agentReplied',
  'customerReplied',
  'resolved',
  'silenceEnded',
  'reopened',
  'rated',
  'reassigned',
  'givenBack',
] as const satisfies readonly TicketEvent[];

function routeAfter(event: TicketEvent): Route | undefined {
  if (event === 'answeredByBot') return 'bot';
  const isToPeople = event === 'escalated' || event === 'claimed' || event === 'agentReplied' || event === 'reassigned';
  return isToPeople ? 'agent' : undefined;
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
