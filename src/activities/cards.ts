import { activityInfo, cancellationSignal } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { SlackDesk } from '../deps.ts';
import type { Face, Unmet } from '../domain/ask.ts';
import { sayUnmet } from '../domain/ask-words.ts';
import { ProviderError, StewardError } from '../domain/errors.ts';
import { composeCard, nameIn, templateData } from './card.ts';
import type { DeliverParts } from './deliver.ts';

export interface DrawCards {
  readonly ticketId: string;
  readonly round: number;
  readonly face: Face;
}
export interface AnswerClick {
  readonly ticketId: string;
  /** Slack's id of who clicked. */
  readonly user: string;
  readonly answerUrl: string | null;
  /** Null: a note was kept. */
  readonly unmet: Unmet | null;
  /** What they wrote, to have it back. */
  readonly written?: string;
}

/** Ends before Temporal gives the attempt up for lost: an old look must not arrive behind a newer one. */
const SHARE = 0.7;

export function cardActivities(deps: DeliverParts) {
  return {
    /** Makes every message of a round look like its face. Doing it twice is harmless. */
    async drawCards({ ticketId, round, face }: DrawCards): Promise<void> {
      const desk = deskOf(deps);
      const cards = await deps.deliveries.cards(ticketId, round);
      const ids = cards.map(({ deliveryId }) => deliveryId);
      const contexts = await deps.contexts.messageContexts(ticketId, ids);
      for (const [i, { deliveryId, messageId }] of cards.entries()) {
        const context = contexts[i];
        if (!context) continue;
        const delivery = await deps.deliveries.get(deliveryId);
        const { subject, text } = await deps.templates.render(delivery.template, templateData(deps, delivery, context));
        const card = composeCard(deps, delivery, context, { title: subject, round, face });
        await desk.redraw(messageId, { text, card }, within());
      }
    },

    /** Tells one of us alone what became of their click. */
    async answerClick({ ticketId, user, answerUrl, unmet, written }: AnswerClick): Promise<void> {
      const text =
        unmet === null
          ? `Your note about ticket ${ticketId} is kept. The customer does not see it.`
          : sayUnmet(unmet, ticketId, nameIn(deps));
      try {
        await deskOf(deps).whisper({ user, answerUrl }, { text, written }, within());
      } catch (error) {
        if (!(error instanceof ProviderError && error.retryable)) throw error;
        const { message, retryAfterMs } = error;
        // Temporal's to repeat: there is no ledger of what was said in private, and hearing it twice does no harm.
        throw ApplicationFailure.create({
          type: error.code,
          message,
          ...(retryAfterMs === undefined ? {} : { nextRetryDelay: retryAfterMs }),
        });
      }
    },
  };
}

function deskOf({ slackDesk }: DeliverParts): SlackDesk {
  if (slackDesk) return slackDesk;
  throw new StewardError('InvalidConfig', 'SLACK_SIGNING_SECRET is not configured on this worker');
}

function within(): AbortSignal {
  return AbortSignal.any([cancellationSignal(), AbortSignal.timeout(SHARE * activityInfo().startToCloseTimeoutMs)]);
}
