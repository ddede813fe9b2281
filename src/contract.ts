/**
 * The page both sides sign: what a client may say to a ticket's workflow and by which names. Loads in plain Node and in the
 * workflow sandbox alike, so it holds names, shapes and pure functions only.
 */
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { AskAct, Face, FormEnd } from './domain/ask.ts';
import type { Watched } from './domain/circuit.ts';
import type { TicketEnvelope } from './domain/envelope.ts';
import type { ErasureOutcome, ErasureState } from './domain/erase.ts';
import type { FailedOutcome } from './domain/feedback.ts';
import type { Identity } from './domain/identity.ts';
import type { Json } from './domain/json.ts';
import type { MailFacts } from './domain/mail.ts';
import type { Priority } from './domain/route.ts';
import type { Route, TicketState } from './domain/ticket.ts';

export const TASK_QUEUE = 'steward';
export const TICKET_WORKFLOW = 'supportTicket';

/** Providers have task queues of their own: the queue's rate limit is the provider's quota. */
export const PROVIDERS = ['comprehend', 'mail', 'slack', 'status', 'pagerduty'] as const;
export type Provider = (typeof PROVIDERS)[number];
export function providerQueue(taskQueue: string, provider: Provider): string {
  return `${taskQueue}-${provider}`;
}

export function ticketWorkflowId(ticketId: string): string {
  return `ticket-${ticketId}`;
}

/** The data key of workflows that carry ids and no text: it is never destroyed, so that they can be followed to their end. */
export const SYSTEM_KEY = 'system';
/** How the ids of such workflows begin. Every other workflow id has a data key of its own. */
export const SYSTEM_WORKFLOWS = [
  'erasure-',
  'monthly-audit',
  'retention',
  'parked-',
  'webhook-',
  'heal-',
  'notice-',
  'task-',
  'flow-canary-',
] as const;
/** Of them, those that a schedule starts. */
const SCHEDULED_WORKFLOWS: readonly string[] = ['monthly-audit', 'retention'];
/** Are they runs of one schedule? Temporal hands each of them the result or failure of the one before. */
export function areOfOneSchedule(workflowId: string, other: string): boolean {
  return SCHEDULED_WORKFLOWS.some((prefix) => workflowId.startsWith(prefix) && other.startsWith(prefix));
}
/** Under which name the data key of a workflow is kept. */
export function keyNameOf(workflowId: string): string {
  return SYSTEM_WORKFLOWS.some((prefix) => workflowId.startsWith(prefix)) ? SYSTEM_KEY : workflowId;
}

/** Names are created by the embedded stack and by the worker at its start; never personal data (search attributes are not encoded). */
export const SEARCH_ATTRIBUTES = {
  TicketState: 'KEYWORD',
  TicketPriority: 'KEYWORD',
  CustomerTier: 'KEYWORD',
  TicketRoute: 'KEYWORD',
  NeedsAttention: 'BOOL',
} as const;

export interface Outside {
  /** The sender's id of this event; the same id again is taken once. */
  readonly eventId?: string;
  /** Who sent it (`support.platform`, `form`, …); ids are unique per source. */
  readonly source?: string;
  /** By which API key an agent's word came: `ownKey/ID` or `key/ID`. */
  readonly via?: string;
}
export interface CustomerReplied extends Outside {
  readonly message: string;
  /** Of one that came by mail. */
  readonly mail?: MailFacts;
}
export interface AgentReplied extends Outside {
  readonly agentId: string;
  readonly message: string;
}
export type Claimed = Outside & Claim;
export interface Resolved extends Outside {
  readonly agentId?: string;
}
export type Reopened = Outside;
export interface Rated extends Outside {
  /** 1 (bad) to 5 (good). */
  readonly score: number;
}

/** A mail of the ticket failed after the provider took it. */
export interface DeliveryFailed extends Outside {
  readonly deliveryId: string;
  readonly outcome: FailedOutcome;
}

/** Somebody else has answered a mail of ours; what they wrote is a ticket of their own. */
export interface StrangerReplied extends Outside {
  readonly otherTicketId: string;
}

/** A provider is back, and what was found out without it may be found out anew. */
export interface LookAgain extends Outside {
  /** Absent: it was alone in doing without it. */
  readonly incidentId?: string;
}

/** An agent has room for a ticket that nobody has, or whoever has it is off. Where to look is the database's to say. */
export interface AssignmentDue extends Outside {
  /** Whose work is to be given to others. */
  readonly off?: string;
}

/** What somebody did at one of our messages in Slack. Slack waits for no answer: it comes by the message itself, or in private. */
export interface Clicked extends Outside {
  /** An agent's id; null: Slack's user is nobody that we know. */
  readonly by: string | null;
  /** Slack's id of who did it. */
  readonly user: string;
  readonly act: AskAct | FormEnd;
  /** Of the message. */
  readonly round: number;
  /** `reassign`: to whom, by agent's id; null: nobody that we know. */
  readonly to?: string | null;
  /** `snooze`: for how long. */
  readonly minutes?: number;
  /** `reply` and `replyAndSolve`: to the customer; `note`: to our own people. */
  readonly message?: string;
  /** Slack's address for an answer in private. */
  readonly answerUrl?: string;
}

export const customerReplied = defineSignal<[CustomerReplied]>('customerReplied');
export const agentReplied = defineSignal<[AgentReplied]>('agentReplied');
export const claimed = defineSignal<[Claimed]>('claimed');
export const resolved = defineSignal<[Resolved?]>('resolved');
export const reopened = defineSignal<[Reopened?]>('reopened');
export const rated = defineSignal<[Rated]>('rated');
export const deliveryFailed = defineSignal<[DeliveryFailed]>('deliveryFailed');
export const strangerReplied = defineSignal<[StrangerReplied]>('strangerReplied');
export const lookAgain = defineSignal<[LookAgain]>('lookAgain');
export const assignmentDue = defineSignal<[AssignmentDue]>('assignmentDue');
export const clicked = defineSignal<[Clicked]>('clicked');

export interface Claim {
  readonly agentId: string;
}
export interface Reply {
  readonly agentId: string;
  readonly message: string;
}
export interface Resolve {
  readonly agentId: string;
}
/** What one of us decides at a page, or a command line, that can wait for the answer. A round that is decided, or of which somebody else has the ticket, rejects it. */
export interface Decide {
  readonly by: string;
  readonly act: 'claim' | 'reassign' | 'snooze' | FormEnd;
  readonly round: number;
  /** `reassign`: to whom, by agent's id. */
  readonly to?: string;
  /** `snooze`: for how long. */
  readonly minutes?: number;
  /** `reply` and `replyAndSolve`: to the customer; `note`: to our own people. */
  readonly message?: string;
}
export const decide = defineUpdate<TicketView, [Decide]>('decide');
export const claim = defineUpdate<TicketView, [Claim]>('claim');
export const reply = defineUpdate<TicketView, [Reply]>('reply');
export const resolve = defineUpdate<TicketView, [Resolve]>('resolve');

/** What an operator says to a parked step; without `step` the only one, or the first, is meant. */
export interface ParkedStep {
  readonly step?: string;
}
export interface Fix extends ParkedStep {
  readonly input: Json;
}
export interface Skip extends ParkedStep {
  readonly result: Json;
}
export const retry = defineUpdate<TicketView, [ParkedStep?]>('retry');
export const fix = defineUpdate<TicketView, [Fix]>('fix');
export const skip = defineUpdate<TicketView, [Skip]>('skip');
export const abort = defineUpdate<TicketView, [ParkedStep?]>('abort');

export const ticket = defineQuery<TicketView>('ticket');

/** A step that used up its retries and waits for an operator. */
export interface Parked {
  /** State name and entry number (`EscalateToAgent#1`), or the occasion of a message. */
  readonly step: string;
  readonly error: string;
  /** In words of ours, which carry no personal data; what providers said stays out, since they echo what they were sent. */
  readonly cause: string;
  readonly attempts: number;
  /** ISO 8601. */
  readonly since: string;
  /** It has an input that `fix` can replace: a state of the flow. A message beside it has none. */
  readonly fixable: boolean;
}

/** What the workflow knows of itself, in ids and labels. */
export interface TicketView {
  readonly ticketId: string;
  readonly customerId: string;
  readonly state: TicketState;
  readonly route: Route;
  readonly priority: Priority | null;
  readonly tier: string | null;
  readonly assigneeId: string | null;
  readonly episode: number;
  readonly parked: readonly Parked[];
  /** What the ticket waits for, in words. */
  readonly waitingFor: string;
  /** What our people are asked now, and how its messages look; missing where nothing was asked yet. */
  readonly asked?: { readonly round: number; readonly face: Face };
}

export type TicketArgs = [envelope: TicketEnvelope];

/** An erasure's workflow: no payload of its own holds anything about the person but the request's id. */
export const ERASURE_WORKFLOW = 'eraseCustomer';
export function erasureWorkflowId(requestId: string): string {
  return `erasure-${requestId}`;
}
/** One that ended before the request was written down has done nothing: it comes again. One that has ended by right ends at once. */
export function erasureStart(requestId: string) {
  return {
    workflowId: erasureWorkflowId(requestId),
    args: [{ requestId }] as [ErasureArgs],
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    workflowIdConflictPolicy: 'FAIL',
    staticSummary: `Erasure ${requestId}`,
  } as const;
}

/** The request's proof is in the database: look there. */
export const proved = defineSignal('proved');
/** The person has proved a request of their own, which goes on in the place of this one. */
export const superseded = defineSignal('superseded');
/** What a privacy officer says; `by`: who they have shown to be. */
export interface Officer {
  readonly by: Identity;
}
export interface Refuse extends Officer {
  readonly reason: string;
}
export interface Extend extends Officer {
  /** Told to the person: why the request is complex, or that there are many (Art. 12(3)). */
  readonly reason: string;
}
export const approveErasure = defineUpdate<ErasureView, [Officer]>('approve');
export const refuseErasure = defineUpdate<ErasureView, [Refuse]>('refuse');
export const extendErasure = defineUpdate<ErasureView, [Extend]>('extend');
/** The officer knows the person: no code is needed, and another officer has to approve. */
export const vouchErasure = defineUpdate<ErasureView, [Officer]>('vouch');
/** The person stops it, while it is `cooling`. */
export const withdrawErasure = defineUpdate<ErasureView>('withdraw');
export interface ErasureStep extends ParkedStep {
  /** Missing where it was said to Temporal itself, which shows us nobody. */
  readonly by?: Identity;
}
export const retryErasure = defineUpdate<ErasureView, [ErasureStep?]>('retry');
export const skipErasure = defineUpdate<ErasureView, [ErasureStep?]>('skip');
export const erasure = defineQuery<ErasureView>('erasure');

/** What the erasure knows of itself. */
export interface ErasureView {
  readonly requestId: string;
  readonly state: ErasureState;
  readonly outcome: ErasureOutcome | null;
  /** ISO 8601: the end of the legal period, as extended. */
  readonly dueAt: string;
  readonly parked: readonly Omit<Parked, 'fixable'>[];
  /** In words. */
  readonly waitingFor: string;
}
export interface ErasureArgs {
  readonly requestId: string;
}
export interface ErasureResult {
  readonly requestId: string;
  readonly outcome: ErasureOutcome;
}

/** A month's audit: it takes no arguments, since a schedule's arguments can't be opened; when it was scheduled tells the month. */
export const MONTHLY_AUDIT_WORKFLOW = 'monthlyAudit';
/** The id of the schedule, and how the ids of its workflows begin. */
export const MONTHLY_AUDIT_SCHEDULE = 'monthly-audit';
export function monthlyAuditWorkflowId(month: string): string {
  return `monthly-audit-${month}`;
}
/** Temporal's own: for when the schedule meant it to run. */
export const SCHEDULED_AT = 'TemporalScheduledStartTime';
export interface MonthlyAuditResult {
  /** Such as `2026-10`. */
  readonly month: string;
  /** `first`: its report was made. Else the report stands, and what was measured again is the `same` or `differs`. */
  readonly outcome: 'first' | 'same' | 'differs';
  /** Of the report's figures; hex. */
  readonly sha256: string;
  /** Figures that differ, by their paths. */
  readonly differs: readonly string[];
  /** Officers whose mail was refused for good. */
  readonly notMailed: readonly string[];
}

/** The rule of retention, each night. */
export const RETENTION_WORKFLOW = 'retention';
export const RETENTION_SCHEDULE = 'retention';
/** Asked for by hand: one at a time. */
export const RETENTION_ASKED_ID = 'retention-asked';
export interface RetentionArgs {
  /** Does to tickets what is due, though `retention.daily` leaves that to people. */
  readonly apply: boolean;
}
export interface RetentionResult {
  /** Of what erasures kept; missing in histories from before. */
  readonly kept?: { readonly ended: number; readonly kept: number; readonly unclear: number };
  /** Runs of flows without a ticket: due, and gone where it was applied; due, but held by law. Missing in histories from before. */
  readonly runs?: { readonly over: number; readonly held: number };
  /** Messages in Slack: due with tickets that are only counted, taken away, and not taken away by Slack. Missing in histories from before. */
  readonly slack?: { readonly due: number; readonly removed: number; readonly left: number };
  /** False: what is due was counted only. */
  readonly applied: boolean;
  readonly tickets: number;
  /** Due, but held by law. */
  readonly held: number;
}

/** The same word to every step of a group of parked ones. */
export const PARKED_BATCH_WORKFLOW = 'operateParked';
export function parkedBatchWorkflowId(batchId: string): string {
  return `parked-${batchId}`;
}
export interface ParkedBatchArgs {
  readonly batchId: string;
  /** Where a new run goes on. */
  readonly next?: number;
}

/** What happens to tickets, told to one endpoint. */
export const WEBHOOK_WORKFLOW = 'tellWebhooks';
export function webhookWorkflowId(endpoint: string): string {
  return `webhook-${endpoint}`;
}
export interface WebhookArgs {
  /** Its name in policies/webhooks.yaml. */
  readonly endpoint: string;
}
/** There is something to tell. */
export const webhooksDue = defineSignal('webhooksDue');

/** A provider that was left alone: probed until it is back, told of, made up for. One for each incident. */
export const HEAL_WORKFLOW = 'healProvider';
export function healWorkflowId({ provider, incidentId }: HealArgs): string {
  return `heal-${provider}-${incidentId}`;
}
export interface HealArgs {
  readonly incidentId: string;
  readonly provider: Watched;
  /** A step of which nothing was heard for so long was lost with its worker. */
  readonly lostAttemptMs?: number;
}
/** Something about the incident has changed: look at once. */
export const incidentDue = defineSignal('incidentDue');

/** Something waits in a list for somebody to look, or does so no more: the admins are told. */
export const NOTICE_WORKFLOW = 'tellNotice';
export function noticeWorkflowId(noticeId: string): string {
  return `notice-${noticeId}`;
}
export interface NoticeArgs {
  readonly noticeId: string;
  /** A step of which nothing was heard for so long was lost with its worker. */
  readonly lostAttemptMs: number;
}
/** It has begun, or is over: tell it at once. */
export const noticeDue = defineSignal('noticeDue');

/** A new version of a flow that a share of tickets is given is watched. */
export const CANARY_WORKFLOW = 'watchCanary';
export function canaryWorkflowId({ name, number }: CanaryArgs): string {
  return `flow-canary-${name}-${number}`;
}
export interface CanaryArgs {
  readonly name: string;
  /** Of the change that began it. */
  readonly number: number;
}

/** How a ticket's workflow ended. */
export interface TicketOutcome {
  readonly ticketId: string;
  readonly outcome: 'closed' | 'known';
}
