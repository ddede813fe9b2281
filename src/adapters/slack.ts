import type { WebClient } from '@slack/web-api';
import type { SlackMessage, SlackPoster } from '../deps.ts';
import { ProviderError } from '../domain/errors.ts';
import { slackLook } from './slack-card.ts';
import { type SlackSettings, slackClient } from './slack-client.ts';
import { slackError } from './slack-error.ts';

const EVENT_TYPE = 'steward_delivery';
/** How far back `find` looks: 1,000 messages, far more than a channel gets while an answer is in doubt. */
const PAGES = 5;
const PAGE_SIZE = 200;

const GONE = new Set(['message_not_found', 'channel_not_found']);

export interface SlackEraser {
  /** Removes one of our own messages; one that is gone already is fine. @throws ProviderError */
  remove(messageId: string, signal: AbortSignal): Promise<void>;
}

/** Message ids are `channel:timestamp`. */
export function createSlackPoster(settings: SlackSettings): SlackPoster & SlackEraser {
  /** Direct-message channels of people, by user id: they never change. */
  const direct = new Map<string, string>();

  const clientFor = (signal: AbortSignal) => slackClient(settings, signal);

  /** Only a channel has a history, so a person is always written to in their direct-message channel. */
  async function resolve(client: WebClient, channel: string): Promise<string> {
    if (!/^[UW]/.test(channel)) return channel;
    const known = direct.get(channel);
    if (known !== undefined) return known;
    const opened = await client.conversations.open({ users: channel });
    const id = opened.channel?.id;
    if (!id) throw new ProviderError('slack', 'conversations.open gave no channel', { retryable: true });
    direct.set(channel, id);
    return id;
  }

  async function place(client: WebClient, message: SlackMessage): Promise<string> {
    try {
      return await resolve(client, message.channel);
    } catch (error) {
      throw slackError(error, false);
    }
  }

  return {
    async post(message, signal) {
      if (signal.aborted) throw new ProviderError('slack', 'cancelled before sending', { retryable: true });
      const client = clientFor(signal);
      const channel = await place(client, message);
      try {
        const posted = await client.chat.postMessage({
          channel,
          ...slackLook(message),
          unfurl_links: false,
          unfurl_media: false,
          metadata: {
            event_type: EVENT_TYPE,
            event_payload: { deliveryId: message.deliveryId, ticketId: message.ticketId },
          },
        });
        return `${channel}:${posted.ts ?? ''}`;
      } catch (error) {
        throw slackError(error, true);
      }
    },

    async remove(messageId, signal) {
      const [channel = '', ts = ''] = messageId.split(':');
      try {
        await clientFor(signal).chat.delete({ channel, ts });
      } catch (error) {
        const failed = slackError(error, false);
        // Somebody was quicker, or the channel went with all that was in it.
        if (GONE.has(failed.reason)) return;
        throw failed;
      }
    },

    async find(message, signal) {
      const client = clientFor(signal);
      try {
        const channel = await place(client, message);
        const ts = await search(client, channel, message);
        return ts === null ? null : `${channel}:${ts}`;
      } catch (error) {
        // Whether the message is there is as open as before, and must not be taken for "not sent".
        const { reason, retryable, retryAfterMs } = slackError(error, false);
        throw new ProviderError('slack', `look-up: ${reason}`, { retryable, retryAfterMs, answerLost: true });
      }
    },
  };
}

async function search(client: WebClient, channel: string, message: SlackMessage): Promise<string | null> {
  let cursor: string | undefined;
  for (let page = 0; page < PAGES; page++) {
    const history = await client.conversations.history({
      channel,
      limit: PAGE_SIZE,
      include_all_metadata: true,
      ...(cursor ? { cursor } : {}),
    });
    const ours = history.messages?.find(({ metadata }) => {
      const payload = metadata?.event_payload as { deliveryId?: unknown; ticketId?: unknown } | undefined;
      return (
        metadata?.event_type === EVENT_TYPE &&
        payload?.deliveryId === message.deliveryId &&
        payload.ticketId === message.ticketId
      );
    });
    if (ours?.ts) return ours.ts;
    cursor = history.response_metadata?.next_cursor;
    if (!cursor) return null;
  }
  return null;
}
