import { workflowInfo } from '@temporalio/workflow';
import type { TicketEnvelope } from '../domain/envelope.ts';
import type { Json, JsonObject } from '../domain/json.ts';
import { APART_FROM_TICKET, MODULES } from '../domain/modules.ts';
import { isOpen } from '../domain/ticket.ts';
import { bindModule } from '../flow/bind.ts';
import { isCausePrivate } from '../flow/cause.ts';
import { runsAlone } from '../flow/large.ts';
import { parseFlow } from '../flow/parse.ts';
import type { FlowEvent, Turn } from '../flow/position.ts';
import { begin } from '../flow/run.ts';
import type { Flow, MapState } from '../flow/types.ts';
import { allStates } from '../flow/walk.ts';
import { drawBase, own } from './activities.ts';
import { batchOf, runBatch } from './batch.ts';
import { isSince } from './changes.ts';
import { callFlow } from './child-flow.ts';
import type { Desk } from './desk.ts';
import {
  type Called,
  decisionsOf,
  driveFlow,
  type FailedEffect,
  isBefore,
  type Outcome,
  sayWait,
  type TaskEffect,
  type WaitEffect,
} from './drive-flow.ts';
import { type Failure, failureOf } from './failure.ts';
import { stepName } from './flow-lines.ts';
import { watching } from './flow-way.ts';
import { createHold, type Hold } from './hold.ts';
import { handOver, modules } from './modules.ts';
import { park, persist } from './park.ts';
import { condition, hasCome, now } from './rest.ts';
import { awaitToken, newTokens, type TokenHost, type Tokens, tokenMaker } from './task-tokens.ts';

/** The ticket's flow, from where it is to its end. Every failure that the flow does not catch parks and waits for an operator. */
export async function followTicketFlow(desk: Desk, envelope: TicketEnvelope): Promise<void> {
  const { memory, journal } = desk;
  const flow = parseFlow(memory.flow.definition, memory.flow.name, { checked: true });
  // The workflow's own random numbers: the same when its history is replayed.
  const tokens = awaitsTokens(flow) ? await tokensOf(desk) : undefined;
  const token = tokens ? { token: tokenMaker(tokens) } : {};
  memory.passings ??= [];
  const watch = watching(memory.passings);
  // What needs the ticket stays with it.
  const batch = (state: MapState, count: number) =>
    runsAlone(state, MODULES, APART_FROM_TICKET) ? batchOf(state, count) : undefined;
  const clock = () => {
    const executionId = workflowInfo().workflowId;
    return { now: now(), executionId, random: Math.random, watch, isBefore, batch, ...token };
  };
  let turn = memory.turn ?? begin(flow, envelope as unknown as Json, clock());
  if (memory.turn === null) step(desk, turn);
  // A ticket that was solved meanwhile needs no further act of the flow.
  const isOver = () => !isOpen(memory.row.state);
  // Asked once a run: earlier, lines were waited for to their end.
  const holds = hasLines(flow) && isSince('hold-lines');
  const hold = createHold();
  const isHeld = () => holds && hold.isHeld();
  await driveFlow({
    flow,
    clock,
    isOver,
    turn: () => turn,
    take(next) {
      turn = next;
      step(desk, next);
    },
    call(effect, { isAwaited, until }) {
      const { input } = turn.position.execution;
      const parent = { customerId: memory.customerId, input, isOver: () => isOver() || !isAwaited(), until };
      const isToGoOn = () => effect.line !== undefined && isHeld();
      const act = () => hold.counting(callFlow(effect, parent)) ?? callModule(desk, effect, isToGoOn);
      const call = tokens ? () => withToken(desk, effect, { ...parent, tokens, isToGoOn }, act) : act;
      return effect.line ? inBackground(desk, call) : call();
    },
    items(effect, isAwaited) {
      const { workflowId, firstExecutionRunId: firstRunId } = workflowInfo();
      const { flow: pinned, customerId } = memory;
      const root = { workflowId, firstRunId };
      const said = { flow: pinned, customerId, root, whole: flow, position: turn.position, tellsDecisions: true };
      const host = { ...said, parts: desk.parts, isOver: () => isOver() || !isAwaited() };
      return inBackground(desk, () => hold.counting(runBatch(effect, host)));
    },
    wait: (effect, until) => wait(desk, effect, until),
    isHeld,
    between(underWay) {
      return underWay === 0 && turn.effect.kind === 'lines' && isHeld() ? rest(desk, hold, isOver) : undefined;
    },
    async waitInLine(effect, isAwaited) {
      const left = effect.until - now();
      const isDone = () => isOver() || isHeld() || (holds && !isAwaited());
      if (left > 0 && !(await condition(isDone, left, { summary: sayWait(effect) }))) hasCome(effect.until);
      if (isOver()) return 'overtaken';
      return now() < effect.until && isHeld() ? 'again' : { kind: 'elapsed' };
    },
    failed: (effect) => answerOf(desk, flow, effect),
    // Earlier they were waited for in vain.
    leavesLines: () => isSince('leave-lines'),
    abandoned: (effect) => leaveBehind(desk, stepName(effect)),
    passed: (name, event) => (isGivenUp(name, event, turn) ? leaveBehind(desk, name) : undefined),
  });
  const unfinished = turn.effect;
  memory.turn = null;
  if (unfinished.kind !== 'succeeded') await leaveBehind(desk, stepName(unfinished));
  await journal.flush();
}

function awaitsTokens(flow: Flow): boolean {
  return allStates(flow).some((state) => state.type === 'Task' && state.awaitsToken);
}

async function tokensOf({ memory }: Desk): Promise<Tokens> {
  memory.tokens ??= newTokens(await drawBase());
  return memory.tokens;
}

function hasLines(flow: Flow): boolean {
  return allStates(flow).some(({ type }) => type === 'Parallel' || type === 'Map');
}

/** Longer than anything takes that a ticket does beside its flow while all its providers are well. */
const REST_MS = 60_000;

/** Lets a new run go on with the lines, unless something beside the flow needs this one. */
async function rest(desk: Desk, hold: Hold, isOver: () => boolean): Promise<void> {
  await desk.journal.flush();
  desk.resting = true;
  await condition(isOver, REST_MS, { summary: 'until a new run takes the flow up' });
  desk.resting = false;
  hold.lift();
}

/** Nobody comes back to this step, so that what it had still to send is given up. */
async function leaveBehind(desk: Desk, step: string): Promise<void> {
  await own.giveUpDeliveries(desk.memory.ticketId, step);
  forget(desk, step);
}

/** A step that is over needs no memory: a long flow must not fill it. */
function forget({ memory }: Desk, step: string): void {
  delete memory.done[step];
  delete memory.attempts[step];
  delete memory.taskEnds?.[step];
}

/** A step that failed and that the flow, or an operator, went on from. */
function isGivenUp(step: string, event: FlowEvent, { effect }: Turn): boolean {
  if (event.kind !== 'error' && event.kind !== 'skip') return false;
  const waited = effect.kind === 'lines' ? effect.effects : [effect];
  return effect.kind === 'succeeded' || !waited.some((one) => one.kind !== 'succeeded' && stepName(one) === step);
}

/** An aborted flow's ticket goes to a person, who is told even when the provider that failed the flow is still down. */
async function giveUp(desk: Desk, occasion: string): Promise<void> {
  await persist(desk, occasion, 'handOver', async (number, again) => {
    await handOver(desk, occasion, 'aborted', { number, of: 4, again });
  });
}

function withToken(
  desk: Desk,
  { token, ...effect }: TaskEffect,
  host: Omit<TokenHost, 'rests'>,
  act: () => Promise<Called>,
): Promise<Called> {
  if (token === undefined) return act();
  // After new runs of what stands in no line the ticket's main line looks; in those the place in memory is taken up.
  const rests = (isResting: boolean) => {
    if (!effect.line) desk.resting = isResting;
  };
  return awaitToken({ ...effect, token }, { ...host, rests }, act);
}

/** Perhaps nobody waits for it when it ends: the ticket's run does not end before it. */
async function inBackground<T>(desk: Desk, call: () => Promise<T>): Promise<T> {
  desk.background += 1;
  return call().finally(() => {
    desk.background -= 1;
  });
}

/** A failure that the flow did not catch is an operator's to answer. */
async function answerOf(desk: Desk, flow: Flow, effect: FailedEffect): Promise<Outcome> {
  const step = stepName(effect);
  const attempts = desk.memory.attempts[step] ?? 1;
  // What customers wrote stays out of what operators are shown.
  const cause = isCausePrivate(flow, effect.state) ? '' : effect.cause;
  const failure: Failure = { error: effect.error, cause, retryable: false, retryAfterMs: 0 };
  const answer = await park(desk, step, failure, attempts);
  if (answer.act === 'retry' || answer.act === 'fix') desk.again.add(step);
  if (answer.act === 'abort') await giveUp(desk, `abort:${step}`);
  if (answer.act === 'abort' || answer.act === 'overtaken') return 'overtaken';
  if (answer.act === 'fix') return { kind: 'fix', input: answer.input };
  if (answer.act === 'skip') return { kind: 'skip', result: answer.result };
  return { kind: 'retry' };
}

async function callModule(desk: Desk, effect: TaskEffect, isToGoOn: () => boolean): Promise<Called> {
  const name = bindModule(effect.state, effect.resource, MODULES);
  const module = name === undefined ? undefined : modules[name];
  const step = stepName(effect);
  // Whoever wants the token asks the workflow for it.
  if (name === 'waitForSignal') return { kind: 'result', output: {} };
  if (!module)
    return { kind: 'error', error: 'States.Runtime', cause: `no module for ${effect.resource}`, retryable: false };
  desk.memory.attempts[step] = effect.attempt;
  try {
    // Once: when that answer is lost too, it is the operator's to say again.
    const again = desk.again.delete(step);
    const until = effect.timeoutSeconds === undefined ? undefined : now() + effect.timeoutSeconds * 1000;
    const attempt = { number: effect.attempt, of: effect.maxAttempts, again, until };
    const output = await module(desk, { occasion: step, attempt, input: effect.input, token: effect.token, isToGoOn });
    if (output === 'again') return 'again';
    if (output === null) return 'overtaken';
    forget(desk, step);
    return { kind: 'result', output };
  } catch (error) {
    const failure = failureOf(error);
    return { kind: 'error', ...failure };
  }
}

async function wait(desk: Desk, effect: WaitEffect, flowUntil?: number): Promise<boolean> {
  const summary = sayWait(effect);
  const at = Math.min(effect.until, flowUntil ?? effect.until);
  // Seen before anything is written: of a write that takes longer than the wait a replay may have another clock, and wait after all.
  const waitsItOut = at > now() && isSince('waits-it-out');
  await desk.journal.flush();
  const left = at - now();
  if (left <= 0 && !waitsItOut) return true;
  desk.resting = true;
  const isOver = () => !isOpen(desk.memory.row.state);
  if (!(await condition(isOver, Math.max(1, left), { summary }))) hasCome(at);
  desk.resting = false;
  return true;
}

/** Takes a turn of the interpreter into memory, and what it decided into the journal. */
function step(desk: Desk, turn: Turn): void {
  desk.memory.turn = turn;
  for (const decision of decisionsOf(turn)) noteDecision(desk, decision);
  const { effect } = turn;
  if (effect.kind !== 'wait' || effect.why !== 'retry') return;
  const { error = null, attempt = null } = effect;
  desk.journal.note('retried', { step: stepName(effect), error, attempt });
}

/** The last ones: a flow that runs in a circle must not fill the memory. All of them are on the timeline. */
const MOST_DECISIONS = 100;

function noteDecision({ memory, journal }: Desk, decision: JsonObject): void {
  journal.note('decided', decision);
  const { state = null, next = null } = decision;
  memory.decisions = [...memory.decisions, { state, next }].slice(-MOST_DECISIONS);
  memory.facts = { ...memory.facts, decisions: memory.decisions };
}
