import type { Deps } from '../deps.ts';
import type { Delivery } from '../domain/delivery.ts';
import type { Change } from '../domain/journal.ts';
import { wantsPerson } from '../domain/person-wish.ts';
import { type HelpMatch, isSure } from '../domain/resolve.ts';
import { type DeliverParts, queueDeliveries } from './deliver.ts';

export interface BotAnswer {
  readonly change: Change;
  readonly occasion: string;
  readonly customerId: string;
  readonly articleId: string;
}

export function answerActivities(deps: DeliverParts & Pick<Deps, 'help' | 'tickets'>) {
  return {
    /** The best article for the ticket, whether the bot is sure enough of it to answer, and whether the customer wants a person. */
    async searchHelp(
      ticketId: string,
      language: string,
    ): Promise<{ best: HelpMatch | null; sure: boolean; wantsPerson: boolean }> {
      const [found, wish] = await Promise.all([deps.help.search(ticketId, language), asksForPerson(deps, ticketId)]);
      const best = found[0] ?? null;
      return { best, sure: best !== null && isSure(best), wantsPerson: wish };
    },

    /** Whether any of the customer's messages so far asks for a person. */
    asksForPerson: (ticketId: string): Promise<boolean> => asksForPerson(deps, ticketId),

    /** Whether a mail that failed, or never went out, was to a customer whom none reaches any more, or none that no person wrote today. */
    isUnreached: (deliveryId: string): Promise<boolean> => deps.deliveries.isUnreached(deliveryId),

    /** Writes the bot's answer into the conversation and queues its mail. */
    async answerByBot(input: BotAnswer): Promise<readonly Delivery[]> {
      const article = await deps.help.article(input.articleId);
      return queueDeliveries(
        deps,
        input.change,
        [
          {
            ticketId: input.change.ticketId,
            occasion: input.occasion,
            recipient: { kind: 'customer', id: input.customerId },
            channel: 'mail',
            template: 'bot-answer',
            facts: { articleId: input.articleId, articleTitle: article?.title ?? input.articleId },
          },
        ],
        { author: 'bot', authorId: null, body: article?.body ?? '', occasion: input.occasion },
      );
    },

    /** Queues a mail to the customer that carries no message of its own, or one that is in the conversation already. */
    async queueMail(input: {
      change: Change;
      occasion: string;
      customerId: string;
      template: 'welcome' | 'agent-reply';
    }): Promise<readonly Delivery[]> {
      const { change, occasion, customerId, template } = input;
      return queueDeliveries(deps, change, [
        {
          ticketId: change.ticketId,
          occasion,
          recipient: { kind: 'customer', id: customerId },
          channel: 'mail',
          template,
        },
      ]);
    },
  };
}

/** Each message by itself: in a short one a word is enough. */
async function asksForPerson({ tickets }: Pick<Deps, 'tickets'>, ticketId: string): Promise<boolean> {
  const [{ subject, message }, further] = await Promise.all([tickets.text(ticketId), tickets.further(ticketId)]);
  return [`${subject}\n${message}`, ...further].some(wantsPerson);
}
