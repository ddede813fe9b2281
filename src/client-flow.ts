/** The client's part for runs of flows. */
import {
  type Client,
  ServiceError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
  type WorkflowHandle,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
} from '@temporalio/client';
import { ApplicationFailure, CancelledFailure, TerminatedFailure } from '@temporalio/common';
import { askParts, oneWay } from './client-flow-parts.ts';
import * as contract from './contract-flow.ts';
import type { FlowClient, FlowEnd } from './deps-flow.ts';
import { type ErrorCode, StewardError, sayProblems } from './domain/errors.ts';
import { labelProblem, runIdProblem } from './domain/flow-run.ts';
import { checkTaskAnswer, type TaskSayingName, type TaskSayings } from './domain/flow-task.ts';
import type { Json } from './domain/json.ts';
import { readToken } from './flow/token.ts';

export function createFlowClient(temporal: Client, taskQueue: string): FlowClient {
  const handle = (id: string) => temporal.workflow.getHandle(contract.flowWorkflowId(id));
  const asked = <T>(workflowId: string, ask: (one: WorkflowHandle) => Promise<T>) =>
    askParts(temporal, flowIdOf(workflowId), ask);
  return {
    async start(id, args, digest) {
      const problem = runIdProblem(id);
      if (problem !== undefined) {
        const problems = [{ field: 'id', message: problem }];
        throw new StewardError('InvalidRequest', `id: ${problem}`, { problems });
      }
      const workflowId = contract.flowWorkflowId(id);
      try {
        await temporal.workflow.start(contract.FLOW_WORKFLOW, {
          workflowId,
          taskQueue,
          args: [args],
          // One that failed may be mended and come again.
          workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
          workflowIdConflictPolicy: 'FAIL',
          staticSummary: 'A flow that belongs to no ticket',
          // Sealed like the arguments, and as good as gone when the run's key is.
          ...(digest === undefined ? {} : { memo: { [ASKED]: digest } }),
        });
        return { workflowId, known: false };
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
        if (digest !== undefined) await mustBeSame(handle(id), digest);
        return { workflowId, known: true };
      }
    },
    describe: (id) => known(id, () => handle(id).query(contract.flowRun)),
    end: (id) => known(id, () => endOf(handle(id).result() as Promise<Json>)),
    tasks: async (workflowId) =>
      (await known(workflowId, () => asked(workflowId, (one) => one.query(contract.flowTasks)))).flat(),
    way: async (workflowId) =>
      oneWay(await known(workflowId, () => asked(workflowId, (one) => one.query(contract.flowWay)))),
    answer: (saying, said) => answer(temporal, saying, said),
  };
}

/** What a run was asked to start with, where whoever asked wants to know a repeat. */
const ASKED = 'asked';

async function mustBeSame(run: WorkflowHandle, digest: string): Promise<void> {
  const { memo } = await run.describe();
  if (memo?.[ASKED] === digest) return;
  throw new StewardError('RequestConflict', 'under this id or Idempotency-Key a run was started with something else');
}

/** @throws StewardError InvalidRequest where it can't be a flow's workflow */
function flowIdOf(workflowId: string): string {
  if (mayWait(workflowId)) return workflowId;
  const message = 'expected the id of a workflow, flow-… or ticket-…';
  throw new StewardError('InvalidRequest', `workflow: ${message}`, { problems: [{ field: 'workflow', message }] });
}

/** Of the workflows whose Tasks may wait for a token. */
export function mayWait(workflowId: string): boolean {
  const [, kind, id = ''] = /^(flow|ticket)-(.*)$/s.exec(workflowId) ?? [];
  if (kind === undefined) return false;
  return (kind === 'flow' ? runIdProblem(id) : labelProblem(id)) === undefined;
}

async function answer<K extends TaskSayingName>(temporal: Client, saying: K, said: TaskSayings[K]): Promise<void> {
  const problems = checkTaskAnswer(saying, said);
  if (problems.length > 0) throw new StewardError('InvalidRequest', sayProblems(problems), { problems });
  const parts = readToken(said.token);
  // What is sealed for a workflow makes a key by its name, which stays.
  if (parts === undefined || !mayWait(parts.workflowId))
    throw new StewardError('InvalidToken', 'token: nobody has given it out');
  const handle = temporal.workflow.getHandle(parts.workflowId);
  try {
    // By its id the workflow knows what was said before.
    const options = { args: [said] as [TaskSayings[K]], updateId: crypto.randomUUID() };
    await persistently(() => handle.executeUpdate<null, [TaskSayings[K]]>(saying, options));
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) {
      throw new StewardError('TaskOver', 'the flow that waited by this token has ended, or there was none');
    }
    const cause = error instanceof WorkflowUpdateFailedError ? error.cause : undefined;
    if (!(cause instanceof ApplicationFailure)) throw error;
    if (!ANSWERS.includes(cause.type ?? '')) throw new StewardError('InvalidToken', 'token: nobody has given it out');
    throw new StewardError(cause.type as ErrorCode, cause.message, { cause: error });
  }
}
const TRIES = 5;

/** Something came in the moment in which the workflow ended by what was said: Temporal undoes both, and it can be said again. */
async function persistently<T>(call: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await call();
    } catch (error) {
      if (tries === TRIES || !isUndone(error)) throw error;
    }
  }
}
const FAILED_PRECONDITION = 9;
function isUndone(error: unknown): boolean {
  // Its run went on as a new one before it was done with: the token is good there.
  if (error instanceof WorkflowUpdateFailedError && error.cause instanceof ApplicationFailure)
    return error.cause.type === 'AcceptedUpdateCompletedWorkflow';
  const cause = error instanceof ServiceError ? error.cause : undefined;
  return cause !== undefined && 'code' in cause && cause.code === FAILED_PRECONDITION;
}

const ANSWERS: readonly string[] = ['InvalidRequest', 'InvalidToken', 'TaskOver'] satisfies ErrorCode[];

async function endOf(result: Promise<Json>): Promise<FlowEnd> {
  try {
    return { status: 'succeeded', output: await result };
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    return { status: 'failed', ...failureOf(error.cause) };
  }
}

function failureOf(cause: Error | undefined): { error: string; cause: string } {
  if (cause instanceof ApplicationFailure) return { error: cause.type ?? 'States.Runtime', cause: cause.message };
  if (cause instanceof CancelledFailure) return { error: 'Cancelled', cause: 'somebody asked for it to be cancelled' };
  if (cause instanceof TerminatedFailure) return { error: 'Terminated', cause: 'somebody has terminated it' };
  return { error: 'States.Runtime', cause: cause?.message ?? '' };
}

/** Translates what Temporal says into our own errors. */
async function known<T>(id: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    throw new StewardError('FlowRunUnknown', `no run of a flow has the id ${id}, or Temporal has forgotten it`);
  }
}
