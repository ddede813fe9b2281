/** Calls as Slack makes them: signed over their bytes. */
import { createHmac } from 'node:crypto';
import type { Hono } from 'hono';
import { SLACK_SECRET, type SlackPosted, type SlackStandIn } from './slack.ts';

export interface Signing {
  /** Seconds since 1970. */
  readonly at?: number;
  readonly secret?: string;
}

export function signedHeaders(
  body: string,
  { at = Math.floor(Date.now() / 1000), secret = SLACK_SECRET }: Signing = {},
) {
  const mac = createHmac('sha256', secret).update(`v0:${at}:${body}`).digest('hex');
  return {
    'content-type': 'application/x-www-form-urlencoded',
    'x-slack-request-timestamp': `${at}`,
    'x-slack-signature': `v0=${mac}`,
  };
}

export function bodyOf(payload: object): string {
  return new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
}

const TEAM = { id: 'T0STEWARD1', domain: 'steward' };

/** What Slack sends when somebody clicks at a message that stands there. */
export function clickAt(slack: SlackStandIn, message: SlackPosted, action: string, user: string, chosen?: string) {
  const elements = (message.blocks ?? []).flatMap((block) =>
    (block.elements ?? []).map((one) => ({ ...one, block_id: block.block_id })),
  );
  const element = elements.find(({ action_id }) => action_id === action);
  if (!element) throw new Error(`the message has no ${action}`);
  const { type, action_id, block_id, value } = element;
  return {
    type: 'block_actions',
    user: { id: user, username: 'somebody', team_id: TEAM.id },
    api_app_id: 'A0STEWARD1',
    container: { type: 'message', message_ts: message.ts, channel_id: message.channel },
    trigger_id: slack.trigger(),
    team: TEAM,
    channel: { id: message.channel, name: 'directmessage' },
    message: { type: 'message', ts: message.ts, text: message.text, blocks: message.blocks },
    response_url: slack.answerUrl(),
    actions: [
      {
        type,
        action_id,
        block_id,
        action_ts: `${Date.now() / 1000}`,
        ...(value === undefined ? {} : { value }),
        ...(type === 'users_select' ? { selected_user: chosen } : {}),
        ...(type === 'static_select'
          ? { selected_option: { text: { type: 'plain_text', text: '-' }, value: chosen } }
          : {}),
      },
    ],
  };
}

/** What Slack sends when somebody sends the form that was opened last. */
export function sendForm(slack: SlackStandIn, user: string, end: string | null, words: string | null) {
  const view = slack.views.at(-1)?.view;
  if (!view) throw new Error('no form is open');
  const option = end === null ? null : { text: { type: 'plain_text', text: '-' }, value: end };
  return {
    type: 'view_submission',
    team: TEAM,
    user: { id: user, username: 'somebody', team_id: TEAM.id },
    api_app_id: 'A0STEWARD1',
    trigger_id: slack.trigger(),
    view: {
      ...view,
      id: 'V0',
      hash: `${Date.now()}`,
      state: {
        values: {
          end: { end: { type: 'radio_buttons', selected_option: option } },
          words: { words: { type: 'plain_text_input', value: words } },
        },
      },
    },
    response_urls: [],
  };
}

export async function call(app: Hono, payload: object, signing?: Signing): Promise<{ status: number; text: string }> {
  const body = bodyOf(payload);
  const headers = signedHeaders(body, signing);
  const response = await app.request('/v1/slack/interactions', { method: 'POST', headers, body });
  return { status: response.status, text: await response.text() };
}
