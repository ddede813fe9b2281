import type { JsonObject } from '../domain/json.ts';
import type { PinnedFlow } from '../domain/plan.ts';
import { type FlowWay, type Passing, type Standing, takePassage } from '../flow/passing.ts';
import type { Effect, LineEffect, Passage, Turn } from '../flow/position.ts';

/** Keeps the way that a flow takes, for whoever asks. */
export function watching(passings: Passing[]): (passage: Passage) => void {
  return (passage) => takePassage(passings, passage);
}

/** Where the flow stands and how it got there; `turn` null: it has ended. */
export function wayOf(
  { name, version, definition }: PinnedFlow,
  passings: readonly Passing[],
  turn: Turn | null,
): FlowWay & { readonly definition: JsonObject } {
  return { name, version, definition, passings, standing: turn ? standingOf(turn.effect) : [] };
}

function standingOf(effect: Effect): Standing[] {
  if (effect.kind === 'succeeded') return [];
  return (effect.kind === 'lines' ? effect.effects : [effect]).map(stands);
}

function stands(effect: LineEffect | Extract<Effect, { kind: 'failed' }>): Standing {
  const { state, within } = effect;
  return {
    state,
    ...(within === undefined ? {} : { within }),
    ...('attempt' in effect && effect.attempt !== undefined ? { attempt: effect.attempt } : {}),
    ...('maxAttempts' in effect && effect.maxAttempts !== undefined ? { maxAttempts: effect.maxAttempts } : {}),
    ...(effect.kind === 'wait' ? { until: effect.until } : {}),
    ...('error' in effect && effect.error !== undefined ? { error: effect.error } : {}),
  };
}
