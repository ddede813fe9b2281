/** `POST /v1/sns`: what Amazon SES tells of our mails, and mails that it takes in for us, by an SNS topic. No API key: SNS has none, and signs instead. */
import { Hono } from 'hono';
import { StewardError } from '../domain/errors.ts';
import { type Feedback, readFeedback } from '../domain/feedback.ts';
import { type ParkedReason, readReceipt } from '../domain/receipt.ts';
import type { SnsMessage } from '../schema/sns.ts';
import { parseJson, readBody } from './body.ts';
import type { FailedDelivery, GatewayDeps, SnsDoor } from './deps.ts';
import { acceptReceipt } from './receipts.ts';
import { Refusal } from './refusal.ts';

/** A message of SNS has 256 KiB; as JSON within JSON it grows. */
export const MAX_SNS_BYTES = 1024 * 1024;
export const SES_SOURCE = 'ses';

/** SES may be quicker than we are at writing down the id that it gave. */
const YOUNG_MS = 60_000;

type Parts = Pick<
  GatewayDeps,
  'sns' | 'feedback' | 'client' | 'intake' | 'links' | 'newCustomerId' | 'ownLists' | 'isOurs' | 'parkedMails' | 'log'
>;

export function snsRoutes(deps: Parts, now: () => number = Date.now): Hono {
  const routes = new Hono();
  const { sns } = deps;
  if (!sns) return routes;
  routes.post('/v1/sns', async (c) => {
    const verdict = await sns.verify(parseJson(await readBody(c.req.raw, MAX_SNS_BYTES)));
    if ('wrong' in verdict) throw refused(deps, verdict.wrong);
    const { message } = verdict;
    const { known } = await deps.feedback.take(message.MessageId);
    if (known) return c.json({ known: true }, 200);
    const answer = await heed(deps, sns, message, now());
    // Last: whatever broke off above is done again when SNS repeats it.
    await deps.feedback.finish(message.MessageId);
    return c.json(answer, 200);
  });
  return routes;
}

function refused({ log }: Parts, wrong: string): Refusal {
  log.warn({ wrong }, 'a call in the name of SNS was refused');
  return new Refusal(403, 'SignatureWrong', `Not taken: ${wrong}`);
}

interface Heeded {
  readonly confirmed?: true;
  /** The ticket that a mail came to. */
  readonly ticketId?: string;
  readonly parked?: ParkedReason;
  readonly ignored?: true;
  readonly outcome?: Feedback['outcome'];
}

async function heed(deps: Parts, sns: SnsDoor, message: SnsMessage, now: number): Promise<Heeded> {
  const { TopicArn: topic } = message;
  if (message.Type === 'SubscriptionConfirmation') {
    const failed = await sns.confirm(message);
    if (failed) throw refused(deps, failed.wrong);
    deps.log.info({ topic }, 'subscribed to a topic of SNS');
    return { confirmed: true };
  }
  if (message.Type === 'UnsubscribeConfirmation') {
    deps.log.warn({ topic }, 'no longer subscribed to a topic of SNS: bounces stay unknown');
    return { ignored: true };
  }
  const receipt = readReceipt(message.Message);
  if (receipt) return acceptReceipt(deps, receipt);
  const feedback = readFeedback(message.Message);
  if (!feedback) return { ignored: true };
  const recorded = await deps.feedback.record(feedback);
  if (recorded === null) {
    if (now - feedback.sentAt < YOUNG_MS) {
      throw new StewardError('Unavailable', 'no mail of this id is known yet; send it again a little later');
    }
    // Another program's, or a letter that belongs to no ticket.
    return { ignored: true };
  }
  for (const failed of recorded.failed) await tell(deps, failed);
  return { outcome: feedback.outcome };
}

/** A ticket whose workflow is over hears nothing; its delivery says what became of it. */
async function tell({ client }: Parts, { ticketId, deliveryId, outcome }: FailedDelivery): Promise<void> {
  const said = { deliveryId, outcome, source: SES_SOURCE, eventId: `${deliveryId}/${outcome}` };
  await client.tell(ticketId, 'deliveryFailed', said).catch((error: unknown) => {
    if (!(error instanceof StewardError && error.code === 'TicketUnknown')) throw error;
  });
}
