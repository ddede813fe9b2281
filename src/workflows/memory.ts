import type { OwnFacts } from '../activities/own-facts.ts';
import type { Parked } from '../contract.ts';
import type { TaskEnded } from '../contract-tasks.ts';
import type { HeldEvent } from '../deps.ts';
import type { Ask } from '../domain/ask.ts';
import type { Sentiment } from '../domain/enrich.ts';
import type { TicketRow, TimelineEntry } from '../domain/journal.ts';
import type { Json, JsonObject } from '../domain/json.ts';
import type { Path } from '../domain/path-follow.ts';
import type { PinnedFlow, PlannedSource, Timings } from '../domain/plan.ts';
import type { Sla, Strike } from '../domain/sla.ts';
import type { Passing } from '../flow/passing.ts';
import type { Turn } from '../flow/position.ts';
import type { Tokens } from './task-tokens.ts';

/** Labels and numbers. */
export interface Analysed {
  readonly sentiment: Sentiment;
  /** What the module gave to the flow. */
  readonly output: JsonObject;
}

/** All that a ticket's workflow knows: plain JSON, so that it can go on as a new run. No free text but the flow's own input. */
export interface Memory {
  readonly ticketId: string;
  readonly customerId: string;
  readonly flow: PinnedFlow;
  readonly sources: readonly PlannedSource[];
  readonly timings: Timings;
  held: HeldEvent[];
  /** Came with the receipt, for the first analysis; a later one asks again. */
  own: OwnFacts | null;
  row: TicketRow;
  /** Labels that choose an agent's skills: language, tier, priority. */
  labels: JsonObject;
  seq: number;
  /** Entries and facts that go out with the next write. */
  notes: readonly TimelineEntry[];
  facts: JsonObject;
  /** Where the flow is; null before it began and once it has ended. */
  turn: Turn | null;
  /** Which way it took; missing in tickets from before that was kept. */
  passings?: Passing[];
  flowEnded: boolean;
  parked: readonly Parked[];
  /** A person claimed or answered it: the flow does not hand it over any more. */
  taken: boolean;
  /** Each of the customer's messages is analysed; missing in tickets from before that was so. */
  rereads?: boolean;
  /** What was drawn from the first message, to be looked at again where a provider was missing; in tickets from before that, missing. */
  analysed?: Analysed;
  /** The occasion of a further message that was analysed without the provider. */
  rereadDegraded?: string;
  /** The customer asked for a person; missing where nobody looked. */
  wantsPerson?: boolean;
  /** The customer wrote again before anybody had answered: the occasions that are still to be analysed; missing where they did not. */
  early?: readonly string[];
  /** It went to a person since they asked for one, whatever the flow was at: it need not hand it over again. */
  given?: boolean;
  /** How often a step was parked so far: tells one word to the admins from the next. */
  parkings: number;
  /** Attempts of each step so far. */
  attempts: Record<string, number>;
  /** How many of `CHANGES` there were when it began; missing in tickets from before that was kept. */
  changes?: number | undefined;
  /** Which way the flow's Choices went. */
  decisions: readonly JsonObject[];
  /** Events that were taken, `source/id` to epoch ms: none is taken twice. Those from before `seenSince` only the store knows. */
  seen: Record<string, number>;
  seenSince: string | null;
  /** What stands in the place of labels of events that must not be written down; missing where there was none. */
  standIns?: Readonly<Record<string, string>>;
  /** What a repeated module need not do again, by occasion. */
  done: Record<string, Json>;
  /** What became of what the flow asked people, by occasion; missing where it asked nothing. */
  taskEnds?: Record<string, TaskEnded>;
  /** Of Tasks that wait for whoever has their token; missing where the flow has none. */
  tokens?: Tokens;
  /** Epoch ms of the deadline that now runs, and what it does. */
  deadline: { readonly at: number; readonly event: 'silenceEnded' | 'windowEnded'; readonly id: string } | null;
  /** The clock that it runs under; null (or, in tickets from before there was one, missing): none. */
  sla?: Sla | null;
  /** Its escalation path; null (or, in tickets from before there was one, missing): nobody is called. */
  path?: Path | null;
  /** What it asks of our people by messages with buttons; missing in tickets from before there were such. */
  ask?: Ask;
  /** Deadlines that went by of which nobody was told yet. */
  struck: readonly Strike[];
  /** What the search attributes say at the server. */
  published: string;
}
