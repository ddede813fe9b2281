import type { Flow, State } from './types.ts';
import { sayCondition } from './words.ts';

/** The flow as a Mermaid flowchart. Dotted lines are errors that are caught. */
export function drawFlow(flow: Flow): string {
  const ids = new Map([...flow.states.keys()].map((name, index) => [name, `s${index}`]));
  const id = (name: string) => ids.get(name) ?? 'unknown';
  const states = [...flow.states.values()];
  return [
    'flowchart TD',
    '  start((start))',
    ...states.map((state) => `  ${id(state.name)}${shapeOf(state)}`),
    ...(states.some(endsHere) ? ['  done((end))'] : []),
    `  start --> ${id(flow.startAt)}`,
    ...states.flatMap((state) => linesOf(state, id)).map((line) => `  ${line}`),
    '',
  ].join('\n');
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

function linesOf(state: State, id: (name: string) => string): string[] {
  const from = id(state.name);
  if (state.type === 'Choice') {
    const rules = state.choices.map((rule) => `${from} -->|${quote(sayCondition(rule.condition))}| ${id(rule.next)}`);
    return state.default === undefined ? rules : [...rules, `${from} -->|"otherwise"| ${id(state.default)}`];
  }
  if (state.type === 'Succeed' || state.type === 'Fail') return [];
  const next = `${from} --> ${state.next === undefined ? 'done' : id(state.next)}`;
  if (state.type !== 'Task') return [next];
  return [next, ...state.catch.map((c) => `${from} -.->|${quote(c.errorEquals.join(', '))}| ${id(c.next)}`)];
}

/** Mermaid takes `#code;` for what would end a label or be read as HTML or Markdown. */
function quote(text: string): string {
  return `"${text.replace(/[\n\r]+/gu, ' ').replace(/["<>#`&]/gu, (sign) => `#${sign.codePointAt(0)};`)}"`;
}
