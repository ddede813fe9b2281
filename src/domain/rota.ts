/** Who is on call: agents who take turns. */
import { type Day, dayAt, instantAt } from './zone.ts';

export interface Rota {
  /** IANA name: its clocks say when a turn begins. */
  readonly timeZone: string;
  /** When the first agent's first turn began: the day since 1970-01-01, and minutes after its midnight. Before it nobody is on call. */
  readonly from: { readonly day: Day; readonly minutes: number };
  /** How long a turn is, in the zone's days: it changes hands at the same time of day, also over a change of clocks. */
  readonly days: number;
  /** In the order of their turns. */
  readonly agents: readonly string[];
  /** Somebody else's turn for a while, epoch ms; `until` is not of it. Of several that hold the last one counts. */
  readonly instead: readonly { readonly from: number; readonly until: number; readonly agent: string }[];
}

/** Undefined before the first turn. `at`: epoch ms. */
export function onCallAt(rota: Rota, at: number): string | undefined {
  const other = rota.instead.findLast(({ from, until }) => from <= at && at < until);
  if (other) return other.agent;
  const today = dayAt(at, rota.timeZone);
  // Until the turn's time of day has come, it is still the day before that counts.
  const begun = at >= instantAt(today, rota.from.minutes, rota.timeZone) ? today : today - 1;
  const turn = Math.floor((begun - rota.from.day) / rota.days);
  return turn < 0 ? undefined : rota.agents[turn % rota.agents.length];
}
