/** Erasures as Temporal knows them. */
import { Context } from '@temporalio/activity';
import { ERASURE_WORKFLOW, type ErasureResult, erasureWorkflowId } from '../contract.ts';
import type { Span } from '../domain/month.ts';
import type { WorkflowEnd } from '../domain/reconcile.ts';
import { unlessGone } from './engine.ts';

const PREFIX = erasureWorkflowId('');
const AT_ONCE = 20;

const STATUS: Readonly<Record<string, WorkflowEnd['status']>> = {
  COMPLETED: 'completed',
  RUNNING: 'running',
  FAILED: 'failed',
  TERMINATED: 'terminated',
  CANCELLED: 'cancelled',
  TIMED_OUT: 'timedOut',
};

/** Of our task queue: another Steward may share the namespace. */
export async function erasuresClosedIn({ from, to }: Span, taskQueue: string): Promise<WorkflowEnd[]> {
  const query = `WorkflowType = '${ERASURE_WORKFLOW}' and TaskQueue = '${taskQueue}'
    and CloseTime >= '${from.toISOString()}' and CloseTime < '${to.toISOString()}'`;
  const ids: string[] = [];
  for await (const { workflowId } of Context.current().client.workflow.list({ query })) {
    Context.current().heartbeat(workflowId);
    if (workflowId.startsWith(PREFIX)) ids.push(workflowId.slice(PREFIX.length));
  }
  return erasuresNamed([...new Set(ids)]);
}

export async function erasuresNamed(requestIds: readonly string[]): Promise<WorkflowEnd[]> {
  const line = [...requestIds];
  const found: WorkflowEnd[] = [];
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let next = line.shift(); next !== undefined; next = line.shift()) {
        Context.current().heartbeat(next);
        found.push(await look(next));
      }
    }),
  );
  return found;
}

async function look(requestId: string): Promise<WorkflowEnd> {
  const handle = Context.current().client.workflow.getHandle(erasureWorkflowId(requestId));
  const described = await unlessGone(() => handle.describe());
  const status = described === undefined ? 'absent' : (STATUS[described.status.name] ?? 'running');
  if (status !== 'completed') return { requestId, status, outcome: null };
  const result = (await unlessGone(() => handle.result())) as ErasureResult | undefined;
  return { requestId, status, outcome: result?.outcome ?? null };
}

/** The server may have forgotten what ended before this; null when it does not tell for how long it keeps it. */
export async function retentionStart(): Promise<Date | null> {
  const { client, info } = Context.current();
  const { config } = await client.workflowService.describeNamespace({ namespace: info.namespace });
  const seconds = config?.workflowExecutionRetentionTtl?.seconds;
  return seconds == null ? null : new Date(Date.now() - Number(seconds) * 1000);
}
