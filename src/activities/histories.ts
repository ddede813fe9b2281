/** Histories of workflows, deleted from Temporal. */
import { StewardError } from '../domain/errors.ts';
import { deleteRuns, ofWorkflow } from './delete-runs.ts';
import { each, here, isForgotten, pause } from './engine.ts';

/** Deletions that the server works at together. */
const DELETED_AT_ONCE = 50;
/** The server acknowledges a deletion in about 30 s; past this it is parked. */
const ABSENT_WITHIN_MS = 10 * 60_000;
const LOOK_EVERY_MS = 500;

/** Asks for their deletion, and does not wait for it. */
export function askToDelete(workflowIds: readonly string[]): Promise<void> {
  return each(workflowIds, DELETED_AT_ONCE, remove);
}

/** Looks until the server knows none of them any more, neither by id nor in its lists. @throws StewardError Unavailable */
export async function deleteHistories(workflowIds: readonly string[]): Promise<void> {
  const { client } = here();
  const end = Date.now() + ABSENT_WITHIN_MS;
  const left = new Set(workflowIds);
  await each(workflowIds, DELETED_AT_ONCE, remove);
  while (left.size > 0) {
    await each([...left], DELETED_AT_ONCE, async (workflowId) => {
      if (await isAbsent(client, workflowId)) left.delete(workflowId);
      else await remove(workflowId);
    });
    if (left.size === 0) break;
    if (Date.now() > end)
      throw new StewardError('Unavailable', `${left.size} histories are still there after 10 minutes`);
    await pause(LOOK_EVERY_MS);
  }
}

async function remove(workflowId: string): Promise<void> {
  const { client, namespace } = here();
  await deleteRuns(client.workflowService, namespace, workflowId);
}

type Client = ReturnType<typeof here>['client'];

async function isAbsent(client: Client, workflowId: string): Promise<boolean> {
  if (!(await isForgotten(workflowId))) return false;
  const { count } = await client.workflow.count(ofWorkflow(workflowId));
  return count === 0;
}
