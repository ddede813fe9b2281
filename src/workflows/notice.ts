import {
  ActivityCancellationType,
  condition,
  proxyActivities,
  setCurrentDetails,
  setHandler,
} from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import { type NoticeArgs, noticeDue } from '../contract.ts';
import { sayNotice } from '../domain/notice.ts';

/** A few messages. A step that is lost with its worker is done again when that is noticed, and not in minutes. */
function stepsOf({ lostAttemptMs }: NoticeArgs) {
  return proxyActivities<Activities>({
    startToCloseTimeout: '3 minutes',
    heartbeatTimeout: lostAttemptMs,
    retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1 minute' },
    cancellationType: ActivityCancellationType.TRY_CANCEL,
  });
}

const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 600_000;
/** Whoever could not be told for so long finds it in the lists. */
const PATIENCE_MS = 24 * 3_600_000;

/**
 * Tells the admins that something began, or that it is over, until all have heard. What there is to know lies in `notices`: when it ends, this
 * workflow is begun anew.
 */
export async function tellNotice(args: NoticeArgs): Promise<void> {
  const { noticeId } = args;
  const notices = stepsOf(args);
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
