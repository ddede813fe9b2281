/** What a flow tells somebody (`module:notify`), of a ticket and without one. */
import { activityInfo, cancellationSignal } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { Deps } from '../deps.ts';
import type { RunMessage, RunMessageRequest, RunStep } from '../deps-run-messages.ts';
import { type Channel, type Delivery, type DeliveryRequest, NOT_TO_SEND } from '../domain/delivery.ts';
import { type Problem, ProviderError, StewardError, sayProblems } from '../domain/errors.ts';
import type { Change } from '../domain/journal.ts';
import type { Json } from '../domain/json.ts';
import { BY_FLOW, CONTACT, checkNotification, type Notification, notificationOf } from '../domain/notify.ts';
import { quietUntil } from '../domain/quiet.ts';
import { type DeliverParts, queueDeliveries } from './deliver.ts';
import { failedAs, SHARE_TO_SEND, timeIsUp } from './failure.ts';
import { type RunMessageParts, sendByTransport } from './run-message.ts';

type Parts = DeliverParts & RunMessageParts & Pick<Deps, 'tasks' | 'runMessages' | 'plans'>;

export interface NotifyOfTicket {
  readonly change: Change;
  readonly occasion: string;
  readonly customerId: string;
  /** The Task's Parameters, as the flow has made them. */
  readonly request: Json;
}
export interface NotifyOfRun {
  readonly step: RunStep;
  readonly request: Json;
}
export interface QueuedOfRun {
  /** `isHeld`: it is not to go out yet. */
  readonly messages: readonly (RunMessage & { readonly isHeld: boolean })[];
  /** When an attempt that was lost with its worker is repeated. */
  readonly lostAttemptMs: number;
}
export interface SendRunMessage {
  readonly messageId: string;
  readonly request: Json;
}

export function notifyActivities(deps: Parts) {
  return {
    /** Queues what a ticket's flow has to tell, its words in the conversation: where the customer is told they see them too. */
    async queueNotification({ change, occasion, customerId, request }: NotifyOfTicket): Promise<readonly Delivery[]> {
      const { ticketId } = change;
      const asked = readNotification(request);
      const told = whomToTell(deps, asked);
      const requests = told.map(({ recipient, channel, notBefore }): DeliveryRequest => {
        const { kind } = recipient;
        const page = { action: 'trigger', dedupKey: `steward/${ticketId}/${occasion}`, severity: 'error' } as const;
        return {
          ticketId,
          occasion,
          recipient: kind === 'customer' ? { kind, id: customerId } : recipient,
          channel,
          template: templateFor(kind),
          facts: { subject: asked.subject, ...(kind === 'team' ? page : {}), ...(notBefore ? { notBefore } : {}) },
          ...(kind === 'agent' && !asked.urgent ? { storm: deps.directory.storm } : {}),
        };
      });
      const isTheirs = told.some(({ recipient }) => recipient.kind === 'customer');
      const message = { author: 'bot', authorId: BY_FLOW, body: asked.text, internal: !isTheirs, occasion } as const;
      return queueDeliveries(deps, withNames(change, asked.to), requests, message);
    },

    /** The same without a ticket; its words stay in the run's history. */
    async queueRunMessages({ step, request }: NotifyOfRun): Promise<QueuedOfRun> {
      const asked = readNotification(request);
      const storm = asked.urgent ? {} : { storm: deps.directory.storm };
      const requests = whomToTell(deps, asked).map((one) =>
        one.recipient.kind === 'agent' ? { ...one, ...storm } : one,
      );
      const messages = await deps.runMessages.queue(step, requests);
      const isHeld = ({ notBefore }: RunMessage) => (notBefore ?? 0) > Date.now();
      return {
        messages: messages.map((message) => ({ ...message, isHeld: isHeld(message) })),
        lostAttemptMs: deps.plans.timings.lostAttemptMs,
      };
    },

    /** Sends one of them through its row of the ledger: `sending` before, the outcome after. One that is settled is left alone. */
    async sendRunMessage({ messageId, request }: SendRunMessage): Promise<Pick<RunMessage, 'status'>> {
      const { runMessages } = deps;
      const waits = ((await runMessages.get(messageId)).notBefore ?? 0) - Date.now();
      if (waits > 0) {
        // Temporal comes back with it, whatever becomes of this worker.
        const message = `message ${messageId} waits`;
        throw ApplicationFailure.create({ type: 'QuietHours', message, nextRetryDelay: waits });
      }
      const { subject, text } = readNotification(request);
      const begun = await runMessages.begin(messageId);
      if (NOT_TO_SEND.includes(begun.status)) return { status: begun.status };
      const limit = AbortSignal.timeout(Math.ceil(Math.max(1, SHARE_TO_SEND * activityInfo().startToCloseTimeoutMs)));
      const signal = AbortSignal.any([cancellationSignal(), limit]);
      const template = templateFor(begun.recipient.kind);
      try {
        const isInDoubt = begun.status === 'sending' || begun.status === 'unknown';
        const providerMessageId = await sendByTransport(deps, begun, { template, subject, text, isInDoubt, signal });
        await runMessages.finish(messageId, { status: 'sent', providerMessageId });
        return { status: 'sent' };
      } catch (error) {
        const outcome = failedAs(error);
        if (outcome && !cancellationSignal().aborted) await runMessages.finish(messageId, outcome);
        throw limit.aborted && error instanceof ProviderError ? timeIsUp(error) : error;
      }
    },
  };
}

/** @throws StewardError InvalidRequest */
function readNotification(request: Json): Notification {
  const problems = checkNotification(request);
  if (problems.length === 0) return notificationOf(request);
  throw new StewardError('InvalidRequest', sayProblems(problems), { problems });
}

function templateFor(kind: RunMessageRequest['recipient']['kind']) {
  if (kind === 'customer') return 'notify-customer';
  return kind === 'team' ? 'notify-page' : 'notify';
}

type Told = Omit<RunMessageRequest, 'storm'>;

/** Each once, by the channel that was asked for where they have it. @throws StewardError InvalidRequest naming whom nobody knows */
function whomToTell(deps: Pick<Parts, 'tasks' | 'directory' | 'transports'>, asked: Notification): readonly Told[] {
  const problems: Problem[] = [];
  const told = asked.to.flatMap((name): Told[] => {
    if (name === 'customer') return [{ recipient: { kind: 'customer', id: '' }, channel: 'mail' }];
    if (name === 'onCall') return [{ recipient: { kind: 'team', id: 'pagerduty' }, channel: 'pagerduty' }];
    const found = name.startsWith(CONTACT) ? toContact(deps, name, asked) : toStaff(deps, name, asked);
    if (found === undefined) problems.push({ field: 'to', message: `nobody in policies/team.yaml is "${name}"` });
    return found ?? [];
  });
  if (problems.length > 0) throw new StewardError('InvalidRequest', sayProblems(problems), { problems });
  const names = new Set<string>();
  return told.filter(({ recipient: { kind, id } }) => {
    const isNew = !names.has(`${kind} ${id}`);
    names.add(`${kind} ${id}`);
    return isNew;
  });
}

function toContact(
  { directory, transports }: Pick<Parts, 'directory' | 'transports'>,
  name: string,
  { channel }: Notification,
): Told[] | undefined {
  const id = name.slice(CONTACT.length);
  const contact = directory.contact(id);
  return contact && [{ recipient: { kind: 'contact', id }, channel: wayTo(contact, transports, channel) }];
}

function toStaff(
  { tasks, directory, transports }: Pick<Parts, 'tasks' | 'directory' | 'transports'>,
  name: string,
  { channel, urgent }: Notification,
): Told[] | undefined {
  return tasks.people.named(name)?.map((id) => {
    const agent = directory.agent(id);
    const way = wayTo(agent, transports, channel);
    // A file in the outbox wakes nobody.
    const quiet = urgent || transports[way] === 'outbox' ? undefined : agent?.quiet;
    const until = quiet ? quietUntil(Date.now(), quiet) : null;
    const recipient = { kind: 'agent', id } as const;
    return { recipient, channel: way, ...(until === null ? {} : { notBefore: new Date(until).toISOString() }) };
  });
}

/** Everybody in the team's file has one of the two. */
function wayTo(
  to: { readonly email: string | null; readonly slack: string | null } | undefined,
  transports: Parts['transports'],
  wanted: Notification['channel'],
): Channel {
  const isOnSlack = transports.slack === 'slack' && to?.slack != null;
  if (!isOnSlack || wanted === 'slack') return isOnSlack ? 'slack' : 'mail';
  return wanted === 'mail' && to?.email != null ? 'mail' : 'slack';
}

/** Whom it was to go to, as the flow names them. */
function withNames(change: Change, to: readonly string[]): Change {
  const last = change.entries.length - 1;
  const entries = change.entries.map((one, i) => (i === last ? { ...one, facts: { ...one.facts, to: [...to] } } : one));
  return { ...change, entries };
}
