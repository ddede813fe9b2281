import { activityInfo, cancellationSignal, sleep } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { Deps, MessageContext, SlackThread } from '../deps.ts';
import { type Delivery, type DeliveryRequest, type DeliveryStatus, NOT_TO_SEND } from '../domain/delivery.ts';
import { ProviderError, StewardError } from '../domain/errors.ts';
import { roundOf } from './card.ts';
import { watched } from './circuit.ts';
import { composeMail, composePage, composeSlack } from './compose-message.ts';
import { failedAs, SHARE_TO_SEND, timeIsUp } from './failure.ts';
import { isPageInstead, noteRerouted, reroute } from './reroute.ts';
import { summarised } from './summary.ts';

export type DeliverParts = Pick<
  Deps,
  | 'deliveries'
  | 'summaries'
  | 'contexts'
  | 'directory'
  | 'templates'
  | 'links'
  | 'outbox'
  | 'mailer'
  | 'slack'
  | 'slackDesk'
  | 'pager'
  | 'healing'
  | 'transports'
>;

export interface Delivered {
  readonly deliveryId: string;
  readonly status: DeliveryStatus;
  /** The round of the message's buttons, where it has any and is out. */
  readonly card?: number;
}

export function deliverActivities(deps: DeliverParts) {
  return {
    /**
     * Sends one message through its ledger row: `sending` before, the outcome after. A row that is settled is left alone.
     * `again`: an operator decided to send although nobody knows whether it arrived.
     */
    async deliver(deliveryId: string, again = false): Promise<Delivered> {
      // The operator's word counts once: Temporal's own repeats know no more than any other attempt.
      return deliver(deps, deliveryId, again && activityInfo().attempt === 1);
    },

    /** The step that queued them is over: nobody will send them any more. */
    async giveUpDeliveries(ticketId: string, occasion: string): Promise<void> {
      await deps.deliveries.giveUp(ticketId, occasion);
    },

    /** Messages that must not go out any more. One that may have gone out stays as it is. */
    async withdraw(deliveryIds: readonly string[]): Promise<void> {
      await deps.deliveries.withdraw(deliveryIds, 'a person has the ticket');
    },
  };
}

/**
 * Queues messages in one transaction with the change they belong to. Those for the outbox, which is ours, are written at once: a
 * step of its own for each would cost 2 ms more. One that cannot be written stays queued, and fails where it is sent again.
 */
export async function queueDeliveries(
  deps: DeliverParts,
  ...queue: Parameters<DeliverParts['deliveries']['queue']>
): Promise<readonly Delivery[]> {
  const [change, requests, message] = queue;
  // They are sent in this order: nobody waits for the quiet hours of another.
  const inTime = [...requests].sort((a, b) => notBefore(a) - notBefore(b));
  const queued = await deps.deliveries.queue(change, inTime, message);
  const ours = queued.filter(({ transport, status }) => transport === 'outbox' && status === 'queued');
  if (ours.length === 0) return queued;
  const { ticketId } = change;
  const written = await writeToOutbox(deps, ticketId, ours).catch(() => new Set<string>());
  return queued.map((delivery) => (written.has(delivery.id) ? { ...delivery, status: 'sent' } : delivery));
}

/** The same file whoever writes it, however often: no mark before each is needed. Answers which were written. */
async function writeToOutbox(
  deps: DeliverParts,
  ticketId: string,
  deliveries: readonly Delivery[],
): Promise<Set<string>> {
  const ids = deliveries.map(({ id }) => id);
  const contexts = await deps.contexts.messageContexts(ticketId, ids);
  const files = await Promise.allSettled(
    deliveries.map(async (delivery, i) => {
      const context = contexts[i] as MessageContext;
      return { deliveryId: delivery.id, providerMessageId: await putInOutbox(deps, delivery, context) };
    }),
  );
  const written = files.flatMap((file) => (file.status === 'fulfilled' ? [file.value] : []));
  if (written.length > 0) await deps.deliveries.finishWritten(ticketId, written);
  return new Set(written.map(({ deliveryId }) => deliveryId));
}

async function putInOutbox(deps: DeliverParts, delivery: Delivery, context: MessageContext): Promise<string> {
  if (delivery.channel === 'pagerduty' || isPageInstead(delivery)) {
    return deps.outbox.write({ channel: 'pagerduty', page: await composePage(deps, delivery, context) });
  }
  return deps.outbox.write({ channel: 'mail', mail: await composeMail(deps, delivery, context) });
}

/** Epoch ms: when its recipient's quiet hours end, as that was decided when it was queued. 0: it need not wait. */
function notBefore({ facts }: Pick<DeliveryRequest, 'facts'>): number {
  return typeof facts?.notBefore === 'string' ? Date.parse(facts.notBefore) : 0;
}

async function deliver(deps: DeliverParts, deliveryId: string, again: boolean): Promise<Delivered> {
  const begun = Date.now();
  const queued = await deps.deliveries.get(deliveryId);
  const waits = notBefore(queued) - begun;
  if (waits > 0) {
    // Temporal comes back with it, whatever becomes of this worker.
    throw ApplicationFailure.create({
      type: 'QuietHours',
      message: `delivery ${deliveryId} waits for quiet hours to end`,
      nextRetryDelay: waits,
    });
  }
  // The morning may know better than the night did.
  const mayBeOutdated = queued.template === 'sla-warned' && notBefore(queued) > 0;
  if (mayBeOutdated && (await deps.deliveries.withdrawOutdated(queued))) return { deliveryId, status: 'suppressed' };
  const together = queued.windowId === undefined ? null : await summarised(deps, queued);
  if (together !== null) return { deliveryId, status: together };
  const delivery = await deps.deliveries.begin(deliveryId);
  if (NOT_TO_SEND.includes(delivery.status)) {
    return { deliveryId, status: delivery.status, ...cardOf(deps, delivery) };
  }
  const answerLost = delivery.status === 'sending' || delivery.status === 'unknown';
  const carried = await reroute(deps, delivery, answerLost);
  const isOther = carried !== delivery;
  const providerMessageId = await send(deps, carried, { answerLost: answerLost && !isOther, again, begun });
  await noteRerouted(deps, carried, true);
  await putDown(begun, () => deps.deliveries.finish(deliveryId, { status: 'sent', providerMessageId }));
  return { deliveryId, status: 'sent', ...cardOf(deps, carried) };
}

function cardOf({ slackDesk }: DeliverParts, delivery: Delivery): { card?: number } {
  const round = delivery.transport === 'slack' && slackDesk ? roundOf(delivery) : undefined;
  return round === undefined ? {} : { card: round };
}

async function send(
  deps: DeliverParts,
  delivery: Delivery,
  { answerLost, again, begun }: { answerLost: boolean; again: boolean; begun: number },
): Promise<string> {
  const [context] = await deps.contexts.messageContexts(delivery.ticketId, [delivery.id]);
  if (!context) throw new StewardError('InvalidRequest', `no delivery ${delivery.id}`);
  // Ends before Temporal gives the attempt up for lost and begins another: two at once could both send.
  const limit = AbortSignal.timeout(Math.ceil(Math.max(1, Math.min(SHARE_TO_SEND * timeLimitMs(), leftOfStepMs()))));
  const signal = AbortSignal.any([cancellationSignal(), limit]);
  try {
    if (delivery.transport === 'slack') return await toSlack(deps, delivery, context, answerLost, signal);
    if (delivery.transport === 'outbox') return await putInOutbox(deps, delivery, context);
    if (delivery.transport === 'pagerduty') return await toPagerDuty(deps, delivery, context, signal);
    const mail = await composeMail(deps, delivery, context);
    if (!deps.mailer) throw new StewardError('InvalidConfig', 'mail by SES is not configured on this worker');
    if (answerLost && !again && !mayRepeat(deps, delivery)) {
      throw new StewardError(
        'DeliveryUnknown',
        `delivery ${delivery.id}: the answer to an earlier try is lost, and template ${delivery.template} is not to be sent twice`,
      );
    }
    const { mailer } = deps;
    return await watched(deps, 'mail', () => mailer.send(mail, signal));
  } catch (error) {
    if (error instanceof ProviderError) await noteRerouted(deps, delivery, false);
    const isLate = limit.aborted;
    const outcome = failedAs(error);
    if (outcome) await putDown(begun, () => deps.deliveries.finish(delivery.id, outcome));
    throw isLate && error instanceof ProviderError ? timeIsUp(error) : error;
  }
}

/** Of an attempt's time, until when the provider's answer may be put down. */
const SHARE_TO_PUT_DOWN = 0.9;
const PAUSE_MS = 200;

function timeLimitMs(): number {
  return activityInfo().startToCloseTimeoutMs;
}

/** What is left for this attempt and all that may follow it; without end where the step has none. */
function leftOfStepMs(): number {
  const { scheduledTimestampMs, scheduleToCloseTimeoutMs } = activityInfo();
  return scheduleToCloseTimeoutMs > 0
    ? scheduledTimestampMs + scheduleToCloseTimeoutMs - Date.now()
    : Number.POSITIVE_INFINITY;
}

/**
 * The provider has answered: that is put down though PostgreSQL be away for a while, as long as the attempt lasts. Else the next
 * attempt would have to take the answer for lost.
 */
async function putDown(begun: number, write: () => Promise<void>): Promise<void> {
  const end = begun + SHARE_TO_PUT_DOWN * timeLimitMs();
  for (;;) {
    try {
      return await write();
    } catch (error) {
      if (error instanceof StewardError || Date.now() + PAUSE_MS >= end) throw error;
      await sleep(PAUSE_MS);
    }
  }
}

/** Mail has no look-up: it is repeated once where its template says that a second copy does no harm. */
function mayRepeat(deps: DeliverParts, delivery: Delivery): boolean {
  return deps.templates.repeats(delivery.template) && delivery.repeats === 0;
}

async function toSlack(
  deps: DeliverParts,
  delivery: Delivery,
  context: MessageContext,
  answerLost: boolean,
  signal: AbortSignal,
): Promise<string> {
  const { slack } = deps;
  if (!slack) throw new StewardError('InvalidConfig', 'Slack is not configured on this worker');
  const composed = await composeSlack(deps, delivery, context, deps.slackDesk !== undefined);
  const message = { ...composed, thread: await threadOf(deps, delivery) };
  return watched(deps, 'slack', async () => {
    const there = answerLost ? await slack.find(message, signal) : null;
    return there ?? (await slack.post(message, signal));
  });
}

/** How long a message waits for another one about its ticket that is on its way, and might be the one to stand below. */
const FIRST_OF_TWO_MS = 2_000;

async function threadOf({ deliveries, templates }: DeliverParts, delivery: Delivery): Promise<SlackThread> {
  const end = Date.now() + FIRST_OF_TWO_MS;
  const isUrgent = templates.isUrgent(delivery.template);
  for (;;) {
    const thread = { ...(await deliveries.slackThread(delivery)), isUrgent };
    if (thread.earlier.length > 0 || !thread.isInDoubt || Date.now() >= end) return thread;
    await sleep(PAUSE_MS);
  }
}

async function toPagerDuty(
  deps: DeliverParts,
  delivery: Delivery,
  context: MessageContext,
  signal: AbortSignal,
): Promise<string> {
  if (!deps.pager) throw new StewardError('InvalidConfig', 'PagerDuty is not configured on this worker');
  const { pager } = deps;
  const page = await composePage(deps, delivery, context);
  return watched(deps, 'pagerduty', () => pager.send(page, signal));
}
