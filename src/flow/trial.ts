/** Runs a flow without any server: Tasks answer by mocks, and time passes at once. */
import { StewardError } from '../domain/errors.ts';
import type { Json } from '../domain/json.ts';
import type { Answer, Evaluation } from './evaluation.ts';
import { HEARTBEAT_TIMEOUT, TIMEOUT } from './failure.ts';
import { answering, type Mock, type Mocks } from './mocks.ts';
import type { Effect, FlowEvent, LineEffect, Passage, Turn } from './position.ts';
import { begin, proceed } from './run.ts';
import type { Flow } from './types.ts';
import { isObject } from './values.ts';
import { allStates } from './walk.ts';

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
  const ask = functionsAnswers(flow, answering(options.mocks));
  let now = options.now;
  const base = { watch: log.watch, unrecorded: true, ...(options.random ? { random: options.random } : {}) };
  let turn = begin(flow, input, { ...base, now, executionId: 'trial' });
  let due = new Map<string, Due>();
  for (;;) {
    const { effect } = turn;
    if (effect.kind === 'succeeded') return { status: 'succeeded', output: effect.output, ...log.said() };
    if (effect.kind === 'failed') return { status: 'failed', error: effect.error, cause: effect.cause, ...log.said() };
    // Lines that begin anew have the names of those before, and are no longer owed what became of these.
    if (effect.kind !== 'lines') due = new Map();
    const evaluation = evaluationIn(effect);
    if (evaluation) {
      const event = await evaluated(evaluation, now, options);
      turn = proceed(flow, turn.position, lined(evaluation, event), { ...base, now });
      continue;
    }
    const asking: Asking = { ask, log, turn, now };
    if (effect.kind === 'lines') due = schedule(effect.effects, due, asking);
    const next = effect.kind === 'lines' ? firstOf(due) : dueOf(effect, asking);
    const { until } = turn.position.execution;
    const over = until !== undefined && until < next.at;
    now = Math.max(now, over ? until : next.at);
    turn = proceed(flow, turn.position, over ? { kind: 'timedOut' } : next.event, { ...base, now });
  }
}

type EvaluateEffect = Extract<Effect, { kind: 'evaluate' }>;

function evaluationIn(effect: LineEffect | Extract<Effect, { kind: 'lines' }>): EvaluateEffect | undefined {
  if (effect.kind === 'lines') return effect.effects.find((one) => one.kind === 'evaluate');
  return effect.kind === 'evaluate' ? effect : undefined;
}

/** What a Task is asked with. */
interface Asking {
  readonly ask: ReturnType<typeof answering>;
  readonly log: Log;
  readonly turn: Turn;
  readonly now: number;
}

/** When something comes of an effect, and what. */
interface Due {
  readonly at: number;
  readonly event: FlowEvent;
}

type TaskEffect = Extract<Effect, { kind: 'task' }>;

function firstOf(due: ReadonlyMap<string, Due>): Due {
  return [...due.values()].reduce((first, one) => (one.at < first.at ? one : first));
}

/** What was due stays so; what is new is asked; what nobody waits for any more is forgotten. */
function schedule(effects: readonly LineEffect[], due: ReadonlyMap<string, Due>, asking: Asking): Map<string, Due> {
  return new Map(
    effects.map((effect) => {
      const key = keyOf(effect);
      return [key, due.get(key) ?? dueOf(effect, asking)];
    }),
  );
}

function keyOf(effect: LineEffect): string {
  const step = `${effect.within ?? ''}${effect.state}#${effect.entry}`;
  if (effect.kind === 'task') return `${step} task ${effect.attempt}`;
  return effect.kind === 'wait' ? `${step} ${effect.why} ${effect.until}` : step;
}

function dueOf(effect: LineEffect, { ask, log, turn, now }: Asking): Due {
  if (effect.kind === 'task') {
    log.called(effect);
    const { at, event } = answerOf(effect, ask(effect, itemOf(turn, effect)), now);
    return { at, event: lined(effect, event) };
  }
  return { at: effect.kind === 'wait' ? effect.until : 0, event: lined(effect, { kind: 'elapsed' }) };
}

function lined(effect: LineEffect, event: FlowEvent): FlowEvent {
  return effect.line ? { ...event, line: effect.line } : event;
}

/** Of Lambda's `invoke` the history of an execution has the whole, and the module's answer is the Payload in it. */
function functionsAnswers(flow: Flow, ask: ReturnType<typeof answering>): ReturnType<typeof answering> {
  return (task, item) => {
    const mock = ask(task, item);
    if (!mock || !('result' in mock.says)) return mock;
    const { result } = mock.says;
    const isWhole = isObject(result) && Object.hasOwn(result, 'Payload') && Object.hasOwn(result, 'StatusCode');
    // Asked last: nearly no answer looks so.
    return isWhole && isFunctions(flow, task.state) ? { ...mock, says: { result: result.Payload ?? null } } : mock;
  };
}

function isFunctions(flow: Flow, name: string | undefined): boolean {
  return allStates(flow).some((one) => one.name === name && one.type === 'Task' && one.invoke && !one.awaitsToken);
}

/** An answer that takes longer than the Task may is no answer. */
function answerOf(task: TaskEffect, mock: Mock | undefined, now: number): Due {
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
  const all: Writable<Passed>[] = [];
  /** In the flow itself one state follows another; within a Parallel or a Map there are many at a time. */
  let outer: Writable<Passed> | undefined;
  const inner = new Map<string, Writable<Passed>>();
  return {
    watch(passage) {
      const { frame } = passage;
      if (passage.kind === 'entered') {
        const { state, entry, line, input, enteredAt } = frame;
        const at = iso(enteredAt);
        const passed = line ? { state, entry, line, input, enteredAt: at } : { state, entry, input, enteredAt: at };
        if (frame.within === undefined) outer = passed;
        else inner.set(nameOf(frame), passed);
        all.push(passed);
        return;
      }
      const passed = frame.within === undefined ? outer : inner.get(nameOf(frame));
      if (!passed) return;
      passed.exitedAt = iso(passage.at);
      if (passage.kind === 'failed') {
        passed.error = passage.error;
        passed.cause = passage.cause;
        return;
      }
      passed.output = passage.output;
      if (passage.assigned !== undefined) passed.assigned = passage.assigned;
    },
    called(task) {
      const passed = task.within === undefined ? outer : inner.get(nameOf(task));
      if (passed) passed.attempts = (passed.attempts ?? 0) + 1;
    },
    said: () => ({ path: all.map((passed) => passed.state), states: all }),
  };
}

function nameOf(at: { readonly within?: string; readonly state: string; readonly entry: number }): string {
  return `${at.within ?? ''}${at.state}#${at.entry}`;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

let lastTime = Number.NaN;
let lastIso = '';

/** States follow each other at the same instant, mostly. */
function iso(time: number): string {
  if (time !== lastTime) {
    lastTime = time;
    lastIso = new Date(time).toISOString();
  }
  return lastIso;
}
