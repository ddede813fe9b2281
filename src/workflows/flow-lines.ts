/** What a flow's Parallel and Map have under way at the same time. */
import type { FlowEvent, LineEffect } from '../flow/position.ts';
import { condition, now } from './rest.ts';

/**
 * What comes of a line's effect. `overtaken`: what the flow runs for was over before it came to anything; `again`: a new run is to wait for
 * it.
 */
export type LineOutcome = FlowEvent | 'overtaken' | 'again';

/** Keeps what is under way from one turn of the interpreter to the next. */
export interface Lines {
  /**
   * Begins what is new, forgets what no line waits for any more, and gives the first that comes to its end; undefined when `until` (epoch
   * ms) comes before; `again` when a new run is to go on and nothing is under way any more.
   */
  next(effects: readonly LineEffect[], until?: number): Promise<LineOutcome | undefined>;
  /** The state that had them was left: nobody waits for any of them. */
  leave(): void;
  /** Does anybody wait for one? */
  isAwaited(): boolean;
  /** How many steps have not come to their end, awaited or not, or did and were not given yet. */
  underWay(): number;
}

/**
 * `run` is told whether anybody waits for the step still. `abandoned` is told of one that came to its end when nobody did: steps under way
 * are not torn. While it `isHeld` nothing is begun.
 */
export function createLines(
  run: (effect: LineEffect, isAwaited: () => boolean) => Promise<LineOutcome>,
  abandoned: (effect: LineEffect) => Promise<void>,
  isHeld: () => boolean,
): Lines {
  const ended: { readonly key: string; readonly outcome: LineOutcome }[] = [];
  const awaited = new Map<string, symbol>();
  /** The same step again waits for its former run: what it does is done once. */
  const former = new Map<string, Promise<void>>();

  const begin = async (key: string, effect: LineEffect, id: symbol): Promise<void> => {
    await former.get(key);
    if (awaited.get(key) !== id) return;
    const outcome = await run(effect, () => awaited.get(key) === id);
    if (awaited.get(key) !== id) await abandoned(effect);
    else if (outcome === 'again') awaited.delete(key);
    else
      ended.push({
        key,
        outcome: outcome === 'overtaken' || !effect.line ? outcome : { ...outcome, line: effect.line },
      });
  };

  return {
    async next(effects, until) {
      const wanted = new Map(effects.map((effect) => [keyOf(effect), effect]));
      for (const key of awaited.keys()) if (!wanted.has(key)) awaited.delete(key);
      for (const [key, effect] of wanted) {
        if (awaited.has(key) || isHeld()) continue;
        const id = Symbol(key);
        awaited.set(key, id);
        const done = begin(key, effect, id);
        former.set(key, done);
        void done.then(() => {
          if (former.get(key) === done) former.delete(key);
        });
      }
      for (;;) {
        const isThrough = () => isHeld() && former.size === 0;
        const isSomethingThere = () => ended.length > 0 || isThrough();
        if (until === undefined) await condition(isSomethingThere);
        else if (!(await condition(isSomethingThere, Math.max(1, until - now()), { summary: SUMMARY })))
          return undefined;
        const first = ended.shift();
        if (!first && isThrough()) return 'again';
        if (!first || !awaited.delete(first.key)) continue;
        return first.outcome;
      }
    },
    leave() {
      awaited.clear();
      ended.splice(0);
    },
    isAwaited: () => awaited.size > 0,
    underWay: () => former.size + ended.length,
  };
}

const SUMMARY = "until the flow's TimeoutSeconds are over";

function keyOf(effect: LineEffect): string {
  const step = stepName(effect);
  if (effect.kind === 'task') return `${step} attempt ${effect.attempt}`;
  if (effect.kind === 'items') return `${step} from ${effect.from}`;
  return effect.kind === 'wait'
    ? `${step} ${effect.why} ${effect.until}`
    : `${step} evaluates ${JSON.stringify(effect.evaluation.kind)}`;
}

/** A step's occasion: the state and its entry, within the occasions around it. */
export function stepName(effect: {
  readonly state?: string;
  readonly entry?: number;
  readonly within?: string;
}): string {
  return `${effect.within ?? ''}${effect.state ?? 'flow'}#${effect.entry ?? 1}`;
}
