import type { View } from '@slack/web-api';
import type { FormEnd } from '../domain/ask.ts';
import type { SlackDoor } from '../http/deps.ts';
import { FORM, FORM_END, FORM_WORDS, keepInForm, MOST_WORDS } from '../schema/slack-names.ts';
import { type SlackSettings, slackClient } from './slack-client.ts';
import { slackError } from './slack-error.ts';
import { slackSigned } from './slack-signature.ts';
import { createWhisper } from './slack-whisper.ts';
import type { Team } from './team.ts';

export interface SlackDoorParts extends SlackSettings {
  readonly signingSecret: string;
  readonly team: Pick<Team, 'agent' | 'bySlack'>;
  readonly now?: () => number;
}

/** Slack holds a trigger for three seconds from the click on. */
const TRIGGER_MS = 2_800;

export function createSlackDoor({ signingSecret, team, now = Date.now, ...settings }: SlackDoorParts): SlackDoor {
  const whisper = createWhisper(settings.apiUrl);
  return {
    verify: (headers, body) => slackSigned(signingSecret, headers, body, now()),
    agentOf: (user) => team.bySlack(user) ?? null,
    nameOf: (agentId) => team.agent(agentId)?.name ?? agentId,
    async openForm(triggerId, from) {
      const signal = AbortSignal.timeout(TRIGGER_MS);
      try {
        await slackClient(settings, signal).views.open({ trigger_id: triggerId, view: formOf(from) });
      } catch (error) {
        throw slackError(error, false);
      }
    },
    whisper: (answerUrl, text) => whisper(answerUrl, text, new AbortController().signal),
  };
}

const ENDS: Readonly<Record<FormEnd, string>> = {
  replyAndSolve: 'Send to the customer, and solve the ticket',
  reply: 'Send to the customer, and wait for an answer',
  solve: 'Solve the ticket without a word',
  note: 'Internal note: not sent to the customer',
};

function formOf(from: Parameters<SlackDoor['openForm']>[1]): View {
  const text = (words: string) => ({ type: 'plain_text' as const, text: words, emoji: false });
  const options = (Object.keys(ENDS) as FormEnd[]).map((end) => ({ text: text(ENDS[end]), value: end }));
  const [first] = options;
  return {
    type: 'modal',
    callback_id: FORM,
    private_metadata: keepInForm(from),
    title: text('Resolve a ticket'),
    submit: text('Do it'),
    close: text('Cancel'),
    blocks: [
      { type: 'section', text: text(`Ticket ${from.ticketId}`) },
      {
        type: 'input',
        block_id: FORM_END,
        label: text('What becomes of it'),
        element: { type: 'radio_buttons', action_id: FORM_END, options, ...(first ? { initial_option: first } : {}) },
      },
      {
        type: 'input',
        block_id: FORM_WORDS,
        label: text('Your words'),
        optional: true,
        element: { type: 'plain_text_input', action_id: FORM_WORDS, multiline: true, max_length: MOST_WORDS },
      },
    ],
  };
}
