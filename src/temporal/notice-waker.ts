import type { Client } from '@temporalio/client';
import { NOTICE_WORKFLOW, noticeDue, noticeWorkflowId } from '../contract.ts';
import { startWaker, type Waker, type WakerOptions } from './waker.ts';

export interface NoticeWakerOptions extends Pick<WakerOptions<string>, 'wanting' | 'onTrouble'> {
  readonly client: Client;
  readonly taskQueue: string;
  readonly lostAttemptMs: number;
  readonly everyMs?: number;
}

/** Looks for what the admins have to hear of, and wakes or starts what tells them: the id makes one of several starts. */
export function startNoticeWaker({
  client,
  taskQueue,
  lostAttemptMs,
  everyMs = 2_000,
  ...looking
}: NoticeWakerOptions): Waker {
  return startWaker({
    ...looking,
    everyMs,
    async wake(noticeId) {
      await client.workflow.signalWithStart(NOTICE_WORKFLOW, {
        workflowId: noticeWorkflowId(noticeId),
        taskQueue,
        args: [{ noticeId, lostAttemptMs }],
        signal: noticeDue,
        staticSummary: `Notice ${noticeId} to the admins`,
      });
    },
  });
}
