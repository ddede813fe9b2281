import type { SlackDesk } from '../deps.ts';
import { ProviderError } from '../domain/errors.ts';
import { escapeMrkdwn, type SlackSettings, slackClient } from './slack-client.ts';
import { slackError } from './slack-error.ts';
import { lookOf } from './slack-look.ts';
import { createWhisper } from './slack-whisper.ts';

/** Nothing that trying again could change: it is gone, or Slack has it changed no more. */
const STAYS = new Set([
  'message_not_found',
  'channel_not_found',
  'cant_update_message',
  'edit_window_closed',
  'is_inactive',
  'is_archived',
  'not_in_channel',
]);

export function createSlackDesk(settings: SlackSettings): SlackDesk {
  const whisperAt = createWhisper(settings.apiUrl);
  return {
    async redraw(messageId, message, signal) {
      const [channel = '', ts = ''] = messageId.split(':');
      const { text, blocks = [] } = lookOf(message);
      try {
        await slackClient(settings, signal).chat.update({ channel, ts, text, blocks });
        return true;
      } catch (error) {
        const failed = slackError(error, false);
        if (STAYS.has(failed.reason)) return false;
        throw failed;
      }
    },

    async whisper({ user, answerUrl }, { text, written }, signal) {
      const whole = written === undefined ? text : `${text}\n\nWhat you wrote:\n${written}`;
      if (answerUrl !== null) {
        const done = await whisperAt(answerUrl, whole, signal).catch((error: unknown) => {
          // Worth another try, for which the address holds a while yet.
          if (error instanceof ProviderError && error.retryable) throw error;
          return false;
        });
        if (done !== false) return;
      }
      // Five answers or half an hour, and the address is used up: their own channel is as private.
      const client = slackClient(settings, signal);
      try {
        const { channel } = await client.conversations.open({ users: user });
        await client.chat.postMessage({
          channel: channel?.id ?? user,
          text: escapeMrkdwn(text),
          unfurl_links: false,
          unfurl_media: false,
        });
      } catch (error) {
        throw slackError(error, false);
      }
    },
  };
}
