/** An incident: a provider was left alone, and what has to be done about it until it is over. */
import { type CircuitRules, nextPause, type Remedy, type Stop, type Watched } from './circuit.ts';

/** Of what the admins are told, each once. */
export const OCCASIONS = ['opened', 'stopped', 'closed'] as const;
export type IncidentOccasion = (typeof OCCASIONS)[number];

/** Times in epoch ms. */
export interface Incident {
  readonly id: string;
  readonly provider: Watched;
  readonly reason: string;
  readonly openedAt: number;
  readonly remedy: Remedy & { readonly stopped: Stop | null };
  readonly probing: Probing;
  readonly closed: { readonly at: number; readonly by: string } | null;
  readonly isOver: boolean;
}

export interface Probing {
  readonly probes: number;
  /** In a row. */
  readonly good: number;
  readonly pauseMs: number;
  readonly nextAt: number;
  /** Why the last one failed; null: it did not. */
  readonly last: string | null;
}

/** After a probe: each failure doubles the pause; those that succeed follow each other by the first one. */
export function afterProbe(
  probing: Probing,
  failure: string | null,
  rules: CircuitRules,
  now: number,
): Probing & { readonly closes: boolean } {
  const good = failure === null ? probing.good + 1 : 0;
  const pauseMs = failure === null ? probing.pauseMs : nextPause(probing.pauseMs, rules);
  const wait = failure === null ? Math.min(rules.firstPauseMs, pauseMs) : pauseMs;
  return {
    probes: probing.probes + 1,
    good,
    pauseMs,
    nextAt: now + wait,
    last: failure,
    closes: good >= rules.closeAfter,
  };
}

/** What an incident's workflow knows after a look at it. */
export interface IncidentLook {
  readonly standing: 'open' | 'closed' | 'over';
  /** The remedy ended before the incident. */
  readonly stopped: Stop | null;
  /** Until the next look, in ms. */
  readonly nextMs: number;
  readonly probes: number;
}

export function lookAt({ closed, isOver, remedy, probing }: Incident, now: number): IncidentLook {
  return {
    standing: isOver ? 'over' : closed === null ? 'open' : 'closed',
    stopped: remedy.stopped,
    nextMs: Math.max(1, probing.nextAt - now),
    probes: probing.probes,
  };
}

/** For the Temporal Web UI. */
export function sayLook({ standing, stopped, probes }: IncidentLook): string {
  if (standing === 'over') return 'Over';
  if (standing === 'closed') return 'The provider is back: tickets that did without it are looked at again';
  const ended = stopped === null ? '' : ' The remedy has ended: people have to see to it.';
  return `The circuit is open, probed ${probes === 1 ? 'once' : `${probes} times`}.${ended}`;
}
