/** How a message looks in Slack, whatever it is about. */
import type { SlackMessage } from '../deps.ts';
import { slackLook } from './slack-card.ts';
import { taskLook } from './slack-task.ts';

export function lookOf({
  text,
  card,
  task,
}: Pick<SlackMessage, 'text' | 'card' | 'task'>): ReturnType<typeof slackLook> {
  if (task) return taskLook(text, task);
  return slackLook({ text, ...(card ? { card } : {}) });
}
