/** Versions of flows, and the canaries among them. */
import type { Deps } from './deps.ts';
import type { FlowName, FlowRule } from './deps-flows.ts';
import type { Database } from './store/database.ts';
import { createCanaryStore } from './store/flow-canary.ts';
import { createFlowStore, standingOf } from './store/flows.ts';

export function composeFlows(db: Database): Pick<Deps, 'flows' | 'canaries'> {
  return { flows: createFlowStore(db), canaries: createCanaryStore(db) };
}

/** Does what the flow's file says rule new tickets? */
export function flowStandingBy(db: Database, file: FlowName): () => Promise<FlowRule> {
  return () => standingOf(db, file);
}
