/** The outside world as the activities see it. `compose.ts` fills it in; nothing here names a concrete thing. */

import type { Assigned, AssignmentAsked, Responders } from './deps-assignments.ts';
import type { MonthlyAuditDeps } from './deps-audits.ts';
import type { Directory } from './deps-directory.ts';
import type { ErasureDeps } from './deps-erasure.ts';
import type { CanaryStore, FlowName, FlowStore } from './deps-flows.ts';
import type { HealingDeps } from './deps-healing.ts';
import type { HttpCaller } from './deps-http.ts';
import type { DataKeys, KeySubject } from './deps-keys.ts';
import type { Links, Mailer, Outbox, Pager, SlackDesk, SlackPoster, SlackThread, Templates } from './deps-messages.ts';
import type { NoticeStore } from './deps-notices.ts';
import type { ParkedBatchStore } from './deps-parked.ts';
import type { RetentionDeps } from './deps-retention.ts';
import type { RunMessageStore } from './deps-run-messages.ts';
import type { SummaryStore } from './deps-summaries.ts';
import type { TaskDeps } from './deps-tasks.ts';
import type { WebhookDeps } from './deps-webhooks.ts';
import type { AuditEntry, AuditHead, KeptHead } from './domain/audit.ts';
import type { Channel, Delivery, DeliveryRequest, Transport } from './domain/delivery.ts';
import type { CustomerHistory, SentimentFinding, SystemStatus, Tier } from './domain/enrich.ts';
import type { TicketEnvelope } from './domain/envelope.ts';
import type { Change } from './domain/journal.ts';
import type { JsonObject } from './domain/json.ts';
import type { MailFacts } from './domain/mail.ts';
import type { PathRules } from './domain/path.ts';
import type { PinnedFlow, PlannedSource, Timings } from './domain/plan.ts';
import type { HelpMatch } from './domain/resolve.ts';
import type { SlaRules } from './domain/sla.ts';

export type { Directory } from './deps-directory.ts';
export type {
  Card,
  Links,
  LostSlackMessage,
  Mail,
  Mailer,
  Outbox,
  PageEvent,
  Pager,
  SlackCopies,
  SlackCopy,
  SlackDesk,
  SlackMessage,
  SlackPoster,
  SlackThread,
  TaskCard,
  Templates,
} from './deps-messages.ts';

export interface Customer {
  readonly id: string;
  readonly name: string | null;
  readonly email: string | null;
}

export interface CustomerFacts {
  readonly customerId: string;
  readonly tier: Tier;
  readonly history: CustomerHistory;
}

/** What a ticket says, for those who must read it: its subject and what is new in its first message. */
export interface TicketText {
  readonly subject: string;
  readonly message: string;
  readonly platformScore: number | null;
  readonly customerId: string;
  readonly envelopeTier: string | null;
}

export type MessageAuthor = 'customer' | 'bot' | 'agent';
export interface NewMessage {
  readonly author: MessageAuthor;
  readonly authorId: string | null;
  readonly body: string;
  /** Of one that came by mail. */
  readonly mail?: MailFacts | undefined;
  /** For our own people: the customer never sees it. */
  readonly internal?: boolean;
}

/** An event that came before its ticket. Its text waits in `messages`. */
export interface HeldEvent {
  readonly type: 'customerReplied' | 'agentReplied' | 'claimed' | 'resolved' | 'reopened' | 'rated';
  readonly eventId: string;
  readonly source: string;
  readonly agentId: string | null;
  readonly score: number | null;
}

/** `frozen`: its customer is being erased, and who writes meanwhile waits. */
export type Claimed =
  | { readonly outcome: 'known' }
  | { readonly outcome: 'frozen' }
  | { readonly outcome: 'new'; readonly customerId: string; readonly flow: FlowName };

/** An outside event as it is taken: once per (source, eventId). */
export interface TakenEvent {
  readonly source: string;
  readonly eventId: string;
  /** Absent with a held event: its text is in `messages` already. */
  readonly message?: NewMessage;
  readonly score?: number;
}

export interface NameWish {
  /** Nobody is named while they are being erased: the workflow waits until that is over, and asks again. */
  readonly waitsForErasure: boolean;
  /** Another workflow has started it, for its own customer. */
  readonly isChild: boolean;
}

export interface NamedSubject {
  readonly customerId: string | null;
  /** The key is somebody else's already, and stays theirs. */
  readonly isAnothers: boolean;
  /** They are being erased. */
  readonly isFrozen: boolean;
}

export interface TicketStore {
  /**
   * Takes the id, the customer and the first message, once. `runId` tells a repeat of this very step from another workflow's.
   * @throws StewardError TicketConflict when the id belongs to another source.
   */
  claim(envelope: TicketEnvelope, claim: { change: Change; runId: string; flow: FlowName }): Promise<Claimed>;
  /**
   * Where no ticket is taken: the workflow's key dies with a customer whom we know by one of these, as its history does; one whom we know
   * later only gets it then.
   */
  nameSubject(workflowId: string, who: KeySubject, wish: NameWish): Promise<NamedSubject>;
  /**
   * The same for what a workflow is about to start for its own customer: its key dies with them whenever it begins. False: the key is
   * somebody else's already.
   */
  nameChild(parentId: string, childId: string): Promise<boolean>;
  /**
   * Events that came before their ticket. Asked after the claim is committed: an event that is held meanwhile sees the ticket and signals
   * it instead. They stay until the ticket closes: a first task that is lost after it took them must find them again.
   */
  held(ticketId: string): Promise<readonly HeldEvent[]>;
  customerFacts(ticketId: string): Promise<CustomerFacts>;
  text(ticketId: string): Promise<TicketText>;
  /** What is new in a message, by its occasion. @throws StewardError InvalidRequest for one that is not there */
  said(ticketId: string, occasion: string): Promise<string>;
  /** What is new in each of the customer's messages after the first, in order. */
  further(ticketId: string): Promise<readonly string[]>;
  record(change: Change): Promise<void>;
  /**
   * Event, message, rating and change in one transaction; a duplicate changes nothing. Of events since `remembered` (ISO 8601; null:
   * of all) the ticket itself knows which it took, so that only an older one can be a duplicate here.
   */
  take(change: Change, event: TakenEvent, remembered: string | null): Promise<{ readonly duplicate: boolean }>;
  /** Who takes it, under the lock of the team; null: nobody has room, and it waits in line. The same occasion gives the same answer again. */
  assign(asked: AssignmentAsked): Promise<Assigned>;
}

export interface DeliveryStore {
  /** Writes the change, an optional message, and the rows; ids in the order of `requests`. A row that exists is left as it is. */
  queue(
    change: Change,
    requests: readonly DeliveryRequest[],
    message?: NewMessage & { readonly occasion: string },
  ): Promise<readonly Delivery[]>;
  /** Marks the row `sending` and returns it as it was before: `sending` there means that an answer was lost. */
  begin(deliveryId: string): Promise<Delivery>;
  /** Another carries it; the channel stays as it was asked for. */
  reroute(deliveryId: string, transport: Transport, facts: NonNullable<DeliveryRequest['facts']>): Promise<void>;
  finish(deliveryId: string, outcome: DeliveryOutcome): Promise<void>;
  /** It was to a customer whom no mail reaches any more, or who wants none, or one too many of ours in a day, or a bot's answer that came back. */
  isUnreached(deliveryId: string): Promise<boolean>;
  /** Messages with buttons of a round that went out by Slack, with Slack's ids. */
  cards(
    ticketId: string,
    round: number,
  ): Promise<readonly { readonly deliveryId: string; readonly messageId: string }[]>;
  /** The ticket's other messages in Slack; in doubt are those to the same recipient that began before. */
  slackThread(delivery: Pick<Delivery, 'id' | 'ticketId' | 'recipient'>): Promise<Omit<SlackThread, 'isUrgent'>>;
  /** @throws StewardError InvalidRequest for one that is not there */
  get(deliveryId: string): Promise<Delivery>;
  /** Suppresses those that are queued or were refused. */
  withdraw(deliveryIds: readonly string[], reason: string): Promise<void>;
  /**
   * Suppresses a warning of a deadline that was met or missed while the warning waited, and those that wait in the same window. True: this one
   * is out of date.
   */
  withdrawOutdated(delivery: Pick<Delivery, 'id' | 'windowId'>): Promise<boolean>;
  /** Our people whom an occasion's messages have not reached, for all that is known. */
  unreached(ticketId: string, occasion: string): Promise<readonly string[]>;
  /** What is still queued for this occasion will not be sent: its last failure is the final one; what was never tried is suppressed. */
  giveUp(ticketId: string, occasion: string): Promise<void>;
  /** Begun and finished in one: for messages that were written where a second writing changes nothing. */
  finishWritten(
    ticketId: string,
    written: readonly { readonly deliveryId: string; readonly providerMessageId: string }[],
  ): Promise<void>;
}
export type DeliveryOutcome =
  | { readonly status: 'sent'; readonly providerMessageId: string }
  | { readonly status: 'queued' | 'unknown' | 'failed' | 'suppressed'; readonly reason: string };

export interface HelpStore {
  search(ticketId: string, language: string): Promise<readonly HelpMatch[]>;
  article(id: string): Promise<{ readonly id: string; readonly title: string; readonly body: string } | null>;
}

/** Everything a template may speak of: loaded by id when a message is sent. */
export interface MessageContext {
  readonly ticket: {
    readonly id: string;
    readonly subject: string;
    readonly state: string;
    readonly priority: string | null;
    readonly tier: string | null;
    readonly facts: JsonObject;
    /** When the next promise of its SLA is due; null: none runs. */
    readonly dueAt: Date | null;
  };
  readonly customer: Customer;
  /** The message that this delivery carries, if it carries one. */
  readonly text: string | null;
  readonly customerText: string;
  /** What the customer wrote since then and nobody had answered when this delivery was queued, the oldest first. */
  readonly customerNow: readonly string[];
  /** Message-IDs of the customer's mails, the oldest first: the one that began it, and the last ones. */
  readonly mailIds: readonly string[];
}
export interface ContextStore {
  /** Of deliveries of one ticket, in their order, by one look. */
  messageContexts(ticketId: string, deliveryIds: readonly string[]): Promise<readonly MessageContext[]>;
}

/** A provider's sentiment of a text, language detected first. @throws ProviderError */
export interface SentimentProvider {
  detect(text: string, signal: AbortSignal): Promise<SentimentFinding & { readonly language: string }>;
}
export interface LocalAnalyser {
  /** undefined when the text has no word that the lexicon knows. */
  sentiment(text: string, language: string): SentimentFinding | undefined;
  /** ISO 639-1; `en` when nothing can be told. */
  language(text: string): string;
}
export interface StatusProvider {
  fetch(signal: AbortSignal): Promise<Pick<SystemStatus, 'indicator' | 'incidents'>>;
}
export interface StatusSnapshots {
  save(status: Pick<SystemStatus, 'indicator' | 'incidents'>, at: Date): Promise<void>;
  last(): Promise<(Pick<SystemStatus, 'indicator' | 'incidents'> & { readonly at: string }) | null>;
}

/** For effects that have no row of their own. One with a row writes its entry in the same statement, in the store. */
export interface AuditLog {
  /** @throws when it can't be written: then the effect must not happen. */
  append(entries: readonly AuditEntry[]): Promise<void>;
}

/** Where the audit log's heads are kept, out of the database's reach. */
export interface AuditHeads {
  keep(head: AuditHead): Promise<void>;
  /** The highest of the last ones; null where there is none. */
  newest(): Promise<KeptHead | null>;
  read(): Promise<HeadsRead>;
}
export interface HeadsRead {
  readonly heads: readonly KeptHead[];
  /** What is wrong with the place itself: it is missing, or empty, or a line in it is no head. */
  readonly warnings: readonly string[];
}

/** What is pinned into a ticket's history when it is received. */
export interface Plans {
  readonly flow: PinnedFlow;
  readonly sources: readonly PlannedSource[];
  readonly timings: Timings;
  /** Null: tickets run under no clock. */
  readonly sla: SlaRules | null;
  /** Null: nobody is called. */
  readonly escalation: PathRules | null;
  /** The flow of this name, to run without a ticket: `ruling` says by which version, given what the file has. @throws StewardError InvalidRequest (there is none), InvalidFlow */
  find(name: string, ruling: (file: PinnedFlow) => Promise<PinnedFlow>): Promise<PinnedFlow>;
}

export interface Deps {
  readonly audits: MonthlyAuditDeps;
  readonly retention: RetentionDeps;
  readonly parkedBatches: ParkedBatchStore;
  readonly tasks: TaskDeps;
  readonly webhooks: WebhookDeps;
  readonly healing: HealingDeps;
  readonly notices: NoticeStore;
  /** Those that are looked at while we run, as the settings name them. */
  readonly policyFiles: readonly string[];
  readonly flows: FlowStore;
  readonly canaries: CanaryStore;
  readonly runMessages: RunMessageStore;
  readonly http: HttpCaller;
  readonly erasure: ErasureDeps;
  readonly dataKeys: DataKeys;
  readonly tickets: TicketStore;
  readonly deliveries: DeliveryStore;
  readonly summaries: SummaryStore;
  readonly contexts: ContextStore;
  readonly help: HelpStore;
  readonly directory: Directory;
  readonly responders: Responders;
  readonly plans: Plans;
  readonly templates: Templates;
  readonly links: Links;
  readonly outbox: Outbox;
  readonly local: LocalAnalyser;
  readonly snapshots: StatusSnapshots;
  readonly comprehend?: SentimentProvider | undefined;
  readonly status?: StatusProvider | undefined;
  readonly mailer?: Mailer | undefined;
  readonly slack?: SlackPoster | undefined;
  readonly slackDesk?: SlackDesk | undefined;
  readonly pager?: Pager | undefined;
  /** Which transport a channel has today. */
  readonly transports: Readonly<Record<Channel, Transport>>;
  readonly audit: AuditLog;
}
