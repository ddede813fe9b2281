/** How a task looks in Slack: a button for each thing that may be said. */
import type { KnownBlock } from '@slack/web-api';
import type { TaskCard } from '../deps.ts';
import { taskBlockOf, taskValueOf } from '../schema/slack-names.ts';
import { plain } from './slack-card.ts';
import { escapeMrkdwn } from './slack-client.ts';
import { cutText } from './text.ts';

const MAX_FALLBACK = 3_000;

export function taskLook(text: string, card: TaskCard): { text: string; mrkdwn: false; blocks: KnownBlock[] } {
  const said = card.said === null ? text : `${card.said}\n\n${text}`;
  return { text: cutText(escapeMrkdwn(said), MAX_FALLBACK), mrkdwn: false, blocks: blocksOf(card) };
}

function blocksOf({ taskId, title, fields, said, acts, link }: TaskCard): KnownBlock[] {
  const buttons = acts.map((act) => ({
    type: 'button' as const,
    action_id: `task_${act}`,
    value: taskValueOf({ taskId, act }),
    text: plain(act, 75),
  }));
  return [
    { type: 'header', text: plain(title, 150) },
    ...(said === null ? [] : [{ type: 'section' as const, text: plain(said, 2_900) }]),
    { type: 'section', fields: fields.slice(0, 10).map(([name, value]) => plain(`${name}\n${value}`, 1_900)) },
    ...(buttons.length === 0 ? [] : [{ type: 'actions' as const, block_id: taskBlockOf(taskId), elements: buttons }]),
    ...(link === null ? [] : [{ type: 'context' as const, elements: [plain(link, 2_900)] }]),
  ];
}
