/** What is allowed in a definition and hardly meant. Each is a warning, but for what the language forbids. */
import { components } from './components.ts';
import { shadowedBy } from './implies.ts';
import { below, type Problem, quoted, shown, someOf } from './problems.ts';
import { pathsRead, variablesSet } from './reads.ts';
import type { ChoiceState, Flow, State } from './types.ts';
import { allStates, flowsWithin } from './walk.ts';

export function advise(flow: Flow, options: { readonly waits: (state: State) => boolean }): Problem[] {
  return [
    ...allFlows(flow).flatMap((one) => loops(one, options.waits)),
    ...allStates(flow).flatMap((state) => (state.type === 'Choice' ? shadowed(state) : [])),
    ...variables(flow, []),
  ];
}

function allFlows(flow: Flow): Flow[] {
  return [flow, ...[...flow.states.values()].flatMap(flowsWithin).flatMap(allFlows)];
}

function warning(path: string, message: string): Problem {
  return { severity: 'warning', path, message };
}

/** Of states that all lead to each other so many loops are told: of the rest one hears when these are mended. */
const MOST_LOOPS = 20;

/** A way back to where it came from on which nothing waits: it runs as fast as the machine lets it. */
function loops(flow: Flow, waits: (state: State) => boolean): Problem[] {
  const running = [...flow.states.values()].filter((state) => state.type !== 'Wait' && !waits(state));
  const ways = new Map(running.map((state) => [state.name, nextOf(state)]));
  const places = new Map(running.map((state, place) => [state.name, place]));
  const found = components(ways).flatMap((component) => {
    const members = new Set(component);
    const within = new Map(component.map((name) => [name, (ways.get(name) ?? []).filter((next) => members.has(next))]));
    return loopsWithin(within);
  });
  return found
    .sort(([a = ''], [b = '']) => (places.get(a) ?? 0) - (places.get(b) ?? 0))
    .map((circle) => {
      const [first = ''] = circle;
      const way = [...circle, first].map(shown).join(' -> ');
      const path = flow.states.get(first)?.path ?? '$';
      return warning(path, `a loop without a Wait: ${way}; put a Wait into it, so that it does not run hot`);
    });
}

/** The shortest circle through each that none before it goes through. */
function loopsWithin(ways: ReadonlyMap<string, readonly string[]>): string[][] {
  const told = new Set<string>();
  const circles: string[][] = [];
  for (const name of ways.keys()) {
    if (told.has(name) || circles.length === MOST_LOOPS) continue;
    const circle = circleThrough(name, ways);
    for (const one of circle) told.add(one);
    if (circle.length > 0) circles.push(circle);
  }
  return circles;
}

/** The shortest way from a state back to itself; empty when there is none. */
function circleThrough(name: string, ways: ReadonlyMap<string, readonly string[]>): string[] {
  const came = new Map<string, string>();
  const queue = [name];
  for (const at of queue) {
    for (const next of ways.get(at) ?? []) {
      if (next === name) return wayBack(at, name, came);
      if (came.has(next)) continue;
      came.set(next, at);
      queue.push(next);
    }
  }
  return [];
}

function wayBack(last: string, first: string, came: ReadonlyMap<string, string>): string[] {
  const way = [last];
  for (let at = last; at !== first; way.unshift(at)) at = came.get(at) ?? first;
  return way;
}

function nextOf(state: State): string[] {
  const direct = 'next' in state && state.next !== undefined ? [state.next] : [];
  const caught = 'catch' in state ? state.catch.map((catcher) => catcher.next) : [];
  if (state.type !== 'Choice') return [...direct, ...caught];
  const rules = state.choices.map((rule) => rule.next);
  return state.default === undefined ? rules : [...rules, state.default];
}

/** Beyond so many rules only those are found that say the same: to hold each against each takes the square of their number. */
const MOST_COMPARED = 300;

function shadowed(state: ChoiceState): Problem[] {
  const first = new Map<string, number>();
  return state.choices.flatMap(({ condition }, index) => {
    const written = JSON.stringify(condition);
    const earlier = first.get(written) ?? firstOf(state, index);
    if (!first.has(written)) first.set(written, index);
    if (earlier === undefined) return [];
    const path = below(below(state.path, 'Choices'), index);
    return [warning(path, `never met: whatever meets it meets rule ${earlier} before it (rules are asked in order)`)];
  });
}

function firstOf({ choices }: ChoiceState, index: number): number | undefined {
  const rule = choices[index];
  if (!rule || index >= MOST_COMPARED) return undefined;
  const earlier = choices.findIndex(({ condition }, at) => at < index && shadowedBy(rule.condition, condition));
  return earlier < 0 ? undefined : earlier;
}

/** `around`: what is set in the flows around this one. */
function variables(flow: Flow, around: readonly string[]): Problem[] {
  const states = [...flow.states.values()];
  const known = new Set([...around, ...states.flatMap(variablesSet)]);
  return states.flatMap((state) => [
    ...unset(state, known),
    ...twice(state, around),
    ...flowsWithin(state).flatMap((inner) => variables(inner, [...known])),
  ]);
}

function unset(state: State, known: ReadonlySet<string>): Problem[] {
  return pathsRead(state).flatMap(([field, { root, steps }]) => {
    const [name] = steps;
    if (root !== 'variable' || typeof name !== 'string' || known.has(name)) return [];
    const there = known.size > 0 ? `; there are ${someOf([...known].map((one) => `$${one}`))}` : '';
    return [warning(`${state.path}.${field}`, `no state sets the variable $${shown(name)}${there}`)];
  });
}

/** The language forbids it: within, the name would be another variable than around. */
function twice(state: State, around: readonly string[]): Problem[] {
  return variablesSet(state)
    .filter((name) => around.includes(name))
    .map((name) => ({
      severity: 'error',
      path: below(state.path, 'Assign'),
      message: `${quoted(name)} is set outside of this branch too, and can only be read here; take another name`,
    }));
}
