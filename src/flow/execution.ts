/** `states:startExecution`: a Task that starts another flow. */
import { flowNameIn } from '../domain/flow-run.ts';
import type { Json, JsonObject } from '../domain/json.ts';
import { isObject, own } from './values.ts';

/** `start`: and goes on at once. `sync`: waits for it, and has its output as text; `sync:2`: as JSON. */
export type ExecutionMode = 'start' | 'sync' | 'sync:2';

const RESOURCE = /^arn:[\w-]+:states:[^:]*:[^:]*:states:startExecution(?:\.(sync(?::2)?))?$/u;

/** The same as a module of ours. */
export const RUN_FLOW = 'module:runFlow';

/** Undefined: the Task starts no flow. */
export function executionMode(resource: string): ExecutionMode | undefined {
  if (resource === RUN_FLOW) return 'sync:2';
  const found = RESOURCE.exec(resource);
  return found ? ((found[1] as ExecutionMode | undefined) ?? 'start') : undefined;
}

export interface ExecutionCall {
  /** The flow's name. */
  readonly flow: string;
  /** Of the execution. */
  readonly name?: string;
  readonly input: Json;
}

export interface Refused {
  readonly error: string;
  readonly cause: string;
}

/** AWS's own name for why it starts none. */
export function refusedAs(code: 'InvalidName' | 'StateMachineDoesNotExist' | 'ExecutionAlreadyExists' | 'InvalidArn') {
  return `StepFunctions.${code}Exception`;
}

/** What a Task asks for by its Parameters or Arguments. */
export function readCall(given: Json): ExecutionCall | Refused {
  const fields = isObject(given) ? given : {};
  const arn = own(fields, 'StateMachineArn');
  if (typeof arn !== 'string' || arn === '') {
    return {
      error: refusedAs('InvalidArn'),
      cause: 'StateMachineArn: expected the name of a flow, or an ARN that ends with it',
    };
  }
  const name = own(fields, 'Name');
  if (name !== undefined && typeof name !== 'string') {
    return { error: refusedAs('InvalidName'), cause: 'Name: expected text' };
  }
  const flow = flowNameIn(arn);
  return { flow, ...(name === undefined ? {} : { name }), input: inputIn(own(fields, 'Input')) };
}

/** AWS takes it as JSON or as text that is JSON. */
function inputIn(given: Json | undefined): Json {
  if (typeof given !== 'string') return given ?? {};
  try {
    return JSON.parse(given) as Json;
  } catch {
    return given;
  }
}

export interface Execution {
  readonly id: string;
  readonly call: ExecutionCall;
  readonly name: string;
  /** Epoch ms. */
  readonly startedAt: number;
}

/** What the Task has of a flow that it has only started. */
export function startedExecution({ id, startedAt }: Execution): JsonObject {
  return { ExecutionArn: id, StartDate: startedAt };
}

/** As AWS describes an execution: fields in the order of their names, times in epoch ms. `.sync` has input and output as texts. */
export function endedExecution(execution: Execution, mode: ExecutionMode, output: Json, stoppedAt: number): JsonObject {
  const text = (value: Json) => (mode === 'sync' ? JSON.stringify(value) : value);
  return described(execution, 'SUCCEEDED', stoppedAt, {
    Input: text(execution.call.input),
    InputDetails: { Included: true },
    Output: text(output),
    OutputDetails: { Included: true },
  });
}

/**
 * The Cause of `States.TaskFailed`. Without the input, which AWS can leave out too: causes are read where the data of customers has no
 * business.
 */
export function failedExecution(
  execution: Execution,
  status: 'FAILED' | 'ABORTED' | 'TIMED_OUT',
  failure: { readonly error: string; readonly cause: string } | undefined,
  stoppedAt: number,
): string {
  const said = failure ? { Cause: failure.cause, Error: failure.error } : {};
  return JSON.stringify(described(execution, status, stoppedAt, { ...said, InputDetails: { Included: false } }));
}

function described(
  { id, name, call, startedAt }: Execution,
  status: string,
  stoppedAt: number,
  said: JsonObject,
): JsonObject {
  const fields: JsonObject = {
    ...said,
    ExecutionArn: id,
    Name: name,
    RedriveCount: 0,
    RedriveStatus: 'NOT_REDRIVABLE',
    RedriveStatusReason: `Execution is ${status} and cannot be redriven`,
    StartDate: startedAt,
    StateMachineArn: call.flow,
    Status: status,
    StopDate: stoppedAt,
  };
  return Object.fromEntries(Object.entries(fields).sort(([one], [other]) => (one < other ? -1 : 1)));
}
