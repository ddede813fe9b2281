import jsonata from 'jsonata';
import { LIMITS, Refusal } from './limits.ts';
import { FUNCTIONS } from './names.ts';
import { type Node, partsOf } from './node.ts';
import { compilePattern } from './regex.ts';
import { describeThrown } from './words.ts';

/** What `$states` holds. Which of it a field may read depends on the field: that is the checker's business. */
export const STATES_FIELDS = ['input', 'result', 'errorOutput', 'context'] as const;
export type StatesField = (typeof STATES_FIELDS)[number];

/** What is wrong with an expression; `position` counts its characters from 1, and is 0 where there is no one place. */
export interface Problem {
  readonly problem: string;
  readonly position: number;
}

export interface Parsed {
  readonly ok: true;
  /** Names (without `$`) that it reads and doesn't bind itself: the flow's variables. Neither functions of the language nor `states`. */
  readonly variables: readonly string[];
  /** Which fields of `$states` it reads; all of them where it reads `$states` as a whole. */
  readonly states: readonly StatesField[];
}

/**
 * Looks at one expression, the text between `{%` and `%}`, without evaluating it.
 * Refuses what AWS refuses when a state machine is created, and regular expressions that can't be searched with.
 */
export function parseJsonata(text: string): Parsed | Problem {
  const read = readTree(text);
  return 'problem' in read ? read : { ok: true, variables: read.variables, states: read.states };
}

export interface Tree extends Omit<Parsed, 'ok'> {
  /** As the library has read it. */
  readonly source: jsonata.Expression;
  readonly root: Node;
  /** Every name that it reads, whatever it stands for. */
  readonly reads: ReadonlySet<string>;
}

/** As `parseJsonata`, with the syntax tree and what evaluates it. */
export function readTree(text: string, options?: jsonata.JsonataOptions): Tree | Problem {
  if (text.length > LIMITS.text) return { problem: `it has more than ${LIMITS.text} characters`, position: 0 };
  if (text.trim() === '') return { problem: 'there is no expression between {% and %}', position: 0 };
  let source: jsonata.Expression;
  try {
    source = jsonata(text, options);
  } catch (thrown) {
    const position = (thrown as { position?: unknown } | undefined)?.position;
    return { problem: describeThrown(thrown, text), position: typeof position === 'number' ? position : 0 };
  }
  try {
    const root = source.ast() as Node;
    return { source, root, ...look(root) };
  } catch (thrown) {
    if (thrown instanceof Wrong) return { problem: thrown.message, position: thrown.position };
    return { problem: describeThrown(thrown, text), position: 0 };
  }
}

class Wrong extends Error {
  readonly position: number;

  constructor(problem: string, node: Node) {
    super(problem);
    this.position = node.position ?? 0;
  }
}

function look(root: Node): Omit<Tree, 'source' | 'root'> {
  const bound = new Set<string>();
  const read = new Map<string, Node>();
  const states = new Set<StatesField>();

  const visit = (node: Node, top: boolean): void => {
    judge(node, top);
    bind(node, bound);
    if (node.type === 'variable' && typeof node.value === 'string' && node.value !== 'states')
      read.set(node.value, node);
    const whole = node.type === 'variable' && node.value === 'states';
    if (whole) for (const field of STATES_FIELDS) states.add(field);
    const field = statesField(node);
    if (field) states.add(field);
    const [first] = node.steps ?? [];
    for (const [part, context] of partsOf(node)) {
      // Its field is known, so it isn't read as a whole.
      if (field && part === first) for (const stage of part.predicate ?? []) visit(stage, false);
      else visit(part, top && context === 'outer');
    }
  };
  visit(root, true);

  const variables = [...read].filter(([name]) => name !== '' && name !== '$' && !bound.has(name));
  for (const [name, node] of variables) {
    if (name === 'eval') throw new Wrong('$eval is not supported; $parse reads JSON', node);
  }
  const free = variables.map(([name]) => name).filter((name) => !FUNCTIONS.has(name));
  return { reads: new Set(read.keys()), variables: free.sort(), states: [...states].sort() };
}

/** At the top level there is no context: on AWS an expression that looks for one is no valid definition. */
function judge(node: Node, top: boolean): void {
  if (node.type === 'variable' && node.value === '$')
    throw new Wrong("Reference to '$$' is not supported; $states.input is the state's input", node);
  if (node.type === 'regex' && node.value instanceof RegExp) {
    try {
      compilePattern(node.value);
    } catch (thrown) {
      throw thrown instanceof Refusal ? new Wrong(thrown.reason, node) : thrown;
    }
  }
  if (node.type === 'lambda' && node.signature) judgeSignature(node.signature.definition, node);
  if (!top) return;
  const reference = topReference(node);
  if (reference === undefined) return;
  throw new Wrong(
    `Reference to '${reference}' at the top level is not supported; the input is $states.input, a variable is $name`,
    node,
  );
}

function topReference(node: Node): string | undefined {
  if (node.type === 'variable') return node.value === '' ? '$' : undefined;
  if (node.type === 'parent') return '%';
  const looks = node.type === 'name' || node.type === 'wildcard' || node.type === 'descendant';
  return looks ? String(node.value) : undefined;
}

/** A signature becomes a regular expression of the usual, backtracking kind: many optional or repeated parts could take for ever. */
function judgeSignature(definition: string, node: Node): void {
  const [parameters = ''] = definition.split(':');
  const repeated = parameters.split('+').length - 1;
  const optional = parameters.split(/[?-]/).length - 1;
  if (repeated > 1 || optional > 8)
    throw new Wrong('the signature of a function may have one + and eight of ? and - at most', node);
}

function bind(node: Node, bound: Set<string>): void {
  const named = node.type === 'lambda' ? (node.arguments ?? []) : node.type === 'bind' ? [node.lhs as Node] : [];
  for (const { value } of named) if (typeof value === 'string') bound.add(value);
  if (node.focus !== undefined) bound.add(node.focus);
  if (node.index !== undefined) bound.add(node.index);
  if (node.type === 'index' && typeof node.value === 'string') bound.add(node.value);
}

/** `$states.input…`: which field of it a path begins with. */
function statesField(node: Node): StatesField | undefined {
  const [first, second] = node.steps ?? [];
  if (first?.type !== 'variable' || first.value !== 'states' || first.focus !== undefined) return undefined;
  if (second?.type !== 'name') return undefined;
  const field = STATES_FIELDS.find((name) => name === second.value);
  if (field) return field;
  throw new Wrong(`$states has no field ${String(second.value)}; it has ${STATES_FIELDS.join(', ')}`, second);
}
