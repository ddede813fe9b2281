/** Runs a flow over what is known of a ticket that came: as far as that goes, and no further. */
import type { Json } from '../domain/json.ts';
import type { Decision } from './choose.ts';
import type { Answer, Evaluation } from './evaluation.ts';
import type { Effect, FlowEvent, LineEffect, Turn } from './position.ts';
import { begin, proceed } from './run.ts';
import type { Wrong } from './trial.ts';
import type { Flow } from './types.ts';

type TaskEffect = Extract<Effect, { kind: 'task' }>;

export interface RehearseOptions {
  /** What the Task found when the ticket came; undefined: nobody knows, and nothing is made up. */
  readonly answer: (task: TaskEffect) => Json | undefined;
  /** Epoch ms at the start; waiting takes no time. */
  readonly now: number;
  readonly evaluate: (evaluation: Evaluation, now: number) => Promise<Answer | Wrong>;
}

/** `unknown`: a state that nothing is known of, and nothing of what comes after it. */
export type RehearsedEnd =
  | { readonly kind: 'succeeded' }
  | { readonly kind: 'failed'; readonly state: string; readonly error: string; readonly cause: string }
  | { readonly kind: 'unknown'; readonly state: string };

export interface Rehearsed {
  readonly decisions: readonly Decision[];
  readonly end: RehearsedEnd;
}

/** More Tasks, waits and expressions than this are a circle. */
const MOST_EFFECTS = 2_000;

export async function rehearse(flow: Flow, input: Json, options: RehearseOptions): Promise<Rehearsed> {
  let { now } = options;
  const clock = () => ({ now, random: () => 0 });
  let turn = begin(flow, input, { ...clock(), executionId: 'rehearsal' });
  const decisions = [...turn.decisions];
  for (let effects = 0; effects < MOST_EFFECTS; effects++) {
    const { effect } = turn;
    if (effect.kind === 'succeeded') return { decisions, end: { kind: 'succeeded' } };
    if (effect.kind === 'failed') {
      const { state, error, cause } = effect;
      return { decisions, end: { kind: 'failed', state, error, cause } };
    }
    const known = await eventOf(turn, now, options);
    if ('unknown' in known) return { decisions, end: { kind: 'unknown', state: known.unknown } };
    const { until } = turn.position.execution;
    const isOver = until !== undefined && until < known.at;
    now = Math.max(now, isOver ? until : known.at);
    turn = proceed(flow, turn.position, isOver ? { kind: 'timedOut' } : known.event, clock());
    decisions.push(...turn.decisions);
  }
  return { decisions, end: { kind: 'unknown', state: stateOf(turn) } };
}

function stateOf({ position }: Turn): string {
  return position.frame.state;
}

type Known = { readonly event: FlowEvent; readonly at: number } | { readonly unknown: string };

/** Of several lines first what is known at once, then what is waited for the shortest. */
async function eventOf({ effect }: Turn, now: number, options: RehearseOptions): Promise<Known> {
  if (effect.kind === 'succeeded' || effect.kind === 'failed') throw new TypeError('there is nothing to wait for');
  const effects = effect.kind === 'lines' ? effect.effects : [effect];
  const waits: Extract<Effect, { kind: 'wait' }>[] = [];
  let unknown = effect.state;
  for (const one of effects) {
    if (one.kind === 'evaluate') {
      const answer = await options.evaluate(one.evaluation, now);
      const event = 'error' in answer ? { kind: 'error' as const, ...answer } : { kind: 'evaluated' as const, answer };
      return { event: lined(one, event), at: now };
    }
    if (one.kind === 'task') {
      const output = options.answer(one);
      if (output !== undefined) return { event: lined(one, { kind: 'result', output }), at: now };
      unknown = one.state;
    } else if (one.kind === 'wait') waits.push(one);
  }
  const first = waits.sort((a, b) => a.until - b.until).at(0);
  return first ? { event: lined(first, { kind: 'elapsed' }), at: first.until } : { unknown };
}

function lined(effect: LineEffect, event: FlowEvent): FlowEvent {
  return effect.line ? { ...event, line: effect.line } : event;
}

/** A decision that would be another one; null: it would not be asked. */
export interface Changed {
  readonly state: string;
  readonly entry: number;
  readonly was: string | null;
  readonly would: string | null;
  /** The rule that would be met, in words. */
  readonly condition: string | null;
}

type Decided = Pick<Decision, 'state' | 'entry' | 'within' | 'next' | 'condition'>;

/**
 * Of two ways that the same ticket could go, every decision that differs. What lies behind the end of a way that is known only in part is no
 * difference.
 */
export function compareWays(was: Rehearsed, would: Rehearsed): Changed[] {
  const [old, now] = [byOccasion(was.decisions), byOccasion(would.decisions)];
  const changed: Changed[] = [];
  for (const [key, { state, entry, next }] of old) {
    const other = now.get(key);
    if (!other && would.end.kind === 'unknown') continue;
    if (other?.next === next) continue;
    changed.push({ state, entry, was: next, would: other?.next ?? null, condition: other?.condition ?? null });
  }
  for (const [key, { state, entry, next, condition }] of now) {
    if (old.has(key) || was.end.kind === 'unknown') continue;
    changed.push({ state, entry, was: null, would: next, condition });
  }
  return changed;
}

function byOccasion(decisions: readonly Decided[]): Map<string, Decided> {
  return new Map(decisions.map((one) => [occasionOf(one), one]));
}

export function occasionOf({ state, entry, within = '' }: Pick<Decision, 'state' | 'entry' | 'within'>): string {
  return `${within}${state}#${entry}`;
}
