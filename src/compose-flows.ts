/** Versions of flows, the canaries among them, and what runs of flows tell. */
import type { Deps } from './deps.ts';
import type { FlowClient } from './deps-flow.ts';
import type { FlowName, FlowRule } from './deps-flows.ts';
import type { AuditActor } from './domain/audit.ts';
import type { TaskSayingName, TaskSayings } from './domain/flow-task.ts';
import { answerLogged } from './flow-asked.ts';
import { createAuditLog } from './store/audit.ts';
import type { Database } from './store/database.ts';
import type { DeliverySettings } from './store/deliveries.ts';
import { createCanaryStore } from './store/flow-canary.ts';
import { createFlowStore, standingOf } from './store/flows.ts';
import { hasKey } from './store/key-subjects.ts';
import { createRunMessageStore } from './store/run-messages.ts';

export function composeFlows(
  db: Database,
  settings: DeliverySettings,
): Pick<Deps, 'flows' | 'canaries' | 'runMessages'> {
  return {
    flows: createFlowStore(db),
    canaries: createCanaryStore(db),
    runMessages: createRunMessageStore(db, settings),
  };
}

/** Does what the flow's file says rule new tickets? */
export function flowStandingBy(db: Database, file: FlowName): () => Promise<FlowRule> {
  return () => standingOf(db, file);
}

/** What came of a Task, by its token, with who said so in the log. */
export function flowAnswersBy(db: Database, flows: Pick<FlowClient, 'answer'>) {
  const parts = { audit: createAuditLog(db), flows, isKnown: (workflowId: string) => hasKey(db, workflowId) };
  return <K extends TaskSayingName>(actor: AuditActor, saying: K, said: TaskSayings[K]) =>
    answerLogged(parts, actor, saying, said);
}
