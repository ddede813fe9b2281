/** Random tickets, whose clocks are reckoned a second time from what stands on their timelines. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { workingBetween } from '../../src/domain/hours.ts';
import type { Metric, SlaPolicy } from '../../src/domain/sla.ts';
import { nextState, TICKET_STATES, type TicketEvent, type TicketState } from '../../src/domain/ticket.ts';
import { HOUR, MINUTE, policy, rules, ticketUnder } from './sla-support.ts';

/** What can happen, by the word that the timeline has for it. */
const KINDS: Readonly<Record<string, TicketEvent>> = {
  answered: 'answeredByBot',
  escalated: 'escalated',
  claimed: 'claimed',
  agentReplied: 'agentReplied',
  customerReplied: 'customerReplied',
  resolved: 'resolved',
  silenceEnded: 'silenceEnded',
  reopened: 'reopened',
  rated: 'rated',
  reassigned: 'reassigned',
  givenBack: 'givenBack',
};
/** Those that say the priority anew. */
const FACTS = ['enriched', 'reread', 'enrichedAgain'];
interface Happening {
  readonly afterMs: number;
  /** A kind, or nothing but somebody looking. */
  readonly kind: string | null;
  /** What a fact says. */
  readonly priority: string | null;
}
const history = fc.array(
  fc.record({
    afterMs: fc.oneof(fc.nat(30 * MINUTE), fc.nat(3 * HOUR), fc.nat(60 * HOUR)),
    kind: fc.option(fc.constantFrom(...Object.keys(KINDS), ...FACTS), { freq: 2 }),
    priority: fc.constantFrom('HIGH', 'MEDIUM', null),
  }),
  { maxLength: 25 },
);
const anyPolicy = fc.record({
  calendar: fc.constantFrom('office', 'always'),
  targets: fc.record(
    {
      firstResponse: fc.integer({ min: 1, max: 12 * HOUR }),
      nextResponse: fc.integer({ min: 1, max: 12 * HOUR }),
      resolution: fc.integer({ min: 1, max: 60 * HOUR }),
    },
    { requiredKeys: [] },
  ),
  pausedIn: fc.subarray<TicketState>(TICKET_STATES.filter((state) => state !== 'solved' && state !== 'closed')),
  // In thousandths: above 0 and below 1.
  warnAt: fc.integer({ min: 1, max: 999 }).map((share) => share / 1_000),
  botAnswers: fc.boolean(),
});

interface Expected {
  readonly startedAt: number;
  readonly warnedAt: number | null;
  readonly breachedAt: number | null;
  readonly ended: string | null;
}

interface Lived {
  readonly from: number;
  readonly to: number;
  readonly state: TicketState;
  readonly kind: string;
  readonly episode: number;
  readonly begins: boolean;
  /** The one that holds in it. */
  readonly policy: SlaPolicy | undefined;
}

/**
 * The same from the whole history at once, by what the words mean: all that happened is laid out first, then each clock is looked for in it.
 * A deadline is found by halving, not by adding up.
 */
function recomputed(
  events: readonly { at: number; kind: string; priority: string | null }[],
  given: ReturnType<typeof rules>,
  end: number,
): Record<string, Expected> {
  const spans: Lived[] = [];
  let state: TicketState = 'new';
  let episode = 1;
  let known: string | null = null;
  for (const [i, { at, kind, priority }] of events.entries()) {
    const before = state;
    const event = KINDS[kind];
    state = (event && nextState(state, event)) ?? state;
    const begins = i === 0 || (before === 'solved' && state === 'waitingForAgent');
    if (begins && i > 0) episode += 1;
    if (FACTS.includes(kind)) known = priority;
    const policy = given.policies.find(
      ({ when }) => when.priority === undefined || (known !== null && when.priority.includes(known)),
    );
    const isLawful = i === 0 || (event !== undefined && nextState(before, event) !== undefined);
    const to = events[i + 1]?.at ?? end;
    spans.push({ from: at, to, state, kind: isLawful ? kind : 'nothing', episode, begins, policy });
  }
  const found: Record<string, Expected> = {};
  const settle = (id: string, metric: Metric, first: number, isOver: (span: Lived) => string | null) => {
    const last = spans.findIndex((span, i) => i > first && isOver(span) !== null);
    const lived = spans.slice(first, last < 0 ? undefined : last);
    found[id] = {
      startedAt: spans[first]?.from ?? 0,
      warnedAt: missedAt(lived, metric, given, ({ warnAt }, target) => Math.floor(target * warnAt)),
      breachedAt: missedAt(lived, metric, given, (_, target) => target),
      ended: last < 0 ? null : isOver(spans[last] as Lived),
    };
  };
  const answers = ({ kind, policy: one }: Lived) =>
    kind === 'agentReplied' || (kind === 'answered' && one?.botAnswers === true);
  const solved = (span: { state: TicketState }) => span.state === 'solved';
  for (const [i, span] of spans.entries()) {
    if (!span.begins) continue;
    settle(`firstResponse:${span.episode}`, 'firstResponse', i, (s) =>
      answers(s) ? 'met' : solved(s) ? 'moot' : null,
    );
    settle(`resolution:${span.episode}`, 'resolution', i, (s) => (solved(s) ? 'met' : null));
    let asked = 0;
    let isAnswered = false;
    for (let j = i + 1; j < spans.length && spans[j]?.episode === span.episode; j += 1) {
      const now = spans[j] as Lived;
      if (solved(now)) isAnswered = false;
      else if (answers(now)) isAnswered = true;
      else if (now.kind === 'customerReplied' && isAnswered) {
        asked += 1;
        isAnswered = false;
        settle(`nextResponse:${span.episode}.${asked}`, 'nextResponse', j, (s) =>
          answers(s) ? 'met' : solved(s) ? 'moot' : null,
        );
      }
    }
  }
  return found;
}

/**
 * The first deadline that lay before the end of the time in which it held; null: none. `lived`: what a clock went through; `amountOf`: how much of
 * a target there is until then.
 */
function missedAt(
  lived: readonly Lived[],
  metric: Metric,
  given: ReturnType<typeof rules>,
  amountOf: (policy: SlaPolicy, target: number) => number,
): number | null {
  const ran: { from: number; to: number }[] = [];
  /** Since when it has run without a stop. */
  let since: number | null = null;
  for (const { from, to, state, policy: one } of lived) {
    if (one?.pausedIn.includes(state)) {
      if (since !== null) ran.push({ from: since, to: from });
      since = null;
      continue;
    }
    since ??= from;
    const target = one?.targets[metric];
    if (one === undefined || target === undefined) continue;
    const hours = given.calendars[one.calendar] ?? 'always';
    const used = ran.reduce((sum, span) => sum + workingBetween(span.from, span.to, hours), 0);
    const begun = since;
    const amount = amountOf(one, target);
    const due = halved(begun, to, (until) => used + workingBetween(begun, until, hours) >= amount);
    // Used up in the very moment in which the clock stops: then it is due when that goes on.
    if (due < to) return due;
  }
  return null;
}

/** The first instant from which on `is` holds. */
function halved(from: number, to: number, is: (at: number) => boolean): number {
  let [low, high] = [from, to];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (is(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

test('whatever happened and whenever somebody looked, the clocks are what the timeline says to whoever reads it whole', () => {
  fc.assert(
    fc.property(history, anyPolicy, anyPolicy, (happenings: readonly Happening[], some, other) => {
      const urgent = policy({ ...other, name: 'urgent', when: { priority: ['HIGH'] } });
      const given = rules([urgent, policy(some)]);
      const start = Date.parse('2026-03-25T08:00:00Z');
      const ticket = ticketUnder(given, new Date(start).toISOString());
      const events = [{ at: start, kind: 'received', priority: null as string | null }];
      let now = start;
      for (const { afterMs, kind, priority } of happenings) {
        now += 1 + afterMs;
        if (kind === null) {
          ticket.look(new Date(now).toISOString());
          continue;
        }
        events.push({ at: now, kind, priority });
        ticket.happens(new Date(now).toISOString(), kind, FACTS.includes(kind) ? { priority, tier: null } : {});
      }
      const end = now + 1;
      ticket.look(new Date(end).toISOString());
      const wanted = recomputed(events, given, end);
      expect([...ticket.clocks.keys()].sort()).toEqual(Object.keys(wanted).sort());
      for (const [id, clock] of ticket.clocks) {
        const { startedAt, warnedAt, breachedAt, ended } = wanted[id] as Expected;
        expect([id, clock.startedAt, clock.ended?.how ?? null]).toEqual([id, startedAt, ended]);
        expect([id, clock.warnedAt, clock.breachedAt]).toEqual([id, warnedAt, breachedAt]);
      }
      const once = ticket.struck.map(({ kind, clock }) => `${kind} ${clock.id}`);
      expect(new Set(once).size).toBe(once.length);
      expect(ticket.struck.filter(({ kind }) => kind === 'slaBreached')).toHaveLength(
        Object.values(wanted).filter(({ breachedAt }) => breachedAt !== null).length,
      );
    }),
    { numRuns: 3_000 },
  );
});
