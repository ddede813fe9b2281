/** How a message looks in Slack: text, and where one of us may do something, blocks (Block Kit) with the text for notifications. */
import type { KnownBlock, PlainTextElement } from '@slack/web-api';
import type { Card, SlackMessage } from '../deps.ts';
import type { AskAct } from '../domain/ask.ts';
import { blockOf, placeOf } from '../schema/slack-names.ts';
import { escapeMrkdwn } from './slack-client.ts';
import { cutText } from './text.ts';

/** Slack's limits: 40,000 characters of text; 3,000 of a section, 2,000 of a field, 150 of a header. */
const MAX_TEXT = 39_000;
const MAX_SECTION = 2_900;
const MAX_FIELD = 1_900;
/** Of what was said before: a reminder. */
const MAX_EARLIER = 600;
const MAX_HEADER = 150;
/** Beside blocks the text is what a notification shows, and counts as they do. */
const MAX_FALLBACK = 3_000;

type Look = { readonly text: string; readonly mrkdwn?: false; readonly blocks?: KnownBlock[] };

export function slackLook({ text, card }: Pick<SlackMessage, 'text' | 'card'>): Look {
  if (!card) return { text: cutText(escapeMrkdwn(text), MAX_TEXT) };
  const said = card.said === null ? text : `${card.said}\n\n${text}`;
  return { text: cutText(escapeMrkdwn(said), MAX_FALLBACK), mrkdwn: false, blocks: blocksOf(card) };
}

function blocksOf(card: Card): KnownBlock[] {
  const { title, fields, quotes, said, acts, link } = card;
  const block = blockOf(card, said === null ? `${acts.length}` : `${acts.length}_${said.length}`);
  return [
    { type: 'header', text: plain(title, MAX_HEADER) },
    ...(said === null ? [] : [{ type: 'section' as const, text: plain(said, MAX_SECTION) }]),
    { type: 'section', fields: fields.slice(0, 10).map(([name, value]) => plain(`${name}\n${value}`, MAX_FIELD)) },
    ...quotes
      .filter((quote) => quote.trim() !== '')
      .map((quote, i) => ({ type: 'section' as const, text: plain(quote, i === 0 ? MAX_SECTION : MAX_EARLIER) })),
    ...(acts.length === 0
      ? []
      : [{ type: 'actions' as const, block_id: block, elements: acts.map((act) => element(act, card)) }]),
    { type: 'context', elements: [plain(link, MAX_SECTION)] },
  ];
}

/** Slack shows it letter by letter: what a customer wrote formats nothing, mentions nobody and is no link. */
export function plain(text: string, most: number): PlainTextElement {
  return { type: 'plain_text', text: cutText(text.trim() === '' ? '-' : text, most), emoji: false };
}

/** Minutes that "Snooze" offers. */
export const SNOOZES: readonly (readonly [number, string])[] = [
  [15, '15 minutes'],
  [60, '1 hour'],
  [240, '4 hours'],
  [1_440, '1 day'],
];

/** The choice of a person carries no value of ours: for it the block's name says where it stands. */
function element(act: AskAct, card: Card) {
  const value = placeOf(card);
  switch (act) {
    case 'claim':
      return { type: 'button', action_id: act, value, style: 'primary', text: plain('Claim', 75) } as const;
    case 'resolve':
      return { type: 'button', action_id: act, value, text: plain('Resolve', 75) } as const;
    case 'reassign':
      return { type: 'users_select', action_id: act, placeholder: plain('Reassign', 150) } as const;
    case 'snooze': {
      const options = SNOOZES.map(([minutes, words]) => ({ text: plain(words, 75), value: `${minutes}` }));
      return { type: 'static_select', action_id: act, placeholder: plain('Snooze', 150), options } as const;
    }
  }
}
