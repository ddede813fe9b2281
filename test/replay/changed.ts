/** Each workflow as a careless change might leave it: one more command before all others, and no `patched()`. */
import { sleep } from '@temporalio/workflow';
import * as asTheyAre from '../../src/workflows/index.ts';

function changed<A extends unknown[], R>(workflow: (...args: A) => Promise<R>): (...args: A) => Promise<R> {
  return async (...args) => {
    await sleep(1);
    return workflow(...args);
  };
}

export const eraseCustomer = changed(asTheyAre.eraseCustomer);
export const healProvider = changed(asTheyAre.healProvider);
export const humanTask = changed(asTheyAre.humanTask);
export const monthlyAudit = changed(asTheyAre.monthlyAudit);
export const operateParked = changed(asTheyAre.operateParked);
export const retention = changed(asTheyAre.retention);
export const runFlow = changed(asTheyAre.runFlow);
export const runItems = changed(asTheyAre.runItems);
export const supportTicket = changed(asTheyAre.supportTicket);
export const tellNotice = changed(asTheyAre.tellNotice);
export const tellWebhooks = changed(asTheyAre.tellWebhooks);
export const watchCanary = changed(asTheyAre.watchCanary);
