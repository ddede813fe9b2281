import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  ChildWorkflowCancellationType,
  ChildWorkflowFailure,
  type ChildWorkflowHandle,
  ParentClosePolicy,
  startChild,
  TerminatedFailure,
  TimeoutFailure,
  uuid4,
  type Workflow,
  workflowInfo,
} from '@temporalio/workflow';
import { FLOW_WORKFLOW, type FlowArgs, flowWorkflowId } from '../contract-flow.ts';
import { PERSONAL_NAME, runIdProblem } from '../domain/flow-run.ts';
import type { Json } from '../domain/json.ts';
import {
  type Execution,
  type ExecutionMode,
  endedExecution,
  executionMode,
  failedExecution,
  readCall,
  refusedAs,
  startedExecution,
} from '../flow/execution.ts';
import { TASK_FAILED, TIMEOUT } from '../flow/failure.ts';
import type { FlowEvent } from '../flow/position.ts';
import { namesCustomer } from '../flow/record.ts';
import { own } from './activities.ts';
import type { Outcome, TaskEffect } from './drive-flow.ts';
import { failureOf } from './failure.ts';
import { condition, now } from './rest.ts';

/** For whom another flow runs. */
export interface Parent {
  /** Whose data it hands on. */
  readonly customerId: string | null;
  /** What the parent began with. */
  readonly input: Json;
  /** Nobody needs it any more. */
  readonly isOver: () => boolean;
  /** Epoch ms when the parent's own time is over. */
  readonly until: number | undefined;
}

/** Starts another flow as a workflow of its own, and waits for it where the Task says so. Undefined: the Task starts none. */
export function callFlow(effect: TaskEffect, parent: Parent): Promise<Outcome> | undefined {
  const mode = executionMode(effect.resource);
  return mode && startFlow(effect, mode, parent);
}

async function startFlow(effect: TaskEffect, mode: ExecutionMode, parent: Parent): Promise<Outcome> {
  const call = readCall(effect.input);
  if ('error' in call) return refused(call.error, call.cause);
  const name = call.name ?? uuid4();
  const wrong = runIdProblem(name);
  if (wrong !== undefined) return refused(refusedAs('InvalidName'), `Name: ${wrong}`);
  try {
    const child = { parentId: workflowInfo().workflowId, workflowId: flowWorkflowId(name) };
    await own.findFlow(call.flow, namesCustomer(name, parent.input), child);
  } catch (error) {
    const { cause } = failureOf(error);
    return refused(refusedAs(cause === PERSONAL_NAME ? 'InvalidName' : 'StateMachineDoesNotExist'), cause);
  }
  const execution = { id: flowWorkflowId(name), name, call, startedAt: now() };
  // Apart, so that it can be cancelled where its parent is not.
  const scope = new CancellationScope({ cancellable: true });
  let child: ChildWorkflowHandle<Workflow>;
  try {
    child = await scope.run(() => start(execution, mode, parent));
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    return refused(refusedAs('ExecutionAlreadyExists'), `Name: there is a run ${name} already`);
  }
  if (mode === 'start') return { kind: 'result', output: startedExecution(execution) };
  return follow(effect, { ...execution, mode, child, scope }, parent);
}

function refused(error: string, cause: string): FlowEvent {
  return { kind: 'error', error, cause };
}

function start({ id, call }: Execution, mode: ExecutionMode, { customerId }: Parent) {
  const args: FlowArgs = { flow: call.flow, input: call.input, ...(customerId === null ? {} : { customerId }) };
  const isFree = mode === 'start';
  return startChild(FLOW_WORKFLOW, {
    workflowId: id,
    args: [args],
    workflowIdReusePolicy: 'REJECT_DUPLICATE',
    parentClosePolicy: isFree ? ParentClosePolicy.ABANDON : ParentClosePolicy.REQUEST_CANCEL,
    cancellationType: isFree
      ? ChildWorkflowCancellationType.ABANDON
      : ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
    staticSummary: 'A flow that another one has started',
  });
}

type Followed = Execution & {
  readonly mode: ExecutionMode;
  readonly child: ChildWorkflowHandle<Workflow>;
  readonly scope: CancellationScope;
};

async function follow(effect: TaskEffect, followed: Followed, parent: Parent): Promise<Outcome> {
  const { child, scope } = followed;
  let event: FlowEvent | undefined;
  const ended = endOf(followed, child.result() as Promise<Json>).then((came) => {
    event = came;
  });
  const left = timeLeft(effect.timeoutSeconds, followed.startedAt, parent.until);
  const isDone = () => event !== undefined || parent.isOver();
  const summary = `${effect.state}: until its time is over`;
  if (left === undefined) await condition(isDone);
  else if (!(await condition(isDone, left, { summary }))) {
    scope.cancel();
    return { kind: 'error', error: TIMEOUT, cause: '' };
  }
  if (event !== undefined) return event;
  scope.cancel();
  await ended;
  return 'overtaken';
}

/** How long the Task may still take, in ms; undefined: for ever. */
export function timeLeft(seconds: number | undefined, since: number, until: number | undefined): number | undefined {
  const ends = [until, seconds === undefined ? undefined : since + seconds * 1000];
  const first = Math.min(...ends.filter((end) => end !== undefined));
  return Number.isFinite(first) ? Math.max(1, first - now()) : undefined;
}

async function endOf(followed: Followed, result: Promise<Json>): Promise<FlowEvent> {
  try {
    return { kind: 'result', output: endedExecution(followed, followed.mode, await result, now()) };
  } catch (error) {
    const cause = error instanceof ChildWorkflowFailure ? error.cause : error;
    return { kind: 'error', error: TASK_FAILED, cause: causeOf(followed, cause) };
  }
}

/** @throws the error itself where it is none of a workflow that has ended: a bug of ours, which must fail the workflow task. */
function causeOf(execution: Execution, error: unknown): string {
  const at = now();
  if (error instanceof ApplicationFailure) {
    const failure = { error: error.type ?? TASK_FAILED, cause: error.message };
    return failedExecution(execution, 'FAILED', failure, at);
  }
  if (error instanceof TimeoutFailure) return failedExecution(execution, 'TIMED_OUT', undefined, at);
  if (error instanceof CancelledFailure || error instanceof TerminatedFailure) {
    return failedExecution(execution, 'ABORTED', undefined, at);
  }
  throw error;
}
