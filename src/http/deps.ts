/** The outside world as the gateway sees it. */
import type { StewardClient } from '../client.ts';
import type { HeldEvent } from '../deps.ts';
import type { PresenceStore } from '../deps-assignments.ts';
import type { MonthlyAuditReader } from '../deps-audits.ts';
import type { FlowRule } from '../deps-flows.ts';
import type { KeyRole } from '../domain/access.ts';
import type { FailedOutcome, Feedback } from '../domain/feedback.ts';
import type { TaskSayingName, TaskSayings } from '../domain/flow-task.ts';
import type { OwnLists } from '../domain/list-mail.ts';
import type { MailFacts } from '../domain/mail.ts';
import type { LedgerName } from '../domain/message-id.ts';
import type { PrivacyPolicy } from '../domain/privacy-policy.ts';
import type { ParkedReason } from '../domain/receipt.ts';
import type { TicketState } from '../domain/ticket.ts';

import type { ErasureRequests } from '../erasure-requests.ts';
import type { HumanTasks } from '../human-tasks.ts';
import type { SlackPlace } from '../schema/slack-names.ts';
import type { SnsConfirmation, SnsMessage } from '../schema/sns.ts';
import type { HeaderOf, Heard } from '../schema/source-map.ts';

/** An outside event by its sender's name for it. */
export interface EventKey {
  readonly source: string;
  readonly eventId: string;
}

/** What the store knows of a ticket id. */
export interface KnownTicket {
  readonly source: string;
  readonly state: TicketState;
  /** The event that was asked about was taken already. */
  readonly taken: boolean;
  /** Its customer was erased, or is being erased. */
  readonly erased: boolean;
}

/** Who sent a request, by the API key that it shows. */
export interface AdmittedKey {
  readonly id: string;
  readonly name: string;
  readonly role: KeyRole;
  /** Whose own it is: it acts as this agent and nobody else. Null: it speaks for many, as a support platform's does. */
  readonly agent: string | null;
}

/** Answers of one round trip: is the key good, whose is the ticket id, and is the event about it news. */
export interface Admission {
  readonly key: AdmittedKey | null;
  readonly ticket: KnownTicket | null;
}

/** `isCustomers`: who writes is its customer, by the address. */
export interface AnsweredTicket {
  readonly ticketId: string;
  readonly isCustomers: boolean;
}

export interface IntakeStore {
  /** `keyHash`: hex SHA-256 of the API key. Throws when PostgreSQL is away. */
  admit(keyHash: string, ticketId: string | null, event?: EventKey): Promise<Admission>;
  ticket(ticketId: string, event?: EventKey): Promise<KnownTicket | null>;
  /** The first of these that is a ticket; null: none. */
  firstTicket(ticketIds: readonly string[]): Promise<string | null>;
  customerByEmail(email: string): Promise<{ readonly id: string } | null>;
  /**
   * The ticket whose message to its customer has the first of these names that is known: one whose customer is who now writes, else any.
   * Agents and admins answer the messages that they get as well, and those are no words of the customer.
   */
  ticketByMessage(names: readonly LedgerName[], sender: string): Promise<AnsweredTicket | null>;
  /** Is one of them a mail to our own people? */
  wentToUs(names: readonly LedgerName[]): Promise<boolean>;
  /** Of these deliveries those that went to a customer, and their tickets. */
  ticketsOfDeliveries(
    deliveryIds: readonly string[],
    sender: string,
  ): Promise<readonly (AnsweredTicket & { readonly deliveryId: string })[]>;
  /**
   * Keeps an event whose ticket has not come yet; `held: false` when the ticket has come meanwhile, and the caller should signal.
   * The text goes to `messages`. The same event again is held once.
   */
  hold(
    ticketId: string,
    event: HeldEvent & { readonly message?: string; readonly mail?: MailFacts | undefined },
  ): Promise<{ held: boolean }>;
  /**
   * What a new ticket that goes on from this one needs to know. `taken`: this very event was taken while the ticket was open.
   * Null when there is no such ticket.
   */
  closedTicket(
    ticketId: string,
    event: EventKey,
  ): Promise<{ readonly customerId: string; readonly subject: string; readonly taken: boolean } | null>;
  /** Puts on record that an event about somebody who was erased was turned away. */
  refuseErased(ticketId: string, event: EventKey): Promise<void>;
  /** A rating that comes after the workflow is over. */
  rateLate(ticketId: string, score: number, event: EventKey): Promise<void>;
}

export interface ConversationLine {
  readonly author: 'customer' | 'bot' | 'agent';
  /** Of a mail what is new in it. */
  readonly body: string;
  /** Of a mail with quotes: all of it. */
  readonly whole?: string;
  /** ISO 8601. */
  readonly at: string;
}
/** What a customer sees of their ticket. */
export interface StatusPage {
  readonly ticketId: string;
  readonly subject: string;
  readonly state: TicketState;
  readonly openedAt: string;
  readonly conversation: readonly ConversationLine[];
  readonly rating: number | null;
  readonly outage: readonly string[];
  /** Its customer was erased, or is being erased: nothing can be added. `inPart`: some of its words are there still, or are kept. */
  readonly erased: 'no' | 'inPart' | 'whole';
}
export interface PageStore {
  statusPage(ticketId: string): Promise<StatusPage | null>;
}

/** Private tokens of status pages: derived from the ticket's id with a secret, so that a link can be made again at any time. */
export interface TokenLinks {
  statusPage(ticketId: string): string;
  /** The ticket that a token opens, or null. */
  ticketOf(token: string): string | null;
  /** Did we give out the address with this token, for this message about this ticket? */
  isReplyTo(ticketId: string, deliveryId: string, mac: string): boolean;
  erasurePage(requestId: string): string;
  erasureOf(token: string): string | null;
  askOf(token: string): { readonly ticketId: string; readonly round: number; readonly agentId: string } | null;
  taskOf(token: string): { readonly taskId: string; readonly agentId: string } | null;
}

export type AnswerFlowTask = <K extends TaskSayingName>(
  key: AdmittedKey,
  saying: K,
  said: TaskSayings[K],
) => Promise<void>;

/** Bytes as Temporal keeps them. */
export interface RawPayload {
  readonly metadata: Readonly<Record<string, Uint8Array>>;
  readonly data: Uint8Array;
}

/** What somebody was shown, without anything of it. */
export interface CodecAudit {
  readonly key: AdmittedKey;
  readonly workflowIds: readonly string[];
  readonly opened: number;
  readonly erased: number;
  readonly unchanged: number;
}
/** For those who look into Temporal, by its Web UI or the `temporal` program, where what tickets say is encrypted. */
export interface CodecDoor {
  /** The one origin whose pages may ask, as browsers write it. */
  readonly webUiOrigin: string;
  /** `namespace: null`: the one that we work in. `unchanged`: it is not encrypted, or does not open here. Throws when PostgreSQL is away. */
  open(
    namespace: string | null,
    payload: RawPayload,
  ): Promise<
    | { readonly outcome: 'opened'; readonly workflowId: string; readonly payload: RawPayload }
    | { readonly outcome: 'erased'; readonly workflowId: string; readonly keyId: string }
    | { readonly outcome: 'unchanged' }
  >;
  /** @throws StewardError InvalidRequest, KeyShredded */
  seal(namespace: string | null, workflowId: string, payload: RawPayload): Promise<RawPayload>;
  /** Sessions of browsers: a token bound to the API key that began it, which is not the key. */
  readonly sessions: {
    begin(keyId: string): string;
    /** The API key's id, or null when it is over or none of ours. */
    keyOf(token: string): string | null;
    readonly seconds: number;
  };
  /** Null when it was revoked. */
  liveKey(id: string): Promise<AdmittedKey | null>;
  /** Writes down who was shown what, before it is shown. Throws when it can't: then nothing is shown. */
  record(audit: CodecAudit): Promise<void>;
}

/** Where Amazon SNS calls. */
export interface SnsDoor {
  /** `wrong`: for whoever sent it; quotes nothing of it. @throws StewardError Unavailable: it can't be told now, and may come again */
  verify(body: unknown): Promise<{ readonly message: SnsMessage } | { readonly wrong: string }>;
  /** Asks SNS to send what the topic has; only of a message that was verified. @throws StewardError Unavailable */
  confirm(message: SnsConfirmation): Promise<{ readonly wrong: string } | null>;
}

/** Where Slack calls when somebody does something at one of our messages. */
export interface SlackDoor {
  /** By the bytes as they came. `digest`: of the signature; `wrong`: for whoever sent it. */
  verify(
    headers: { readonly timestamp: string | null; readonly signature: string | null },
    body: Uint8Array,
  ): { readonly digest: Uint8Array } | { readonly wrong: string };
  /** The id in the team's file of a user of Slack; null: nobody's. */
  agentOf(user: string): string | null;
  nameOf(agentId: string): string;
  /** Opens the form in which somebody replies or solves; Slack holds the trigger for three seconds. @throws ProviderError */
  openForm(triggerId: string, from: SlackPlace & { readonly answerUrl: string | null }): Promise<void>;
  /** Says something to who clicked, alone. @throws ProviderError */
  whisper(answerUrl: string, text: string): Promise<void>;
}
export interface SlackCalls {
  /** Takes a call. `known`: it came before, here or elsewhere. Throws when PostgreSQL is away. */
  take(digest: Uint8Array): Promise<{ readonly known: boolean }>;
}

/** A mail of ours that failed after the provider took it. */
export interface FailedDelivery {
  readonly ticketId: string;
  readonly deliveryId: string;
  readonly outcome: FailedOutcome;
}
export interface FeedbackStore {
  /** Takes a message of SNS. `known`: all that it leads to was done; one that broke off on its way is not. */
  take(messageId: string): Promise<{ readonly known: boolean }>;
  /**
   * Writes what became of a mail into its delivery, and the customer it can't or may not reach into the suppression list. `failed`: those
   * of whom their tickets have to hear, told again as often as it is asked. Null: no mail of ours has this id (yet).
   */
  record(feedback: Feedback): Promise<{ readonly failed: readonly FailedDelivery[] } | null>;
  finish(messageId: string): Promise<void>;
}

/** A mail that came in and was not taken. */
export interface ParkedMail {
  readonly id: string;
  readonly reason: ParkedReason;
  /** The address in From; null where none can be read. */
  readonly sender: string | null;
  readonly providerId: string;
  /** ISO 8601. */
  readonly at: string;
}
export interface ParkedMailStore {
  /** Drops those that nobody has looked at in 30 days. */
  forgetOld(): Promise<void>;
  /** `fresh: false`: it is there already. */
  park(
    mail: Pick<ParkedMail, 'reason' | 'sender' | 'providerId'> & { readonly mail: string | null },
  ): Promise<{ readonly id: string; readonly fresh: boolean }>;
  /** The newest 200. */
  list(): Promise<readonly ParkedMail[]>;
  /** What it says, put on record as read by this API key before it is shown. Null: there is none, or its content is elsewhere. */
  read(id: string, by: string): Promise<string | null>;
  /** `mail`: a character for a byte. */
  find(id: string): Promise<{ readonly mail: string | null; readonly providerId: string } | null>;
  /** False: there is none. @param by id of the API key */
  drop(id: string, why: 'released' | 'dropped', by: string): Promise<boolean>;
}

/** Where a platform's own events come in. */
export interface SourceDoor {
  readonly name: string;
  /** Else it shows an API key. */
  readonly isSigned: boolean;
  /** What is wrong with the signature over the raw body; quotes nothing of it. `now`: epoch ms. */
  wrong(headers: { get(name: string): string | null }, body: Uint8Array, now: number): string | null;
  /** What an event comes to. Never throws. */
  hear(event: unknown, headerOf: HeaderOf): Heard;
}

/** Our people by the names of the team's file; undefined: nobody of it (any more). */
export type NameOf = (agentId: string) => string | undefined;

export interface GatewayDeps {
  readonly tasks: HumanTasks;
  readonly nameOf: NameOf;
  /** By their names. */
  readonly sources: ReadonlyMap<string, SourceDoor>;
  /** Missing where no topic is named: then nobody calls. */
  readonly sns?: SnsDoor | undefined;
  readonly feedback: FeedbackStore;
  readonly parkedMails: ParkedMailStore;
  /** What comes by them is from people. */
  readonly ownLists: OwnLists;
  /** Is it the address of somebody of the team's file? In whatever letters. */
  readonly isOurs: (email: string) => boolean;
  /** As whoever shows this key. */
  readonly presenceBy: (key: AdmittedKey) => PresenceStore;
  /** Missing where Slack has no signing secret for us. */
  readonly slack?: SlackDoor | undefined;
  readonly slackCalls: SlackCalls;
  readonly codec: CodecDoor;
  readonly client: StewardClient;
  /** With who said it in the log, before and after. @throws StewardError as the client, and when it can't be logged */
  readonly answerFlowTask: AnswerFlowTask;
  /** Is there a flow of this name that runs without a ticket? @throws StewardError InvalidRequest (there is none), InvalidFlow */
  findFlow(name: string): Promise<void>;
  readonly intake: IntakeStore;
  readonly pages: PageStore;
  readonly erasures: ErasureRequests;
  readonly audits: MonthlyAuditReader;
  readonly privacy: Pick<PrivacyPolicy, 'controller' | 'categories'>;
  readonly links: TokenLinks;
  /** How many proxies of ours stand before it. */
  readonly trustedProxies: number;
  /** The same id for the same address, whoever asks and however often. */
  readonly newCustomerId: (email: string) => string;
  /** A change of the policies is not taken over: those of before stay in force. */
  readonly policiesRefused: () => boolean;
  /** Has a restored backup brought erased people back, and nobody erased them again yet? */
  readonly isRestored?: () => boolean;
  /** Does what the flow's file says rule new tickets? */
  readonly flowStanding: () => Promise<FlowRule>;
  /** Is Temporal there? Throws when not. */
  readonly pingTemporal: () => Promise<void>;
  readonly log: {
    info(facts: object, message: string): void;
    warn(facts: object, message: string): void;
    error(facts: object, message: string): void;
  };
}
