/** Erasures as Temporal knows them. */
import { Context } from '@temporalio/activity';
import { ERASURE_WORKFLOW, type ErasureResult, erasureWorkflowId } from '../contract.ts';
import { MEASURED_AFTER_MINUTES, type Span } from '../domain/month.ts';
import type { WorkflowEnd } from '../domain/reconcile.ts';
import { ofWorkflow } from './delete-runs.ts';
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

interface Run {
  readonly runId: string;
  readonly status: { readonly name: string };
  readonly startTime: Date;
  readonly closeTime?: Date;
}

/** Of our task queue: another Steward may share the namespace. */
export async function erasuresClosedIn(span: Span, taskQueue: string): Promise<WorkflowEnd[]> {
  const { from, to } = span;
  const query = `WorkflowType = '${ERASURE_WORKFLOW}' and TaskQueue = '${taskQueue}'
    and CloseTime >= '${from.toISOString()}' and CloseTime < '${to.toISOString()}'`;
  const ids: string[] = [];
  for await (const { workflowId } of Context.current().client.workflow.list({ query })) {
    Context.current().heartbeat(workflowId);
    if (workflowId.startsWith(PREFIX)) ids.push(workflowId.slice(PREFIX.length));
  }
  return erasuresNamed([...new Set(ids)], span);
}

export async function erasuresNamed(requestIds: readonly string[], span: Span): Promise<WorkflowEnd[]> {
  const line = [...requestIds];
  const found: WorkflowEnd[] = [];
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let next = line.shift(); next !== undefined; next = line.shift()) {
        Context.current().heartbeat(next);
        found.push(await look(next, span));
      }
    }),
  );
  return found;
}

async function look(requestId: string, { to }: Span): Promise<WorkflowEnd> {
  const { workflow } = Context.current().client;
  const workflowId = erasureWorkflowId(requestId);
  const run = await lastRunBegunBefore(to, workflowId);
  const status = run === undefined ? 'absent' : statusAt(run, to);
  if (status !== 'completed') return { requestId, status, outcome: null };
  const result = await unlessGone(() => workflow.getHandle(workflowId, run?.runId).result());
  return { requestId, status, outcome: (result as ErasureResult | undefined)?.outcome ?? null };
}

/** A night starts an erasure anew that was ended by force, under its own id: the month's run is not always the latest. */
async function lastRunBegunBefore(to: Date, workflowId: string): Promise<Run | undefined> {
  const { workflow } = Context.current().client;
  const latest = await unlessGone(() => workflow.getHandle(workflowId).describe());
  if (latest === undefined || latest.startTime < to) return latest;
  const query = `${ofWorkflow(workflowId)} and StartTime < '${to.toISOString()}'`;
  let last: Run | undefined;
  for await (const run of workflow.list({ query }))
    if (last === undefined || run.startTime > last.startTime) last = run;
  return last;
}

/** What closes before the month is measured was at its last lines when the month ended. */
function statusAt({ status, closeTime }: Run, to: Date): WorkflowEnd['status'] {
  const measured = to.getTime() + MEASURED_AFTER_MINUTES * 60_000;
  if (closeTime !== undefined && closeTime.getTime() >= measured) return 'running';
  return STATUS[status.name] ?? 'running';
}

/** The server may have forgotten what ended before this; null when it does not tell for how long it keeps it. */
export async function retentionStart(): Promise<Date | null> {
  const { client, info } = Context.current();
  const { config } = await client.workflowService.describeNamespace({ namespace: info.namespace });
  const seconds = config?.workflowExecutionRetentionTtl?.seconds;
  return seconds == null ? null : new Date(Date.now() - Number(seconds) * 1000);
}
