/** Who gets which ticket, who is called over it, and who is there for either. */
import type { Demand, Relaxed } from './domain/assign.ts';
import type { Called, Level } from './domain/path.ts';
import type { Presence } from './domain/presence.ts';
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

/** Whom a level of the escalation path reaches now, by the team's file, who of it is there, and the rotas. `at`: epoch ms. */
export interface Responders {
  of(level: Pick<Level, 'call' | 'hours'>, assigneeId: string | null, at: number): Promise<Called>;
}

/** A ticket whose workflow is to look for an agent. */
export interface DueTicket {
  readonly ticketId: string;
  /** The same for as long as it is about the same. */
  readonly eventId: string;
  /** Who has it and is off. */
  readonly off: string | null;
}
export interface AssignmentsDue {
  /** Gives those in line to whoever has room by now, and names all who have to hear of it. Whoever asks again hears it again. */
  look(): Promise<readonly DueTicket[]>;
  /** Its workflow is no more. */
  forget(ticketId: string): Promise<void>;
}

export interface PresenceStore {
  /** What it was before; null: there is no such agent. */
  set(agentId: string, presence: Presence): Promise<Presence | null>;
}
