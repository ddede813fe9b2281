/** What Slack posts when somebody does something at one of our messages or forms. Fields that are not named here are left out. */
import { z } from 'zod';
import type { Problem } from '../domain/errors.ts';
import { check } from './problems.ts';

const text = (most: number) => z.string({ error: `text of at most ${most} characters` }).max(most);
const slackId = z.string({ error: "Slack's id" }).regex(/^[A-Z0-9]{2,30}$/, { error: "Slack's id" });
const object = { error: 'a call of Slack, with its type' };
const user = z.object({ id: slackId }, { error: 'who did it' });
const url = text(500).nullish();

const action = z.object(
  {
    action_id: text(255),
    block_id: text(255).nullish(),
    value: text(2_000).nullish(),
    selected_user: slackId.nullish(),
    selected_option: z.object({ value: text(150) }).nullish(),
  },
  { error: 'what was clicked' },
);
/** What stands in a form's field, by its kind. */
const field = z.object({
  value: text(3_000).nullish(),
  selected_option: z.object({ value: text(150) }).nullish(),
});

const slackCall = z.discriminatedUnion(
  'type',
  [
    z.object(
      {
        type: z.literal('block_actions'),
        user,
        trigger_id: text(200).nullish(),
        response_url: url,
        actions: z.array(action, { error: 'what was clicked' }).min(1, { error: 'what was clicked' }).max(25),
      },
      object,
    ),
    z.object(
      {
        type: z.literal('view_submission'),
        user,
        view: z.object({
          callback_id: text(255),
          private_metadata: text(3_000),
          state: z.object({ values: z.record(z.string(), z.record(z.string(), field)) }),
        }),
      },
      object,
    ),
    // Shortcuts, closed forms and whatever Slack thinks of next: heard, and nothing of ours.
    ...(['view_closed', 'shortcut', 'message_action', 'block_suggestion', 'interactive_message'] as const).map((type) =>
      z.object({ type: z.literal(type), user: user.optional(), response_url: url }, object),
    ),
  ],
  object,
);
export type SlackCall = z.infer<typeof slackCall>;
export type SlackClicks = Extract<SlackCall, { type: 'block_actions' }>;
export type SlackForm = Extract<SlackCall, { type: 'view_submission' }>;

/** Never throws. */
export function parseSlackCall(value: unknown): { call: SlackCall } | { problems: Problem[] } {
  const result = check(slackCall, value, 'payload');
  return 'problems' in result ? result : { call: result.data };
}
