/** Who says what came of a Task by its token is logged before it is said, and what was answered after. */
import { answered } from './answered.ts';
import { mayWait } from './client-flow.ts';
import type { AuditLog } from './deps.ts';
import type { FlowClient } from './deps-flow.ts';
import type { AuditActor } from './domain/audit.ts';
import type { TaskSayingName, TaskSayings } from './domain/flow-task.ts';
import { readToken } from './flow/token.ts';

export interface FlowAskedParts {
  readonly audit: AuditLog;
  readonly flows: Pick<FlowClient, 'answer'>;
  /** Is there, or was there, such a workflow? What somebody makes up must not get into the log, which keeps it. */
  readonly isKnown: (workflowId: string) => Promise<boolean>;
}

/** The client's `answer`, behind its entry in the log. @throws as that one, and when it can't be logged; then nothing is said */
export async function answerLogged<K extends TaskSayingName>(
  { audit, flows, isKnown }: FlowAskedParts,
  actor: AuditActor,
  saying: K,
  said: TaskSayings[K],
): Promise<void> {
  const ask = () => flows.answer(saying, said);
  const workflowId = readToken(said.token)?.workflowId;
  // A sign of life ends nothing, and may come each second. What names no workflow reaches none.
  if (saying === 'heartbeatTask' || workflowId === undefined || !mayWait(workflowId)) return ask();
  if (!(await isKnown(workflowId))) return ask();
  const object = `workflow/${workflowId}`;
  const after = { saying };
  await audit.append([{ actor, action: 'flowTask.answerAsked', object, after }]);
  return answered((why) => audit.append([{ actor, action: 'flowTask.answered', object, why, after }]), ask);
}
