/** What goes out for a delivery by each channel, as the sending and whoever wants to see it before compose it. */
import type { Deps, Mail, MessageContext, PageEvent, SlackMessage } from '../deps.ts';
import type { Delivery } from '../domain/delivery.ts';
import { ProviderError } from '../domain/errors.ts';
import { answerSubject } from '../domain/message-id.ts';
import { composeCard, oneOfTeam, recipientOf, roundOf, templateData } from './card.ts';
import { isPageInstead } from './reroute.ts';

export type ComposeParts = Pick<Deps, 'directory' | 'templates' | 'links'>;

/** `hasButtons`: Slack calls us back, so that what is asked can be answered there. */
export async function composeSlack(
  deps: ComposeParts,
  delivery: Delivery,
  context: MessageContext,
  hasButtons: boolean,
): Promise<SlackMessage> {
  const channel = oneOfTeam(deps, delivery)?.slack;
  if (!channel) throw new ProviderError('slack', 'recipient has no Slack account', { retryable: false });
  const { subject, text } = await deps.templates.render(delivery.template, templateData(deps, delivery, context));
  const round = hasButtons ? roundOf(delivery) : undefined;
  const card = round === undefined ? undefined : composeCard(deps, delivery, context, { title: subject, round });
  const { id: deliveryId, ticketId } = delivery;
  return { deliveryId, ticketId, channel, text, ...(card ? { card } : {}) };
}

export async function composePage(deps: ComposeParts, delivery: Delivery, context: MessageContext): Promise<PageEvent> {
  const { action, dedupKey, severity } = delivery.facts ?? {};
  const template = isPageInstead(delivery) ? 'page-instead' : delivery.template;
  const { subject, text } = await deps.templates.render(template, templateData(deps, delivery, context));
  return {
    deliveryId: delivery.id,
    ticketId: delivery.ticketId,
    action: action as PageEvent['action'],
    dedupKey: String(dedupKey),
    severity: severity as PageEvent['severity'],
    summary: subject,
    text,
    link: deps.links.webUi(delivery.ticketId),
  };
}

/** What a customer's mail program puts an answer into its thread by; one that came by mail keeps its own subject. */
function threaded({ links }: ComposeParts, { ticketId, id }: Delivery, context: MessageContext, subject: string) {
  const { mailIds, ticket } = context;
  const isAnswer = /^re: /i.test(subject);
  return {
    replyTo: links.replyTo(ticketId, id),
    answers: mailIds,
    ...(isAnswer ? { subject: answerSubject(mailIds.length > 0 ? ticket.subject : subject) } : {}),
  };
}

export async function composeMail(deps: ComposeParts, delivery: Delivery, context: MessageContext): Promise<Mail> {
  const to = recipientOf(deps, delivery, context);
  if (to.address === null) {
    throw new ProviderError('mail', 'recipient has no address', { retryable: false });
  }
  const rendered = await deps.templates.render(delivery.template, templateData(deps, delivery, context));
  return {
    deliveryId: delivery.id,
    ticketId: delivery.ticketId,
    to: { address: to.address, name: to.name },
    ...rendered,
    ...(delivery.recipient.kind === 'customer' ? threaded(deps, delivery, context, rendered.subject) : {}),
  };
}
