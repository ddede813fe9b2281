/** Workflows for comparison only: (a) nothing, (b) four ordinary activities, and what a flow of ten Tasks is by hand. */
import { proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../src/activities/index.ts';

const { step } = proxyActivities<{ step(n: number): Promise<number> }>({ startToCloseTimeout: '10s' });

export async function noop(): Promise<void> {}

export async function fourSteps(): Promise<number> {
  let n = 0;
  for (let i = 0; i < 4; i++) n = await step(n);
  return n;
}

const { callHttp } = proxyActivities<Pick<Activities, 'callHttp'>>({ startToCloseTimeout: '75s' });

export async function tenCalls(url: string): Promise<unknown> {
  const { firstExecutionRunId: firstRunId } = workflowInfo();
  let answer: unknown;
  for (let n = 1; n <= 10; n++) {
    const step = `Step ${n}`;
    answer = await callHttp({ request: { url, method: 'GET' }, occasion: step, step, attempt: 1, firstRunId });
  }
  return answer;
}
