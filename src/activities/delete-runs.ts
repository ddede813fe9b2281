/** A workflow's history deleted from Temporal, with every run of its id. */
import { isNotFound } from '../domain/grpc.ts';

/** The part of Temporal's API that deletes. */
export interface DeletionService {
  deleteWorkflowExecution(request: {
    namespace: string;
    workflowExecution: { workflowId: string; runId?: string };
  }): Promise<unknown>;
  listWorkflowExecutions(request: {
    namespace: string;
    query: string;
    pageSize: number;
    nextPageToken: Uint8Array;
  }): Promise<{
    readonly executions: readonly { readonly execution?: { readonly runId?: string | null } | null }[];
    readonly nextPageToken: Uint8Array;
  }>;
}

const PAGE = 100;

/**
 * Asks for their deletion, and does not wait for it; one that is not there (any more) is what is wanted. A ticket that failed and was sent
 * again, or whose history grew long, has several runs. By the id alone the server finds the latest, and none once that one is gone: the
 * others are asked for as its list names them.
 */
export async function deleteRuns(service: DeletionService, namespace: string, workflowId: string): Promise<void> {
  const remove = (run: { readonly runId?: string }) =>
    service
      .deleteWorkflowExecution({ namespace, workflowExecution: { workflowId, ...run } })
      .catch((error: unknown) => {
        if (!isNotFound(error)) throw error;
      });
  await remove({});
  let nextPageToken: Uint8Array = new Uint8Array();
  do {
    const page = await service.listWorkflowExecutions({
      namespace,
      query: ofWorkflow(workflowId),
      pageSize: PAGE,
      nextPageToken,
    });
    for (const { execution } of page.executions) if (execution?.runId) await remove({ runId: execution.runId });
    nextPageToken = page.nextPageToken;
  } while (nextPageToken.length > 0);
}

/** Names every run in the server's lists. */
export function ofWorkflow(workflowId: string): string {
  return `WorkflowId = '${workflowId.replaceAll("'", "''")}'`;
}
