import { ActivityCancellationType, proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import type { ItemsArgs } from '../contract-flow.ts';
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
  /** In whose name, where it is not this workflow's own. */
  readonly root?: ItemsArgs['root'] | undefined;
}

/** Longer than a request can take: an attempt that was lost with its worker is made again then. */
const LOST_AFTER = '75s';

/**
 * The module `http`: one request. Its answer, good or bad, comes back at once, since another try is the flow's to decide.
 * @throws the activity's failure, which `failureOf` reads
 */
export async function callHttp(call: HttpCallOf): Promise<ModuleResults['http']> {
  const { request, step, attempt, token, until, root } = call;
  const outside = proxyActivities<Pick<Activities, 'callHttp'>>({
    startToCloseTimeout: LOST_AFTER,
    ...(until === undefined ? {} : { scheduleToCloseTimeout: Math.max(1, until - Date.now()) }),
    retry: { initialInterval: '1s', maximumInterval: '15s' },
    cancellationType: ActivityCancellationType.TRY_CANCEL,
    summary: `HTTP: ${step}, attempt ${attempt}`,
  });
  // Each attempt has a token of its own: a receiver that knew the request by its key would keep the old one.
  const occasion = token === undefined ? step : `${step} attempt ${attempt}`;
  const { firstExecutionRunId } = workflowInfo();
  const { firstRunId = firstExecutionRunId, workflowId: rootId } = root ?? {};
  return outside.callHttp({
    request,
    occasion,
    step,
    attempt,
    firstRunId,
    ...(rootId === undefined ? {} : { rootId }),
  });
}
