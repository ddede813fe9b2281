import { condition, setCurrentDetails, setHandler } from '@temporalio/workflow';
import { type NoticeArgs, noticeDue } from '../contract.ts';
import { sayNotice } from '../domain/notice.ts';
import { FIRST_PAUSE_MS, LONGEST_PAUSE_MS, PATIENCE_MS, tellingSteps } from './telling.ts';

/**
 * Tells the admins that something began, or that it is over, until all have heard. What there is to know lies in `notices`: when it ends, this
 * workflow is begun anew.
 */
export async function tellNotice(args: NoticeArgs): Promise<void> {
  const { noticeId } = args;
  const notices = tellingSteps(args.lostAttemptMs);
  let due = false;
  setHandler(noticeDue, () => {
    due = true;
  });
  const until = Date.now() + PATIENCE_MS;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
    due = false;
    const { notice, occasion, isHeard } = await notices.tellNotice({ noticeId });
    setCurrentDetails(sayNotice(notice));
    if (isHeard || Date.now() >= until) return notices.restNotice({ noticeId, occasion });
    await condition(() => due, pause, { summary: 'Telling the admins again' });
  }
}
