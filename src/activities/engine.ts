import { Context } from '@temporalio/activity';
import { oneByOne } from '../domain/one-by-one.ts';

/** What the activity runs in: its own client, and the sign that it is alive. */
export function here() {
  const context = Context.current();
  const { namespace, taskQueue } = context.info;
  return {
    get client() {
      return context.client;
    },
    namespace,
    taskQueue,
    /** @throws CancelledFailure once the server has given this attempt up: another one does its work */
    heartbeat(details: unknown): void {
      context.cancellationSignal.throwIfAborted();
      context.heartbeat(details);
    },
  };
}

/** Lets activities of a process do something one after another. An attempt that is given up leaves its turn to the next. */
export function takingTurns(): <T>(act: () => Promise<T>) => Promise<T> {
  const inTurn = oneByOne();
  return (act) => {
    const { cancelled, cancellationSignal } = Context.current();
    return inTurn(async () => {
      cancellationSignal.throwIfAborted();
      return Promise.race([act(), cancelled]);
    });
  };
}

/** Does it with every one, so many at once, and shows with each that the attempt is alive. */
export async function each<T extends object | string>(
  all: readonly T[],
  atOnce: number,
  act: (one: T) => Promise<unknown>,
): Promise<void> {
  const { heartbeat } = here();
  const line = [...all];
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (let next = line.shift(); next !== undefined; next = line.shift()) {
        heartbeat(line.length);
        await act(next);
      }
    }),
  );
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

/** Temporal has no history of this id any more. */
export async function isForgotten(workflowId: string): Promise<boolean> {
  return (await unlessGone(() => here().client.workflow.getHandle(workflowId).describe())) === undefined;
}

export async function isRunning(workflowId: string): Promise<boolean> {
  const described = await unlessGone(() => here().client.workflow.getHandle(workflowId).describe());
  return described?.status.name === 'RUNNING';
}

/** Temporal has no history of this id any more, or its last run had ended before then. */
export async function isOverSince(workflowId: string, then: Date): Promise<boolean> {
  const described = await unlessGone(() => here().client.workflow.getHandle(workflowId).describe());
  return described === undefined || (described.closeTime !== undefined && described.closeTime < then);
}
