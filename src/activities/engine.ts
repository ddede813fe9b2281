import { Context } from '@temporalio/activity';

/** What the activity runs in: its own client, and the sign that it is alive. */
export function here() {
  const context = Context.current();
  const { namespace, taskQueue } = context.info;
  return { client: context.client, namespace, taskQueue, heartbeat: (details: unknown) => context.heartbeat(details) };
}

export function pause(ms: number): Promise<void> {
  return Context.current().sleep(ms);
}

/** A workflow that is not there is what we want. */
export async function unlessGone<T>(call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof Error && error.name === 'WorkflowNotFoundError') return undefined;
    throw error;
  }
}

export async function isRunning(workflowId: string): Promise<boolean> {
  const described = await unlessGone(() => here().client.workflow.getHandle(workflowId).describe());
  return described?.status.name === 'RUNNING';
}
