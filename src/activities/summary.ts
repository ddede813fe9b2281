/** One message in the place of many: sent by whichever of the tickets it tells of comes first. */
import { activityInfo, cancellationSignal } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { Deps } from '../deps.ts';
import type { Summary, SummaryOutcome } from '../deps-summaries.ts';
import type { Delivery } from '../domain/delivery.ts';
import { ProviderError, StewardError } from '../domain/errors.ts';
import { quietUntil } from '../domain/quiet.ts';
import { summaryData } from '../domain/storm.ts';
import { watched } from './circuit.ts';
import { SHARE_TO_SEND, timeIsUp } from './failure.ts';
import { sendLetter } from './letter.ts';

export type SummaryParts = Pick<
  Deps,
  'summaries' | 'directory' | 'templates' | 'links' | 'outbox' | 'mailer' | 'slack' | 'healing'
>;

/** So many times an attempt's time until another ticket takes over: by then Temporal has begun the attempt again. */
const LEASE = 3;

/** What became of the message with its summary; null: it goes out by itself. @throws until the window has ended and its summary is out */
export async function summarised(deps: SummaryParts, delivery: Delivery): Promise<'summarised' | 'unknown' | null> {
  const quiet = quietEnd(deps, delivery);
  if (quiet !== null) throw later(delivery, 'QuietHours', quiet - Date.now());
  const limitMs = activityInfo().startToCloseTimeoutMs;
  const turn = await deps.summaries.begin(delivery, LEASE * limitMs);
  if (turn.turn === 'wait') throw later(delivery, 'SummaryDue', turn.ms);
  if (turn.turn !== 'send') return ENDED[turn.turn];
  const { summary } = turn;
  const limit = AbortSignal.timeout(Math.ceil(SHARE_TO_SEND * limitMs));
  const signal = AbortSignal.any([cancellationSignal(), limit]);
  try {
    const providerMessageId = await send(deps, delivery, summary, signal);
    await deps.summaries.finish(summary.id, delivery.id, { status: 'sent', providerMessageId });
    return 'summarised';
  } catch (error) {
    const outcome = failedAs(error);
    if (outcome && !cancellationSignal().aborted) await deps.summaries.finish(summary.id, delivery.id, outcome);
    if (outcome?.status === 'givenUp') return 'unknown';
    throw limit.aborted && error instanceof ProviderError ? timeIsUp(error) : error;
  }
}

const ENDED = { alone: null, told: 'summarised', inDoubt: 'unknown' } as const;

/** A window may end when its recipient's quiet hours have begun. Held messages have waited already. */
function quietEnd({ directory, templates }: SummaryParts, { recipient, template, facts }: Delivery): number | null {
  const quiet = directory.agent(recipient.id)?.quiet;
  if (!quiet || templates.isUrgent(template) || facts?.notBefore !== undefined) return null;
  return quietUntil(Date.now(), quiet);
}

/** Temporal comes back with it, whatever becomes of this worker. */
function later({ id }: Delivery, type: string, ms: number): ApplicationFailure {
  const message = `delivery ${id} waits for the summary that tells of it`;
  return ApplicationFailure.create({ type, message, nextRetryDelay: Math.max(1, Math.ceil(ms)) });
}

async function send(deps: SummaryParts, delivery: Delivery, summary: Summary, signal: AbortSignal): Promise<string> {
  const { channel, recipient } = delivery;
  const way = channel === 'slack' ? 'slack' : 'mail';
  // The next channel is tried at once in the place of one that is known to fail.
  const circuit = await deps.healing.circuits.open(way);
  if (circuit !== null && !circuit.stopped) {
    throw new ProviderError(way, `left alone: incident ${circuit.incidentId}`, { retryable: true });
  }
  const to = deps.directory.agent(recipient.id);
  const ids = { deliveryId: `summary-${summary.id}`, ticketId: `summary-${summary.id}` };
  const data = summaryData(summary, { id: recipient.id, name: to?.name ?? null }, deps.links.webUi);
  if (channel === 'mail') {
    if (to?.email == null) throw new ProviderError('mail', 'recipient has no address', { retryable: false });
    if (summary.answerLost && !(deps.templates.repeats('summary') && summary.repeats === 0)) {
      throw new StewardError('DeliveryUnknown', `summary ${summary.id}: the answer to an earlier try is lost`);
    }
    const address = { address: to.email, name: to.name };
    await watched(deps, 'mail', () => sendLetter(deps, { ...ids, to: address, template: 'summary', data }, signal));
    return ids.deliveryId;
  }
  const { slack } = deps;
  if (!slack || to?.slack == null) throw new ProviderError('slack', 'recipient has no account', { retryable: false });
  const said = { ...ids, channel: to.slack, text: (await deps.templates.render('summary', data)).text };
  return watched(deps, 'slack', async () => {
    const there = summary.answerLost ? await slack.find(said, signal) : null;
    return there ?? (await slack.post(said, signal));
  });
}

/** Undefined: nobody knows, and the next attempt asks. */
function failedAs(error: unknown): SummaryOutcome | undefined {
  if (error instanceof ProviderError) return { status: error.answerLost ? 'unknown' : 'failed', reason: error.reason };
  if (!(error instanceof StewardError)) return undefined;
  if (error.code === 'DeliveryUnknown') return { status: 'givenUp', reason: 'answer lost' };
  return { status: 'failed', reason: error.code };
}
