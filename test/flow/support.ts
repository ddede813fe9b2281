import type { Json, JsonObject } from '../../src/domain/json.ts';
import { checkFlow } from '../../src/flow/check.ts';
import { parseFlow } from '../../src/flow/parse.ts';
import { begin, type Effect, type FlowEvent, proceed, type Turn } from '../../src/flow/run.ts';
import type { Flow } from '../../src/flow/types.ts';

export const NOW = Date.UTC(2026, 3, 23, 14, 30);
export const MODULES = ['analyzeTicket', 'resolveWithBot', 'escalateToAgent', 'sendWelcomeEmail', 'askPeople'];

/** A flow of one state, `S`, that ends there. */
export function single(state: JsonObject): Flow {
  return flowOf({ S: { End: true, ...state } });
}

/** A flow that starts at its first state. */
export function flowOf(states: JsonObject): Flow {
  return parseFlow({ StartAt: Object.keys(states)[0] ?? '', States: states }, 'test');
}

export function start(flow: Flow, input: Json = {}): Turn {
  return begin(flow, input, { now: NOW, executionId: 'ticket-T1' });
}

/** Begins and feeds the events one after the other; the last turn. */
export function play(flow: Flow, input: Json, events: readonly FlowEvent[] = []): Turn {
  return events.reduce((turn, event) => proceed(flow, turn.position, event, { now: NOW }), start(flow, input));
}

export const result = (output: Json): FlowEvent => ({ kind: 'result', output });
export const error = (name: string, more: Partial<FlowEvent & { kind: 'error' }> = {}): FlowEvent => ({
  kind: 'error',
  error: name,
  cause: 'because',
  ...more,
});
export const elapsed: FlowEvent = { kind: 'elapsed' };

export function output(turn: Turn): Json {
  if (turn.effect.kind === 'succeeded') return turn.effect.output;
  throw new Error(`not at the end but at ${JSON.stringify(turn.effect)}`);
}

/** A Task that hands its input to module `m`, within a Parallel or a Map. */
export const line = (state: JsonObject = {}, name = 'Work'): JsonObject => ({
  StartAt: name,
  States: { [name]: { Type: 'Task', Resource: 'module:m', End: true, ...state } },
});

/** What the lines wait for: `state#entry` with the occasions around it, and the input of a Task. */
export function waiting(turn: Turn): Record<string, Json> {
  return Object.fromEntries(
    effect(turn, 'lines').effects.map((one) => [
      `${one.within}${one.state}#${one.entry}`,
      one.kind === 'task' ? one.input : one.kind === 'wait' ? one.why : one.kind,
    ]),
  );
}

/** The effect, checked to be of this kind. */
export function effect<K extends Effect['kind']>(turn: Turn, kind: K): Effect & { kind: K } {
  if (isKind(turn.effect, kind)) return turn.effect;
  throw new Error(`not ${kind} but ${JSON.stringify(turn.effect)}`);
}

function isKind<K extends Effect['kind']>(found: Effect, kind: K): found is Effect & { kind: K } {
  return found.kind === kind;
}

/** What the checker finds in a definition, as `severity path: message`. */
export function say(definition: unknown): string[] {
  return checkFlow(definition, { modules: MODULES, bound: 'error' }).map(
    (p) => `${p.severity} ${p.path}: ${p.message}`,
  );
}

/** The same for a flow whose first state is `S`, beside a good end. */
export function problems(state: object): string[] {
  const found = say({ StartAt: 'S', States: { S: state, End: { Type: 'Succeed' } } });
  return found.filter((line) => !/\.End: no way/u.test(line));
}

export function errorsOf(state: object): string[] {
  return problems(state).filter((line) => line.startsWith('error'));
}
