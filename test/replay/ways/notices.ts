/** The way of what the admins hear of: Slack and mail fail at first. */
import { noticeWorkflowId } from '../../../src/contract.ts';
import { smallTeam } from '../../support/flow.ts';
import { useProviders } from '../../support/providers.ts';
import { useNotices } from '../../workflows/notice-support.ts';
import { way } from '../record.ts';

export function noticeWays(): void {
  const providers = useProviders();
  const scene = useNotices(() => ({ ...providers.settings('ses', 'slack'), STEWARD_TEAM: smallTeam() }));

  way('notice-told', 'an endpoint that takes nothing: nobody can be told at first, then all are', async (keep) => {
    providers.slack.failNext('500', { action: 'chat.postMessage' }, 1);
    providers.aws.failNext('500', {}, 1);
    await scene.endpoint('platform');
    await scene.open('platform');
    const workflowId = noticeWorkflowId(await scene.told('webhook', 'began'));
    await scene.steward.temporal.client.workflow.getHandle(workflowId).result();
    await keep(scene.steward, workflowId);
  });
}
