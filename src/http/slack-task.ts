/** A click at a message by which somebody is asked to decide. */
import type { TaskPlace } from '../schema/slack-names.ts';
import { isAway } from './away.ts';
import type { GatewayDeps, SlackDoor } from './deps.ts';

/** Down in the task's history before Slack hears that it is taken. Answers words for who clicked, where its workflow has ended. */
export async function clickTask(
  { tasks, slack }: Pick<GatewayDeps, 'tasks'> & { readonly slack: SlackDoor },
  { taskId, act }: TaskPlace,
  { user, answerUrl }: { readonly user: string; readonly answerUrl: string | null },
): Promise<string | null> {
  try {
    const by = slack.agentOf(user);
    return await tasks.click(taskId, { by, user, act, ...(answerUrl === null ? {} : { answerUrl }) });
  } catch (error) {
    if (isAway(error)) return `Task ${taskId}: not taken just now. Click again a little later.`;
    throw error;
  }
}
