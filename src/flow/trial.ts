/** Runs a flow without any server: Tasks answer by mocks, and time passes at once. */
import { StewardError } from '../domain/errors.ts';
import type { Json } from '../domain/json.ts';
import type { Answer, Evaluation } from './evaluation.ts';
import { HEARTBEAT_TIMEOUT, TIMEOUT } from './failure.ts';
import { answering, type Mock, type Mocks } from './mocks.ts';
import type { Effect, FlowEvent, LineEffect, Passage, Turn } from './position.ts';
import { begin, proceed } from './run.ts';
import type { Flow } from './types.ts';

export interface TrialOptions {
  readonly mocks: Mocks;
  /** Epoch ms at the start. */
  readonly now: number;
  /** From 0 to 1, for JitterStrategy FULL. */
  readonly random?: () => number;
  /** Evaluates JSONata. */
  readonly evaluate?: (evaluation: Evaluation, now: number) => Promise<Answer | Wrong>;
}

export interface Wrong {
  readonly error: string;
  readonly cause: string;
}

export type Trial = (
  | { readonly status: 'succeeded'; readonly output: Json }
  | { readonly status: 'failed'; readonly error: string; readonly cause: string }
) & {
  /** The names of the states in the order in which they were entered. */
  readonly path: readonly string[];
  readonly states: readonly Passed[];
};

/** A state that was entered. */
export interface Passed {
  readonly state: string;
  /** The how-manieth time. */
  readonly entry: number;
  /** Of a state within a Parallel or a Map: which branch or item, from the outermost on. */
  readonly line?: readonly number[];
  readonly input: Json;
  readonly output?: Json;
  readonly assigned?: Json;
  /** ISO 8601, by the virtual clock. */
  readonly enteredAt: string;
  readonly exitedAt?: string;
  /** How often a Task was called. */
  readonly attempts?: number;
  readonly error?: string;
  readonly cause?: string;
}

/**
 * From the start to the end, on a virtual clock.
 * @throws StewardError InvalidRequest when a Task has no answer, or JSONata is to be evaluated and nobody does.
 */
export async function tryFlow(flow: Flow, input: Json, options: TrialOptions): Promise<Trial> {
  const log = createLog();
  const ask = answering(options.mocks);
  let now = options.now;
  const clock = () => ({ now, watch: log.watch, ...(options.random ? { random: options.random } : {}) });
  let turn = begin(flow, input, { ...clock(), executionId: 'trial' });
  let due = new Map<string, Due>();
  for (;;) {
    const { effect } = turn;
    if (effect.kind === 'succeeded') return { status: 'succeeded', output: effect.output, ...log.said() };
    if (effect.kind === 'failed') return { status: 'failed', error: effect.error, cause: effect.cause, ...log.said() };
    const effects = effect.kind === 'lines' ? effect.effects : [effect];
    const evaluation = effects.find((one) => one.kind === 'evaluate');
    if (evaluation) {
      const event = await evaluated(evaluation, now, options);
      turn = proceed(flow, turn.position, lined(evaluation, event), clock());
      continue;
    }
    due = schedule(effects, due, (task) => {
      log.called(task);
      return answerOf(task, ask(task, itemOf(turn, task)), now);
    });
    const next = [...due.values()].reduce((first, one) => (one.at < first.at ? one : first));
    const { until } = turn.position.execution;
    const over = until !== undefined && until < next.at;
    now = Math.max(now, over ? until : next.at);
    turn = proceed(flow, turn.position, over ? { kind: 'timedOut' } : next.event, clock());
  }
}

/** When something comes of an effect, and what. */
interface Due {
  readonly at: number;
  readonly event: FlowEvent;
}

/** What was due stays so; what is new is asked; what nobody waits for any more is forgotten. */
function schedule(
  effects: readonly LineEffect[],
  due: ReadonlyMap<string, Due>,
  ask: (task: Extract<Effect, { kind: 'task' }>) => Due,
): Map<string, Due> {
  return new Map(
    effects.map((effect) => {
      const key = keyOf(effect);
      return [key, due.get(key) ?? dueOf(effect, ask)];
    }),
  );
}

function keyOf(effect: LineEffect): string {
  const step = `${effect.within ?? ''}${effect.state}#${effect.entry}`;
  if (effect.kind === 'task') return `${step} task ${effect.attempt}`;
  return effect.kind === 'wait' ? `${step} ${effect.why} ${effect.until}` : step;
}

function dueOf(effect: LineEffect, ask: (task: Extract<Effect, { kind: 'task' }>) => Due): Due {
  if (effect.kind === 'task') {
    const { at, event } = ask(effect);
    return { at, event: lined(effect, event) };
  }
  return { at: effect.kind === 'wait' ? effect.until : 0, event: lined(effect, { kind: 'elapsed' }) };
}

function lined(effect: LineEffect, event: FlowEvent): FlowEvent {
  return effect.line ? { ...event, line: effect.line } : event;
}

/** An answer that takes longer than the Task may is no answer. */
function answerOf(task: Extract<Effect, { kind: 'task' }>, mock: Mock | undefined, now: number): Due {
  if (!mock) {
    const mend = `add "${task.state}": [{"result": …}] to the mocks`;
    throw new StewardError('InvalidRequest', `nothing answers for the Task ${task.state}; ${mend}`);
  }
  const { afterSeconds, says } = mock;
  const { timeoutSeconds = Number.POSITIVE_INFINITY, heartbeatSeconds = Number.POSITIVE_INFINITY } = task;
  const most = Math.min(timeoutSeconds, heartbeatSeconds);
  if (afterSeconds > most) {
    const error = heartbeatSeconds < timeoutSeconds ? HEARTBEAT_TIMEOUT : TIMEOUT;
    return { at: now + 1000 * most, event: { kind: 'error', error, cause: '' } };
  }
  const event: FlowEvent = 'result' in says ? { kind: 'result', output: says.result } : { kind: 'error', ...says };
  return { at: now + 1000 * afterSeconds, event };
}

/** The index of the item that the Task works for, in the innermost Map around it. */
function itemOf({ position }: Turn, { line }: LineEffect): number | undefined {
  let frame = position.frame;
  for (const index of line ?? []) {
    const inner = frame.phase.kind === 'branching' ? frame.phase.lines[index] : undefined;
    if (!inner) return undefined;
    frame = inner;
  }
  return frame.item?.index;
}

async function evaluated(
  { evaluation }: Extract<Effect, { kind: 'evaluate' }>,
  now: number,
  { evaluate }: TrialOptions,
): Promise<FlowEvent> {
  if (!evaluate)
    throw new StewardError('InvalidRequest', 'there is JSONata in the flow, and nothing here evaluates it');
  const answer = await evaluate(evaluation, now);
  return 'error' in answer ? { kind: 'error', ...answer } : { kind: 'evaluated', answer };
}

interface Log {
  readonly watch: (passage: Passage) => void;
  readonly called: (task: LineEffect) => void;
  readonly said: () => { readonly path: readonly string[]; readonly states: readonly Passed[] };
}

/** What is told of every state, in the order in which they were entered. */
function createLog(): Log {
  const all: Passed[] = [];
  const open = new Map<string, number>();
  const nameOf = (at: { within?: string; state: string; entry: number }) => `${at.within ?? ''}${at.state}#${at.entry}`;
  const amend = (name: string, more: (passed: Passed) => Partial<Passed>): void => {
    const index = open.get(name);
    const passed = index === undefined ? undefined : all[index];
    if (index !== undefined && passed) all[index] = { ...passed, ...more(passed) };
  };
  return {
    watch(passage) {
      const { frame } = passage;
      if (passage.kind === 'entered') {
        const { state, entry, line, input, enteredAt } = frame;
        open.set(nameOf(frame), all.length);
        all.push({ state, entry, ...(line ? { line } : {}), input, enteredAt: iso(enteredAt) });
      } else if (passage.kind === 'left') {
        const { output, assigned, at } = passage;
        amend(nameOf(frame), () => ({ output, ...(assigned === undefined ? {} : { assigned }), exitedAt: iso(at) }));
      } else {
        amend(nameOf(frame), () => ({ error: passage.error, cause: passage.cause, exitedAt: iso(passage.at) }));
      }
    },
    called: (task) => amend(nameOf(task), ({ attempts = 0 }) => ({ attempts: attempts + 1 })),
    said: () => ({ path: all.map((passed) => passed.state), states: all }),
  };
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
