/** What a message says: the data of its template, and, at those where one of us may do something, its parts. */
import type { Card, Deps, MessageContext } from '../deps.ts';
import { actsOf, type Face } from '../domain/ask.ts';
import { sayFace } from '../domain/ask-words.ts';
import type { Delivery } from '../domain/delivery.ts';
import { outageTitles } from '../domain/enrich.ts';
import type { JsonObject } from '../domain/json.ts';
import { sayTime } from '../domain/say-time.ts';
import { sayWhy } from '../domain/words.ts';

export function recipientOf(deps: Pick<Deps, 'directory'>, delivery: Delivery, context: MessageContext) {
  if (delivery.recipient.kind === 'customer') {
    return { address: context.customer.email, name: context.customer.name };
  }
  const one = oneOfTeam(deps, delivery);
  return { address: one?.email ?? null, name: one?.name ?? null };
}

/** One of us, or somebody outside, as the team's file has them. */
export function oneOfTeam({ directory }: Pick<Deps, 'directory'>, { recipient: { kind, id } }: Delivery) {
  return kind === 'contact' ? directory.contact(id) : directory.agent(id);
}

/** What whoever gets the ticket should know of its way: labels and ids, no words of the customer's. */
function contextOf(facts: JsonObject): Record<string, string | null> {
  const of = (name: string) => (facts[name] ?? {}) as JsonObject;
  const [first, now, tried] = [of('sentiment'), of('sentimentNow'), of('tried')];
  const said = (value: unknown) => (typeof value === 'string' ? value : null);
  return {
    sentiment: said(first.label),
    sentimentBy: said(first.source),
    sentimentNow: said(now.label),
    tried: said(tried.articleId),
    confidence: typeof tried.confidence === 'number' ? String(tried.confidence) : null,
    language: said(facts.language),
  };
}

export function templateData(
  deps: Pick<Deps, 'directory' | 'links'>,
  delivery: Delivery,
  context: MessageContext,
): JsonObject {
  const { id, subject, state, priority, tier, facts } = context.ticket;
  return {
    ticket: { id, subject, state, priority, tier },
    customer: { id: context.customer.id, name: context.customer.name },
    recipient: { id: delivery.recipient.id, name: recipientOf(deps, delivery, context).name },
    text: context.text,
    customerText: context.customerText,
    customerNow: [...context.customerNow],
    outage: outageTitles(facts),
    context: contextOf(facts),
    links: { statusPage: deps.links.statusPage(id), webUi: deps.links.webUi(id), ask: askLink(deps, delivery) },
    facts: delivery.facts ?? {},
  };
}

/** In a mail alone, which one person gets: whoever has the address decides in their name. Null: there is nothing to decide. */
function askLink({ links }: Pick<Deps, 'links'>, delivery: Delivery): string | null {
  const { channel, recipient, ticketId } = delivery;
  const round = roundOf(delivery);
  if (channel !== 'mail' || recipient.kind !== 'agent' || round === undefined) return null;
  return links.ask({ ticketId, round, agentId: recipient.id });
}

/** Of what is asked of our people the message is a part; undefined: of nothing. */
export function roundOf({ facts }: Pick<Delivery, 'facts'>): number | undefined {
  return typeof facts?.round === 'number' ? facts.round : undefined;
}

const ASKED: Face = { kind: 'asked' };

export function composeCard(
  deps: Pick<Deps, 'directory' | 'links'>,
  delivery: Delivery,
  { ticket, customer, customerText, customerNow }: MessageContext,
  { title, round, face = ASKED }: { readonly title: string; readonly round: number; readonly face?: Face },
): Card {
  const { tried, confidence, sentiment, sentimentNow } = contextOf(ticket.facts);
  const mood = [sentiment, sentimentNow].filter((said) => said != null).join(', now ');
  const outage = outageTitles(ticket.facts).join(', ');
  const fields: (readonly [string, string])[] = [
    ['Ticket', ticket.id],
    ['Priority', ticket.priority ?? 'not decided'],
    ['Why', whyOf(delivery)],
    ['Tried', tried == null ? 'nothing yet' : `article ${tried} (confidence ${confidence})`],
    ['Due', ticket.dueAt === null ? 'no promise runs' : sayTime(ticket.dueAt.getTime())],
    ['Customer', `${customer.name ?? customer.id}${ticket.tier === null ? '' : ` (${ticket.tier})`}`],
    ...(mood === '' ? [] : [['Mood', mood] as const]),
    ...(outage === '' ? [] : [['Outage', outage] as const]),
  ];
  return {
    ticketId: ticket.id,
    round,
    title,
    fields,
    quotes: customerNow.length === 0 ? [customerText] : [...customerNow].reverse().concat(`At first: ${customerText}`),
    said: sayFace(face, nameIn(deps)) ?? null,
    acts: actsOf(face),
    link: deps.links.webUi(ticket.id),
  };
}

function whyOf({ template, facts }: Delivery): string {
  if (template !== 'call') return sayWhy(String(facts?.why ?? 'a person is needed'));
  return `nobody has taken it yet: level ${String(facts?.level)} of "${String(facts?.path)}", call ${String(facts?.number)}`;
}

/** People by the names that the team's file gives them. */
export function nameIn({ directory }: Pick<Deps, 'directory'>) {
  return (id: string): string => directory.agent(id)?.name ?? id;
}
