import type { Hours } from '../../src/domain/hours.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import {
  beginSla,
  type Clock,
  type Followed,
  follow,
  type Heeded,
  type Sla,
  type SlaPolicy,
  type SlaRules,
  type Strike,
  strike,
} from '../../src/domain/sla.ts';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
const day: readonly [number, number][] = [[9 * 60, 17 * 60]];
export const BERLIN: Hours = {
  timeZone: 'Europe/Berlin',
  week: { monday: day, tuesday: day, wednesday: day, thursday: day, friday: day },
  holidays: ['12-25', '12-26', '01-01', '2026-04-03', '2026-04-06'],
};

export function policy(more: Partial<SlaPolicy> = {}): SlaPolicy {
  return {
    name: 'standard',
    when: {},
    calendar: 'office',
    targets: { firstResponse: HOUR, nextResponse: 2 * HOUR, resolution: 8 * HOUR },
    pausedIn: ['waitingForCustomer'],
    warnAt: 0.75,
    botAnswers: false,
    ...more,
  };
}

export function rules(
  policies: readonly SlaPolicy[] = [policy()],
  calendars: SlaRules['calendars'] = { office: BERLIN },
): SlaRules {
  return { version: 'test', calendars, policies };
}

/** A ticket's clock as it goes: what happens, and when somebody looks. */
export function ticketUnder(given: SlaRules, arrived: string) {
  const first: Heeded = { at: iso(arrived), kind: 'received', facts: { channel: 'mail' } };
  const begun = beginSla(given, first);
  let sla: Sla = begun.sla;
  const timeline: Heeded[] = [first];
  const struck: Strike[] = [];
  /** As they last were. */
  const clocks = new Map<string, Clock>(begun.changed.map((clock) => [clock.id, clock]));
  const keep = (followed: Followed) => {
    sla = followed.sla;
    for (const clock of followed.changed) clocks.set(clock.id, clock);
  };
  const look = (at: string) => {
    const found = strike(sla, Date.parse(iso(at)));
    sla = found.sla;
    struck.push(...found.strikes);
    for (const one of found.strikes) {
      clocks.set(one.clock.id, one.clock);
      timeline.push({ at: iso(at), kind: one.kind, facts: {} });
    }
  };
  return {
    happens(at: string, kind: string, facts: JsonObject = {}) {
      look(at);
      const entry = { at: iso(at), kind, facts };
      timeline.push(entry);
      keep(follow(sla, entry));
      return this;
    },
    /** Somebody wakes then. */
    look(at: string) {
      look(at);
      return this;
    },
    get sla() {
      return sla;
    },
    timeline,
    struck,
    clocks,
  };
}

/** `2026-11-27 16:30` is in UTC. */
function iso(at: string): string {
  return new Date(/^\d{4}-\d\d-\d\d \d\d:\d\d$/.test(at) ? `${at.replace(' ', 'T')}:00Z` : at).toISOString();
}
