/** Who gets which ticket, and who is called over it. */
import type { Demand, Relaxed } from './domain/assign.ts';
import type { Called, Level } from './domain/path.ts';
import type { Priority } from './domain/route.ts';

export interface AssignmentAsked {
  readonly ticketId: string;
  readonly occasion: string;
  readonly demand: Demand;
  readonly priority: Priority | null;
}
export interface Assigned {
  readonly agentId: string | null;
  /** What of its needs was given up. */
  readonly relaxed: readonly Relaxed[];
}

/** Whom a level of the escalation path reaches now, by the team's file and the rotas. `at`: epoch ms. */
export interface Responders {
  of(level: Pick<Level, 'call' | 'hours'>, assigneeId: string | null, at: number): Called;
}
