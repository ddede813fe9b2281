import { ActivityCancellationType, proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import type { Json } from '../domain/json.ts';
import type { ModuleResults } from '../domain/module-catalogue.ts';

export interface HttpCallOf {
  /** The Task's Parameters. */
  readonly request: Json;
  readonly step: string;
  readonly attempt: number;
  /** The Task gives its token away. */
  readonly token?: string | undefined;
  /** Epoch ms when nobody waits for it any more. */
  readonly until: number | undefined;
}

/** Longer than a request can take: an attempt that was lost with its worker is made again then. */
const LOST_AFTER = '75s';

/**
 * The module `http`: one request. Its answer, good or bad, comes back at once, since another try is the flow's to decide.
 * @throws the activity's failure, which `failureOf` reads
 */
export async function callHttp({ request, step, attempt, token, until }: HttpCallOf): Promise<ModuleResults['http']> {
  const outside = proxyActivities<Pick<Activities, 'callHttp'>>({
    startToCloseTimeout: LOST_AFTER,
    ...(until === undefined ? {} : { scheduleToCloseTimeout: Math.max(1, until - Date.now()) }),
    retry: { initialInterval: '1s', maximumInterval: '15s' },
    cancellationType: ActivityCancellationType.TRY_CANCEL,
    summary: `HTTP: ${step}, attempt ${attempt}`,
  });
  // Each attempt has a token of its own: a receiver that knew the request by its key would keep the old one.
  const occasion = token === undefined ? step : `${step} attempt ${attempt}`;
  const { firstExecutionRunId: firstRunId } = workflowInfo();
  return outside.callHttp({ request, occasion, step, attempt, firstRunId });
}
