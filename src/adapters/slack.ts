import type { WebClient } from '@slack/web-api';
import type { LostSlackMessage, SlackMessage, SlackPoster } from '../deps.ts';
import { ProviderError } from '../domain/errors.ts';
import { type SlackSettings, slackClient } from './slack-client.ts';
import { slackError } from './slack-error.ts';
import { lookOf } from './slack-look.ts';

const EVENT_TYPE = 'steward_delivery';
/** How far back `find` looks: 1,000 messages, far more than a channel gets while an answer is in doubt. */
const PAGES = 5;
const PAGE_SIZE = 200;
/** In how many threads of a ticket a reply is looked for. */
const THREADS = 3;

/** Slack says `channel_not_found` of a private channel that we were put out of, too: what stands there stands. */
const GONE = 'message_not_found';
/** Nothing can stand below that message (any more): somebody has deleted it, or locked its thread. */
const NO_THREAD = new Set([
  'thread_not_found',
  'message_not_found',
  'cannot_reply_to_message',
  'restricted_action_thread_locked',
]);

export interface SlackEraser {
  /** Removes one of our own messages; one that is gone already is fine. @throws ProviderError */
  remove(messageId: string, signal: AbortSignal): Promise<void>;
  /**
   * Looks for one whose id nobody has, through all that was posted meanwhile: its id, or null where it does not stand there.
   * @throws ProviderError: also where there is more than is looked through
   */
  locate(message: LostMessage, signal: AbortSignal): Promise<string | null>;
}
export interface LostMessage extends Omit<LostSlackMessage, 'recipient'> {
  readonly channel: string;
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
      const below = await parentOf(client, channel, message);
      try {
        return await postAt(client, channel, message, below);
      } catch (error) {
        const failed = slackError(error, true);
        // It was refused, so it is not there: it begins a thread of its own.
        if (below === null || !NO_THREAD.has(failed.reason)) throw failed;
      }
      try {
        return await postAt(client, channel, message, null);
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
        // Somebody was quicker.
        if (failed.reason === GONE) return;
        throw failed;
      }
    },

    async locate({ deliveryId, ticketId, earlier, from, to, ...message }, signal) {
      const client = clientFor(signal);
      try {
        const channel = await resolve(client, message.channel);
        const isIt = (payload: Payload) => payload.deliveryId === deliveryId && payload.ticketId === ticketId;
        const meanwhile = { oldest: seconds(from), latest: seconds(to) };
        const all = (page: Page) => client.conversations.history({ channel, ...meanwhile, ...page });
        const ts =
          (await searchPages(isIt, all, true)) ??
          (await searchThreads(client, channel, idsIn(channel, earlier), isIt, true));
        return ts === null ? null : `${channel}:${ts}`;
      } catch (error) {
        throw slackError(error, false);
      }
    },

    async find(message, signal) {
      const client = clientFor(signal);
      try {
        const channel = await place(client, message);
        const isIt = (payload: Payload) =>
          payload.deliveryId === message.deliveryId && payload.ticketId === message.ticketId;
        const ts =
          (await searchHistory(client, channel, isIt)) ??
          (await searchThreads(client, channel, earlierIn(channel, message).slice(0, THREADS), isIt));
        return ts === null ? null : `${channel}:${ts}`;
      } catch (error) {
        // Whether the message is there is as open as before, and must not be taken for "not sent".
        const { reason, retryable, retryAfterMs, fault } = slackError(error, false);
        throw new ProviderError('slack', `look-up: ${reason}`, { retryable, retryAfterMs, answerLost: true, fault });
      }
    },
  };
}

/** The ticket's messages in this channel, the oldest first: only that one can have others below it. */
function earlierIn(channel: string, { thread }: SlackMessage): readonly string[] {
  return idsIn(channel, thread?.earlier ?? []);
}

function idsIn(channel: string, messageIds: readonly string[]): readonly string[] {
  const ours = messageIds.filter((id) => id.startsWith(`${channel}:`));
  return ours.map((id) => id.slice(channel.length + 1));
}

/** As Slack writes times. */
function seconds(ms: number): string {
  return (ms / 1_000).toFixed(6);
}

/** Below which message it stands. One that may be there without our knowing it is looked for. */
async function parentOf(client: WebClient, channel: string, message: SlackMessage): Promise<string | null> {
  const [known] = earlierIn(channel, message);
  if (known !== undefined) return known;
  if (!message.thread?.isInDoubt) return null;
  try {
    return await searchHistory(client, channel, ({ ticketId }) => ticketId === message.ticketId);
  } catch (error) {
    throw slackError(error, false);
  }
}

async function postAt(
  client: WebClient,
  channel: string,
  message: SlackMessage,
  below: string | null,
): Promise<string> {
  const { deliveryId, ticketId, thread } = message;
  const whole = {
    channel,
    ...lookOf(message),
    unfurl_links: false,
    unfurl_media: false,
    metadata: { event_type: EVENT_TYPE, event_payload: { deliveryId, ticketId } },
  };
  const place = below === null ? {} : { thread_ts: below, reply_broadcast: thread?.isUrgent === true };
  const posted = await client.chat.postMessage({ ...whole, ...place });
  return `${channel}:${posted.ts ?? ''}`;
}

interface Payload {
  readonly deliveryId?: unknown;
  readonly ticketId?: unknown;
}
type IsIt = (payload: Payload) => boolean;
interface Found {
  readonly messages?:
    | readonly { ts?: string; metadata?: { event_type?: string; event_payload?: object } | undefined }[]
    | undefined;
  readonly response_metadata?: { next_cursor?: string } | undefined;
}

async function searchHistory(client: WebClient, channel: string, isIt: IsIt): Promise<string | null> {
  return searchPages(isIt, (page) => client.conversations.history({ channel, ...page }));
}

/** A history has no replies: they are asked for message by message, and stand below the oldest but where two were sent at once. */
async function searchThreads(
  client: WebClient,
  channel: string,
  threads: readonly string[],
  isIt: IsIt,
  toTheEnd = false,
): Promise<string | null> {
  for (const ts of threads) {
    try {
      const found = await searchPages(isIt, (page) => client.conversations.replies({ channel, ts, ...page }), toTheEnd);
      if (found !== null) return found;
    } catch (error) {
      if (!NO_THREAD.has(slackError(error, false).reason)) throw error;
    }
  }
  return null;
}

interface Page {
  readonly limit: number;
  readonly include_all_metadata: true;
  readonly cursor?: string;
}

/** `toTheEnd`: what was not looked through must not count as not there. */
async function searchPages(isIt: IsIt, ask: (page: Page) => Promise<Found>, toTheEnd = false): Promise<string | null> {
  let cursor: string | undefined;
  for (let page = 0; page < PAGES; page++) {
    const found = await ask({ limit: PAGE_SIZE, include_all_metadata: true, ...(cursor ? { cursor } : {}) });
    const ours = found.messages?.find(
      ({ metadata }) => metadata?.event_type === EVENT_TYPE && isIt((metadata.event_payload ?? {}) as Payload),
    );
    if (ours?.ts) return ours.ts;
    cursor = found.response_metadata?.next_cursor;
    if (!cursor) return null;
  }
  if (toTheEnd) throw new ProviderError('slack', 'look-up: too many messages', { retryable: false });
  return null;
}
