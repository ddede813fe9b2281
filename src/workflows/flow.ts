import {
  ActivityFailure,
  ApplicationFailure,
  allHandlersFinished,
  CancellationScope,
  CancelledFailure,
  continueAsNew,
  log,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { BegunFlow } from '../activities/flow-run.ts';
import {
  type FlowArgs,
  type FlowView,
  flowParts,
  flowRun,
  flowRunId,
  flowWay,
  type HeldMessage,
  type ItemsArgs,
} from '../contract-flow.ts';
import { CHANGES } from '../domain/changes.ts';
import type { ErrorCode } from '../domain/errors.ts';
import { sayFlowRun, sayFlowWaiting, type Waiting } from '../domain/flow-words.ts';
import type { Json, JsonObject } from '../domain/json.ts';
import { MARK_WORDS, markOf } from '../domain/mark.ts';
import { WITHOUT_TICKET } from '../domain/modules.ts';
import type { PinnedFlow } from '../domain/plan.ts';
import { flowAround } from '../flow/batch.ts';
import { bindModule } from '../flow/bind.ts';
import type { Decision } from '../flow/choose.ts';
import { parseFlow } from '../flow/parse.ts';
import type { Passing } from '../flow/passing.ts';
import type { Effect, FlowEvent, Turn } from '../flow/position.ts';
import { begin } from '../flow/run.ts';
import type { Flow } from '../flow/types.ts';
import { own } from './activities.ts';
import { type Asker, type AskHost, createAsker, type Questions } from './ask-by-run.ts';
import { batchOf, runBatch } from './batch.ts';
import { beganWith } from './changes.ts';
import { callFlow } from './child-flow.ts';
import { driveFlow, isBefore, sayWait, type TaskEffect } from './drive-flow.ts';
import { failureOf } from './failure.ts';
import { stepName } from './flow-lines.ts';
import { watching, wayOf } from './flow-way.ts';
import { FROZEN, frozenPauses } from './frozen.ts';
import { createHold, isSuggested } from './hold.ts';
import { callHttp } from './http.ts';
import { createHeld, type HeldMessages, notifyByRun } from './notify.ts';
import { condition, hasCome, now } from './rest.ts';
import { awaitToken, hearTokens, newTokens, type Tokens, tokenMaker } from './task-tokens.ts';

/** All that a run knows: plain JSON, so that it can go on as a new one. */
export interface FlowMemory {
  readonly flow: PinnedFlow;
  readonly tokens: Tokens;
  /** How many of `CHANGES` there were when it began; missing in runs from before that was kept. */
  readonly changes?: number | undefined;
  /** Answers by signal that did not count. */
  refused: number;
  /** Whose data it is about. */
  readonly customerId: string | null;
  turn: Turn;
  /** Which way it took; missing in runs from before that was kept. */
  passings?: Passing[];
  /** What it has told somebody and is still to go out. */
  held?: readonly HeldMessage[];
  /** What it has asked people; missing in runs from before it could. */
  questions?: Questions;
  /** Of a batch of items: the Map's name, in whose name it calls others, and every Choice where somebody is to be told. */
  readonly batch?: { readonly map: string; readonly root: ItemsArgs['root']; readonly decisions: Decision[] | null };
}

/**
 * A flow that belongs to no ticket, from its start to its end: its result is the flow's output. Fails with the flow's error as type and its
 * cause as message, `InvalidRequest` or `InvalidFlow`. `carried`: what an earlier run of the same workflow knew.
 */
export async function runFlow(args: FlowArgs, carried?: FlowMemory): Promise<Json> {
  // Whoever waits for one of its steps hears that it is over: a request to cancel is taken between steps.
  return CancellationScope.nonCancellable(async () => {
    assertReadable(args, carried);
    const memory = carried ?? (await beginRun(args));
    // The input is in the flow's position: it need not be carried twice.
    return live(memory, () => continueAsNew<typeof runFlow>({ flow: args.flow }, memory));
  });
}

export function assertReadable(...args: readonly unknown[]): void {
  const mark = args.map(markOf).find((found) => found !== undefined);
  if (mark === undefined) return;
  const type: ErrorCode = mark === 'erased' ? 'KeyShredded' : 'InvalidRequest';
  throw failure(type, `what the flow is to run with ${MARK_WORDS[mark]}`);
}

export function failure(type: string, message: string, details: unknown[] = []): ApplicationFailure {
  return ApplicationFailure.create({ type, message, nonRetryable: true, details });
}

async function beginRun(args: FlowArgs): Promise<FlowMemory> {
  const { workflowId } = workflowInfo();
  try {
    const begun = await beginOnce(args);
    const flow = flowOf(begun.flow);
    const { customerId, changes } = begun;
    beganWith(changes);
    const tokens = newTokens(begun);
    const passings: Passing[] = [];
    const turn = begin(flow, args.input ?? {}, { ...clock(tokens, passings), ...namesOf(workflowId) });
    return {
      flow: begun.flow,
      customerId,
      tokens,
      refused: 0,
      turn,
      passings,
      changes,
    };
  } catch (error) {
    // The workflow's own failure carries the code, so that whoever started it sees it first.
    const cause = error instanceof ActivityFailure ? error.cause : error;
    if (!(cause instanceof ApplicationFailure)) throw error;
    throw failure(cause.type ?? 'InvalidRequest', cause.message, cause.details ?? []);
  }
}

/** Nothing new begins for a customer while they are erased, and nothing that comes meanwhile is lost. */
async function beginOnce(args: FlowArgs): Promise<BegunFlow> {
  const { workflowId, parent } = workflowInfo();
  const ask = () => own.beginFlow({ args, workflowId, isChild: parent !== undefined, changes: CHANGES.length });
  const pauses = frozenPauses();
  let isCancelled = false;
  whenCancelled(() => {
    isCancelled = true;
  });
  // Whoever looks may come before its first step has ended.
  let view = beginningView(args, 'its step to end');
  setHandler(flowRun, () => view);
  let begun = await ask();
  while (begun === 'frozen') {
    view = beginningView(args, 'the erasure of its customer to end');
    setCurrentDetails(sayFlowRun(view));
    await condition(() => isCancelled, pauses.next().value, { summary: FROZEN });
    if (isCancelled) throw new CancelledFailure('cancelled by request');
    begun = await ask();
  }
  return begun;
}

function beginningView({ flow }: FlowArgs, waitingFor: string): FlowView {
  const { workflowId } = workflowInfo();
  return {
    id: flowRunId(workflowId) ?? workflowId,
    flow,
    version: 'that rules when it begins',
    at: 'its beginning',
    waitingFor,
    refused: 0,
  };
}

function flowOf({ definition, name }: PinnedFlow) {
  return parseFlow(definition, name, { checked: true });
}

/** The flow whose states are gone through: of a batch of items, the one around its Map. */
function goneThrough({ flow: pinned, batch }: FlowMemory): Flow {
  const whole = flowOf(pinned);
  return (batch && flowAround(whole, batch.map)) ?? whole;
}

function namesOf(workflowId: string) {
  return { executionId: workflowId, executionName: flowRunId(workflowId) ?? workflowId };
}

/** The workflow's own random numbers: the same when its history is replayed. */
export function clock(tokens: Tokens, passings: Passing[]) {
  const told = { token: tokenMaker(tokens), watch: watching(passings), batch: batchOf };
  return { now: now(), random: Math.random, isBefore, ...told };
}

/** From where it stands to its end. `goOn` begins a new run with what is in memory. */
export async function live(memory: FlowMemory, goOn: () => Promise<never>): Promise<Json> {
  beganWith(memory.changes);
  const flow = goneThrough(memory);
  const parts = new Set<string>();
  memory.passings ??= [];
  const { passings } = memory;
  let isCancelled = false;
  whenCancelled(() => {
    isCancelled = true;
  });
  setHandler(flowRun, () => viewOf(memory));
  setHandler(flowParts, () => [...parts]);
  setHandler(flowWay, () => wayOf(memory.flow, passings, memory.turn));
  const changed = () => setCurrentDetails(sayFlowRun(viewOf(memory)));
  const refused = (saying: string, why: string) => {
    memory.refused += 1;
    log.warn('an answer to a Task does not count', { saying, why });
    changed();
  };
  hearTokens(() => memory.tokens, refused);
  changed();
  const held = createHeld(memory.held ?? []);
  const hold = createHold();
  const hasFailed = () => memory.turn.effect.kind === 'failed';
  const isEnded = () => isCancelled || hasFailed();
  memory.questions ??= { asked: {}, ended: {} };
  const asker = createAsker(memory.questions, { isEnded, changed, refused });
  // Of a run that has failed nobody waits for its steps, though it stays for what it holds back.
  const isOver = () => isCancelled || (hasFailed() && held.all.length > 0);
  /** What wakes somebody by this has to be what lets a new run go on: else it would be woken again at once. */
  const mayGoOn = (underWay: number) => underWay === 0 && isSuggested() && held.areAtRest();

  await driveFlow({
    flow,
    clock: () => clock(memory.tokens, passings),
    turn: () => memory.turn,
    take(turn) {
      memory.turn = turn;
      memory.batch?.decisions?.push(...turn.decisions);
      changed();
    },
    isOver: isEnded,
    // Nothing is in flight: what the flow waits for is in its position, times as instants.
    between(underWay) {
      if (memory.turn.effect.kind === 'succeeded' || !mayGoOn(underWay)) return undefined;
      return condition(() => isCancelled || allHandlersFinished()).then(async () => {
        if (isCancelled) return;
        memory.held = held.all;
        await goOn();
      });
    },
    isHeld: hold.isHeld,
    call: (effect, { isAwaited, until, underWay }) => {
      const { input } = memory.turn.position.execution;
      const parent = { customerId: memory.customerId, input, isOver: () => isOver() || !isAwaited(), until };
      const { token } = effect;
      const isToGoOn = effect.line ? hold.isHeld : () => mayGoOn(underWay());
      const asks = { asker, isOver: () => isEnded() || !isAwaited(), until, isToGoOn };
      const act = () =>
        hold.counting(callFlow(effect, parent)) ?? callModule(effect, until, { held, root: memory.batch?.root }, asks);
      if (token === undefined) return act();
      return awaitToken({ ...effect, token }, { ...parent, tokens: memory.tokens, isToGoOn }, async () => act());
    },
    items(effect, isAwaited) {
      const { workflowId, firstExecutionRunId: firstRunId } = workflowInfo();
      const { flow: pinned, customerId, batch, turn } = memory;
      const root = batch?.root ?? { workflowId, firstRunId };
      const tellsDecisions = batch !== undefined && batch.decisions !== null;
      const said = { flow: pinned, customerId, root, whole: flow, position: turn.position, tellsDecisions };
      return hold.counting(
        runBatch(effect, { ...said, parts, hold: held.hold, isOver: () => isOver() || !isAwaited() }),
      );
    },
    async wait(effect, until, underWay) {
      const at = Math.min(effect.until, until ?? effect.until);
      const left = at - now();
      const isDone = () => isCancelled || mayGoOn(underWay());
      if (left > 0 && !(await condition(isDone, left, { summary: sayWait(effect) }))) hasCome(at);
      return now() >= at;
    },
    async waitInLine(effect, isAwaited) {
      const left = effect.until - now();
      const isDone = () => isOver() || !isAwaited() || hold.isHeld();
      if (left > 0 && !(await condition(isDone, left, { summary: sayWait(effect) }))) hasCome(effect.until);
      if (isOver()) return 'overtaken';
      return now() < effect.until && hold.isHeld() ? 'again' : { kind: 'elapsed' };
    },
    // Looked at by `isOver`.
    failed: async () => 'overtaken',
    leavesLines: () => true,
    abandoned: async () => {},
  });
  await asker.settled();
  // A batch of items hands on what it holds: whoever waits for the items waits for no night.
  if (memory.batch) memory.held = held.all;
  else await condition(() => isCancelled || held.all.length === 0);
  if (isCancelled) throw new CancelledFailure('cancelled by request');
  const { effect } = memory.turn;
  if (effect.kind === 'failed') throw failure(effect.error, effect.cause);
  if (effect.kind !== 'succeeded') throw new TypeError(`the flow stands still at ${stepName(effect)}`);
  return effect.output;
}

/** In whose name it calls others: of a batch of items, the Map's. */
interface Callers {
  readonly held: HeldMessages;
  readonly root: ItemsArgs['root'] | undefined;
}

function callModule(
  effect: TaskEffect,
  until: number | undefined,
  { held, root }: Callers,
  { asker, ...asks }: AskHost & { readonly asker: Asker },
) {
  const { state, resource } = effect;
  const name = bindModule(state, resource, WITHOUT_TICKET);
  if (name === 'http') return request(effect, until, root);
  if (name === 'notify') return notify(effect, until, { held, root });
  if (name === 'askPeople') return asker.ask(effect, asks);
  if (name === 'waitForSignal') return { kind: 'result', output: {} } as const;
  return { kind: 'error', error: 'States.Runtime', cause: `no module for ${resource}`, retryable: false } as const;
}

async function request(effect: TaskEffect, flowUntil: number | undefined, root: Callers['root']): Promise<FlowEvent> {
  const { input, attempt, token } = effect;
  const until = timeOf(effect, flowUntil);
  return eventOf(callHttp({ request: input, step: stepName(effect), attempt, token, until, root }));
}

async function notify(effect: TaskEffect, flowUntil: number | undefined, { held, root }: Callers): Promise<FlowEvent> {
  const { input, attempt: number, maxAttempts: of } = effect;
  const attempt = { number, of, again: false, until: timeOf(effect, flowUntil) };
  return eventOf(notifyByRun({ request: input, step: stepName(effect), attempt, hold: held.hold, root }));
}

/** Epoch ms when nobody waits for it any more: the Task's own time, or the flow's. */
function timeOf({ timeoutSeconds }: TaskEffect, flowUntil: number | undefined): number | undefined {
  const own = timeoutSeconds === undefined ? undefined : now() + timeoutSeconds * 1000;
  return own === undefined ? flowUntil : Math.min(own, flowUntil ?? own);
}

async function eventOf(done: Promise<JsonObject>): Promise<FlowEvent> {
  try {
    return { kind: 'result', output: await done };
  } catch (error) {
    return { kind: 'error', ...failureOf(error) };
  }
}

function whenCancelled(act: () => void): void {
  const root = CancellationScope.current().parent ?? CancellationScope.current();
  root.cancelRequested.catch(act);
}

function viewOf({ flow, turn, refused, questions }: FlowMemory): FlowView {
  const { effect } = turn;
  const isOver = effect.kind === 'succeeded' || effect.kind === 'failed';
  return {
    id: flowRunId(workflowInfo().workflowId) ?? workflowInfo().workflowId,
    flow: flow.name,
    version: flow.version,
    at: isOver ? null : stepName(effect),
    waitingFor: sayFlowWaiting(waitingOf(effect, questions)),
    refused,
  };
}

function waitingOf(effect: Effect, questions: Questions | undefined): Waiting {
  switch (effect.kind) {
    case 'succeeded':
    case 'failed':
      return { kind: 'nothing' };
    case 'wait': {
      const { until, why, error } = effect;
      return { kind: 'time', until, why, ...(error === undefined ? {} : { error }) };
    }
    case 'lines':
      return { kind: 'lines', states: effect.effects.map(({ state }) => state) };
    case 'task': {
      const taskId = questions?.asked[stepName(effect)];
      if (taskId !== undefined) return { kind: 'people', taskId };
      return { kind: effect.token === undefined ? 'step' : 'token' };
    }
    case 'evaluate':
    case 'items':
      return { kind: 'step' };
  }
}
