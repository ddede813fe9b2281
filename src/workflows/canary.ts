import { ActivityCancellationType, proxyActivities, setCurrentDetails, sleep } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import type { CanaryArgs } from '../contract.ts';

/** PostgreSQL's work alone: it may be away for long, and the canary is watched on when it is back. */
const keeping = proxyActivities<Activities>({
  startToCloseTimeout: '30s',
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '30s' },
  cancellationType: ActivityCancellationType.TRY_CANCEL,
});

/**
 * Watches how tickets fare under a new version of a flow, until it goes on to all or back. What there is to know lies in
 * `flow_deployments`: should this workflow be gone, another goes on. The admins hear why by `tellNotice`.
 */
export async function watchCanary({ name, number }: CanaryArgs): Promise<string> {
  for (;;) {
    const { ended, nextMs, words } = await keeping.lookAtCanary({ name, number });
    setCurrentDetails(words);
    if (ended !== null) return ended;
    await sleep(nextMs, { summary: 'Until the next look' });
  }
}
