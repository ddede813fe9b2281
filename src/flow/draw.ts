import type { FlowWay, Passing } from './passing.ts';
import type { Flow, State } from './types.ts';
import { allStates, flowsWithin } from './walk.ts';
import { sayCondition } from './words.ts';

/**
 * The flow as a Mermaid flowchart. Dotted lines are errors that are caught; a Parallel's branches and what a Map does with each item are boxes.
 * With the `way` that a run of it took: thick lines, with times and attempts in the states, and where it stands.
 */
export function drawFlow(flow: Flow, way?: Omit<FlowWay, 'name' | 'version'>): string {
  const ids = new Map(allStates(flow).map(({ name }, index) => [name, `s${index}`]));
  const pen = penFor(way, (name) => ids.get(name) ?? 'unknown');
  const { id } = pen;
  const states = [...flow.states.values()];
  return [
    'flowchart TD',
    '  start((start))',
    ...states.flatMap((state) => shapesOf(state, pen, '  ')),
    ...(states.some(endsHere) ? ['  done((end))'] : []),
    `  start ${way && way.passings.length > 0 ? '==>' : '-->'} ${id(flow.startAt)}`,
    ...states.flatMap((state) => linesOf(state, pen, '  ')),
    ...(way ? CLASSES : []),
    '',
  ].join('\n');
}

/** A state's shape; of one with flows within, a box with their states and ways in it. */
function shapesOf(state: State, pen: Pen, indent: string): string[] {
  const flows = flowsWithin(state);
  const { id, noteOn, classOf } = pen;
  if (flows.length === 0)
    return [`${indent}${id(state.name)}${shapeOf(state, noteOn(state.name))}${classOf(state.name)}`];
  const deeper = `${indent}  `;
  const inner = flows.flatMap((flow) => [...flow.states.values()]);
  const title = state.type === 'Map' ? `${state.name}: each item` : state.name;
  return [
    `${indent}subgraph ${id(state.name)} [${quote(title, noteOn(state.name))}]`,
    ...inner.flatMap((within) => shapesOf(within, pen, deeper)),
    ...inner.flatMap((within) => linesOf(within, pen, deeper, true)),
    `${indent}end`,
  ];
}

function shapeOf(state: State, notes: readonly string[]): string {
  const label = quote(state.name, notes);
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
function linesOf(state: State, { id, isTaken }: Pen, indent: string, inside = false): string[] {
  const from = `${indent}${id(state.name)}`;
  const arrow = (next: string | undefined, usual: string) => (isTaken(state.name, next) ? '==>' : usual);
  if (state.type === 'Choice') {
    const rules = state.choices.map(
      (rule) => `${from} ${arrow(rule.next, '-->')}|${quote(sayCondition(rule.condition))}| ${id(rule.next)}`,
    );
    return state.default === undefined
      ? rules
      : [...rules, `${from} ${arrow(state.default, '-->')}|"otherwise"| ${id(state.default)}`];
  }
  if (state.type === 'Succeed' || state.type === 'Fail') return [];
  const end = inside ? [] : [`${from} ${arrow(undefined, '-->')} done`];
  const next = state.next === undefined ? end : [`${from} ${arrow(state.next, '-->')} ${id(state.next)}`];
  const caught = 'catch' in state ? state.catch : [];
  return [
    ...next,
    ...caught.map((c) => `${from} ${arrow(c.next, '-.->')}|${quote(c.errorEquals.join(', '))}| ${id(c.next)}`),
  ];
}

/** Mermaid takes `#code;` for what would end a label or be read as HTML or Markdown. */
function quote(text: string, notes: readonly string[] = []): string {
  return `"${[text, ...notes].map(escaped).join('<br/>')}"`;
}

function escaped(text: string): string {
  return text.replace(/[\n\r]+/gu, ' ').replace(/["<>#`&]/gu, (sign) => `#${sign.codePointAt(0)};`);
}

interface Pen {
  readonly id: (name: string) => string;
  /** What stands below a state's name. */
  readonly noteOn: (name: string) => readonly string[];
  readonly classOf: (name: string) => string;
  /** Did the flow go from the one to the other? Undefined: to its end. */
  readonly isTaken: (from: string, to: string | undefined) => boolean;
}

const CLASSES = [
  '  classDef passed fill:#e3f1e0,stroke:#3a7d34,color:#111',
  '  classDef stands fill:#fff3cd,stroke:#b58900,stroke-width:3px,color:#111',
  '  classDef failed fill:#f8d7da,stroke:#a11d2a,stroke-width:3px,color:#111',
];

function penFor(way: Omit<FlowWay, 'name' | 'version'> | undefined, id: Pen['id']): Pen {
  if (!way) return { id, noteOn: () => [], classOf: () => '', isTaken: () => false };
  const { passings, standing } = way;
  const of = (name: string) => passings.filter(({ state }) => state === name);
  const stands = (name: string) => standing.find(({ state }) => state === name);
  const taken = stepsOf(passings);
  return {
    id,
    isTaken: (from, to) => taken.has(JSON.stringify([from, to ?? null])),
    noteOn(name) {
      const last = of(name).at(-1);
      if (!last) return [];
      const times = of(name).length > 1 ? [`${of(name).length} times, the last:`] : [];
      return [
        ...times,
        sayPassing(last),
        ...(stands(name) && last.leftAt === undefined ? [sayStanding(stands(name))] : []),
      ];
    },
    classOf(name) {
      const last = of(name).at(-1);
      if (!last) return '';
      if (last.error !== undefined) return ':::failed';
      return last.leftAt === undefined ? ':::stands' : ':::passed';
    },
  };
}

/** Which state came after which, in each line by itself. */
function stepsOf(passings: readonly Passing[]): Set<string> {
  const last = new Map<string, string>();
  const taken = new Set<string>();
  for (const { state, within = '' } of passings) {
    const from = last.get(within);
    if (from !== undefined) taken.add(JSON.stringify([from, state]));
    last.set(within, state);
  }
  const end = passings.findLast(({ within }) => within === undefined);
  if (end?.leftAt !== undefined && end.error === undefined) taken.add(JSON.stringify([end.state, null]));
  return taken;
}

function sayPassing({ enteredAt, leftAt, attempts, error }: Passing): string {
  const took = leftAt === undefined ? 'since then' : `${(leftAt - enteredAt) / 1000} s`;
  const tries = attempts !== undefined && attempts > 1 ? `, ${attempts} attempts` : '';
  return `${sayInstant(enteredAt)}, ${took}${tries}${error === undefined ? '' : `, ${error}`}`;
}

function sayStanding(standing: FlowWay['standing'][number] | undefined): string {
  const { attempt, maxAttempts, until, error } = standing ?? {};
  const said = [
    ...(attempt === undefined ? [] : [`attempt ${attempt}${maxAttempts === undefined ? '' : ` of ${maxAttempts}`}`]),
    ...(error === undefined ? [] : [error]),
    ...(until === undefined ? [] : [`until ${sayInstant(until)}`]),
  ];
  return said.length > 0 ? said.join(', ') : 'under way';
}

function sayInstant(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
