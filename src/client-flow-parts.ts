/** A flow's workflow, and those in which batches of its items are under way. */
import { type Client, QueryNotRegisteredError, type WorkflowHandle, WorkflowNotFoundError } from '@temporalio/client';
import { flowParts } from './contract-flow.ts';
import type { FlowWay } from './flow/passing.ts';

/** What each of them answers, that workflow first. */
export async function askParts<T>(
  temporal: Client,
  workflowId: string,
  ask: (handle: WorkflowHandle) => Promise<T>,
): Promise<readonly [T, ...T[]]> {
  const handle = temporal.workflow.getHandle(workflowId);
  const [own, parts] = await Promise.all([ask(handle), handle.query(flowParts)]);
  const more = await Promise.all(parts.map((part) => unlessNew(() => askParts(temporal, part, ask))));
  return [own, ...more.flat()];
}

/** One that has just begun has nothing to say yet; one that has just ended may be gone. */
async function unlessNew<T>(ask: () => Promise<readonly T[]>): Promise<readonly T[]> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof QueryNotRegisteredError || error instanceof WorkflowNotFoundError) return [];
    throw error;
  }
}

/** One way, the states in the order in which they were entered. */
export function oneWay<W extends FlowWay>([own, ...parts]: readonly [W, ...W[]]): W {
  const all = [own, ...parts];
  const passings = all.flatMap((way) => way.passings).sort((one, other) => one.enteredAt - other.enteredAt);
  return { ...own, passings, standing: all.flatMap((way) => way.standing) };
}
