/** Workflows for comparison only: (a) nothing, (b) four ordinary activities. */
import { proxyActivities } from '@temporalio/workflow';

const { step } = proxyActivities<{ step(n: number): Promise<number> }>({ startToCloseTimeout: '10s' });

export async function noop(): Promise<void> {}

export async function fourSteps(): Promise<number> {
  let n = 0;
  for (let i = 0; i < 4; i++) n = await step(n);
  return n;
}
