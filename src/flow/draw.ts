import type { Flow, State } from './types.ts';
import { allStates, flowsWithin } from './walk.ts';
import { sayCondition } from './words.ts';

/** The flow as a Mermaid flowchart. Dotted lines are errors that are caught; a Parallel's branches and what a Map does with each item are boxes. */
export function drawFlow(flow: Flow): string {
  const ids = new Map(allStates(flow).map(({ name }, index) => [name, `s${index}`]));
  const id = (name: string) => ids.get(name) ?? 'unknown';
  const states = [...flow.states.values()];
  return [
    'flowchart TD',
    '  start((start))',
    ...states.flatMap((state) => shapesOf(state, id, '  ')),
    ...(states.some(endsHere) ? ['  done((end))'] : []),
    `  start --> ${id(flow.startAt)}`,
    ...states.flatMap((state) => linesOf(state, id, '  ')),
    '',
  ].join('\n');
}

/** A state's shape; of one with flows within, a box with their states and ways in it. */
function shapesOf(state: State, id: (name: string) => string, indent: string): string[] {
  const flows = flowsWithin(state);
  if (flows.length === 0) return [`${indent}${id(state.name)}${shapeOf(state)}`];
  const deeper = `${indent}  `;
  const inner = flows.flatMap((flow) => [...flow.states.values()]);
  const title = state.type === 'Map' ? `${state.name}: each item` : state.name;
  return [
    `${indent}subgraph ${id(state.name)} [${quote(title)}]`,
    ...inner.flatMap((within) => shapesOf(within, id, deeper)),
    ...inner.flatMap((within) => linesOf(within, id, deeper, true)),
    `${indent}end`,
  ];
}

function shapeOf(state: State): string {
  const label = quote(state.name);
  switch (state.type) {
    case 'Choice':
      return `{${label}}`;
    case 'Wait':
      return `[/${label}/]`;
    case 'Succeed':
    case 'Fail':
      return `([${label}])`;
    default:
      return `[${label}]`;
  }
}

function endsHere(state: State): boolean {
  return 'next' in state && state.next === undefined;
}

/** `inside`: where a line ends, its box ends it. */
function linesOf(state: State, id: (name: string) => string, indent: string, inside = false): string[] {
  const from = `${indent}${id(state.name)}`;
  if (state.type === 'Choice') {
    const rules = state.choices.map((rule) => `${from} -->|${quote(sayCondition(rule.condition))}| ${id(rule.next)}`);
    return state.default === undefined ? rules : [...rules, `${from} -->|"otherwise"| ${id(state.default)}`];
  }
  if (state.type === 'Succeed' || state.type === 'Fail') return [];
  const end = inside ? [] : [`${from} --> done`];
  const next = state.next === undefined ? end : [`${from} --> ${id(state.next)}`];
  const caught = 'catch' in state ? state.catch : [];
  return [...next, ...caught.map((c) => `${from} -.->|${quote(c.errorEquals.join(', '))}| ${id(c.next)}`)];
}

/** Mermaid takes `#code;` for what would end a label or be read as HTML or Markdown. */
function quote(text: string): string {
  return `"${text.replace(/[\n\r]+/gu, ' ').replace(/["<>#`&]/gu, (sign) => `#${sign.codePointAt(0)};`)}"`;
}
