/** Providers that fail: what is counted of their calls, and the incidents that come of it. */
import type { CircuitRules, RemedyRules, Watched, Way } from './domain/circuit.ts';
import type { Incident, IncidentOccasion, Probing } from './domain/incident.ts';

export interface HealingRules {
  readonly circuit: CircuitRules;
  readonly remedies: Readonly<Record<Watched, RemedyRules>>;
  /** Tickets that are looked at again when a provider is back. */
  readonly againPerSecond: number;
}

export interface OpenCircuit {
  readonly incidentId: string;
  /** Its remedy is used no more: calls go out as if the circuit were closed. */
  readonly stopped: boolean;
}

/** Calls to providers as the circuits see them. */
export interface Circuits {
  /** Null: it is closed. At most a moment old. */
  open(provider: Watched): Promise<OpenCircuit | null>;
  /** Kept in memory until a failure is written: a call that succeeds costs nothing. */
  succeeded(provider: Watched): void;
  /** Counts, and opens the circuit where that is due: of many at once one opens it. */
  failed(provider: Watched, reason: string): Promise<void>;
  /** Takes one use of the remedy; false: it has ended. */
  useRemedy(circuit: OpenCircuit): Promise<boolean>;
  /** How it went; several in a row that did not help end it. */
  remedyEnded(incidentId: string, provider: Watched, helped: boolean): Promise<void>;
  /** The ticket did without the provider, and is looked at again when it is back. */
  degraded(provider: Watched, ticketId: string): Promise<void>;
}

export type Begun = 'send' | 'again' | 'sent';

export interface IncidentStore {
  /** @throws StewardError InvalidRequest for one that is not there */
  get(incidentId: string): Promise<Incident>;
  /** Somebody is at it for so long: no other workflow is begun for it. */
  watch(incidentId: string, ms: number): Promise<void>;
  /** `close`: by a probe. The first closing stands. */
  probed(incidentId: string, probing: Probing, close: boolean): Promise<Incident>;
  /** Whether a call to it has failed since then (epoch ms). */
  failedSince(provider: Watched, at: number): Promise<boolean>;
  /** Whether an admin was told of it by any channel. */
  isTold(incidentId: string, occasion: IncidentOccasion, recipientId: string): Promise<boolean>;
  /** Before a message. `again`: it was begun before, and nobody knows whether it went out. */
  beginMessage(message: IncidentMessage): Promise<Begun>;
  finishMessage(message: IncidentMessage, outcome: MessageOutcome): Promise<void>;
  /** Tickets that did without the provider and are still to be looked at; none where it has failed again meanwhile. */
  toLookAgain(incidentId: string, limit: number): Promise<readonly string[]>;
  lookedAgain(provider: Watched, ticketIds: readonly string[]): Promise<void>;
  /** All that did without the provider since the incident began. */
  countDegraded(incidentId: string): Promise<number>;
  end(incidentId: string): Promise<void>;
  /** Incidents at which somebody has to look; each is given to one who asks. */
  wanting(): Promise<readonly { readonly incidentId: string; readonly provider: Watched }[]>;
}

export interface IncidentMessage {
  readonly incidentId: string;
  readonly occasion: IncidentOccasion;
  readonly recipientId: string;
  readonly channel: Way;
}
export type MessageOutcome =
  | { readonly status: 'sent' }
  | { readonly status: 'unknown' | 'failed'; readonly reason: string };

/** A ticket that did without a provider, and is told to look again by no incident. */
export interface DegradedTicket {
  readonly ticketId: string;
  readonly provider: Watched;
  /** When it was taken, in microseconds since 1970: names the look. */
  readonly at: string;
}
export interface DegradedTickets {
  /**
   * Those that are to look again now: something is still missing, no incident covers them, and the provider has not failed for a while. Each is
   * given to one who asks, and again after a pause if it is still missing something then.
   */
  take(): Promise<readonly DegradedTicket[]>;
  /** It could not be told: it is taken again. */
  giveBack(ticket: DegradedTicket): Promise<void>;
  /** Nobody is there any more to be told. */
  settle(ticket: DegradedTicket): Promise<void>;
}

/** A real call that changes nothing. @throws ProviderError */
export type Probe = (signal: AbortSignal) => Promise<void>;

export interface HealingDeps {
  /** Null: there is no policies/healing.yaml, and nothing is left alone. */
  readonly rules: HealingRules | null;
  readonly circuits: Circuits;
  readonly incidents: IncidentStore;
  /** Null: nothing is looked at again. */
  readonly degraded: DegradedTickets | null;
  /** Where a provider has none, time alone closes its circuit. */
  readonly probes: Readonly<Partial<Record<Watched, Probe>>>;
}
