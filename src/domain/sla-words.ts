/** The clocks of a ticket in words. */
import { type Clock, type Metric, type Sla, type SlaRules, standingOf } from './sla.ts';
import { DAY_MS, dayAt, offsetAt, sayDay } from './zone.ts';

export const METRIC_WORDS: Readonly<Record<Metric, string>> = {
  firstResponse: 'first response',
  nextResponse: 'next response',
  resolution: 'solution',
};

/** `1 h`, `8 h`, `90 min`, `1 h 30 min`: how the policy file says amounts of time too. */
export function sayAmount(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  const seconds = Math.floor((ms % 60_000) / 1_000);
  const parts = [
    [Math.floor(minutes / 60), 'h'],
    [minutes % 60, 'min'],
    [minutes < 60 ? seconds : 0, 's'],
  ] as const;
  const said = parts.filter(([count]) => count > 0).map(([count, unit]) => `${count} ${unit}`);
  return said.length > 0 ? said.join(' ') : '0 min';
}

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** `Fri 2026-11-27 16:30` as the zone's clocks show it, with seconds where there are any. */
export function sayInZone(at: number, timeZone: string): string {
  const day = dayAt(at, timeZone);
  const shown = new Date(at + offsetAt(at, timeZone)).toISOString();
  const time = shown.slice(17, 19) === '00' ? shown.slice(11, 16) : shown.slice(11, 19);
  return `${DAYS[new Date(day * DAY_MS).getUTCDay()]} ${sayDay(day)} ${time}`;
}

/**
 * `Fri 2026-11-27 16:30 + 1 h -> Mon 2026-11-30 09:30, Europe/Berlin (office), 40 min paused, by standard of rules 0a1b2c3d4e5f`: how a deadline
 * came about. The rules are those that the ticket came in under; where another policy of theirs held before, it says until when.
 */
export function sayDerivation(clock: Clock, rules: SlaRules): string {
  const standing = standingOf(clock, rules);
  if (standing === null) return 'no SLA';
  const timeZone = zoneOf(clock, rules);
  const paused = standing.pausedMs === 0 ? '' : `, ${sayAmount(standing.pausedMs)} paused`;
  const stands = clock.ended === null ? 'paused' : 'no deadline, for it stood still at its end';
  const due = standing.dueAt === null ? stands : sayInZone(standing.dueAt, timeZone);
  return `${sayInZone(clock.startedAt, timeZone)} + ${sayAmount(standing.targetMs)} -> ${due}, ${timeZone} (${standing.calendar})${paused}, ${sayPolicy(clock, rules)}`;
}

function sayPolicy(clock: Clock, rules: SlaRules): string {
  const { policy, before } = clock;
  const was = before ? ` (until ${sayInZone(before.until, zoneOf(clock, rules))} by ${before.policy})` : '';
  return `by ${policy ?? ''}${was} of rules ${rules.version}`;
}

/** `Mon 2026-11-30 09:30 (Europe/Berlin)` */
export function sayDeadline(clock: Clock, deadline: number, rules: SlaRules): string {
  const timeZone = zoneOf(clock, rules);
  return `${sayInZone(deadline, timeZone)} (${timeZone})`;
}

/** Hours that are not tied to a place are said in UTC. */
function zoneOf(clock: Clock, rules: SlaRules): string {
  const policy = rules.policies.find(({ name }) => name === clock.policy);
  const hours = policy && rules.calendars[policy.calendar];
  return hours === undefined || hours === 'always' ? 'UTC' : hours.timeZone;
}

/** `solution due Mon 2026-11-30 09:30 (Europe/Berlin)`: the next that runs out; undefined where none runs. */
export function sayNextDue(sla: Sla): string | undefined {
  const running = sla.clocks.flatMap((clock) => {
    const dueAt = standingOf(clock, sla.rules)?.dueAt;
    return dueAt == null ? [] : [{ clock, dueAt }];
  });
  const [next] = running.sort((a, b) => a.dueAt - b.dueAt);
  if (next === undefined) return undefined;
  const { clock, dueAt } = next;
  const late = clock.breachedAt === null ? 'due' : 'late: was due';
  return `${METRIC_WORDS[clock.metric]} ${late} ${sayDeadline(clock, dueAt, sla.rules)}`;
}
