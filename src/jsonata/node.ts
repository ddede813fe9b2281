/** The library's syntax tree, as far as it is read here. Its own types leave out half of it. */
export interface Node {
  readonly type?: string;
  readonly value?: unknown;
  readonly position?: number;
  readonly procedure?: Node;
  readonly arguments?: readonly Node[];
  readonly steps?: readonly Node[];
  readonly stages?: readonly Node[];
  readonly predicate?: readonly Node[];
  readonly expressions?: readonly Node[];
  readonly terms?: readonly { readonly expression: Node }[];
  /** Of an object its pairs; of an operator and of `:=` one node. */
  readonly lhs?: Node | readonly (readonly Node[])[];
  readonly rhs?: Node;
  readonly group?: { readonly lhs: readonly (readonly Node[])[] };
  readonly expression?: Node;
  readonly expr?: Node;
  readonly condition?: Node;
  readonly then?: Node;
  readonly else?: Node;
  readonly body?: Node;
  readonly pattern?: Node;
  readonly update?: Node;
  readonly delete?: Node;
  readonly signature?: { readonly definition: string };
  /** `@$name` and `#$name` of a step. */
  readonly focus?: string;
  readonly index?: string;
}

/** What a child is looked at with: the context of its parent, or items that its parent found. */
export type Context = 'outer' | 'found';

/** The parts of a node in the order of the text, each with the context that it is evaluated in. */
export function partsOf(node: Node): readonly (readonly [part: Node, context: Context])[] {
  const parts: (readonly [Node, Context])[] = [];
  const add = (context: Context, ...nodes: readonly (Node | undefined)[]) => {
    for (const part of nodes) if (part) parts.push([part, context]);
  };
  const pairs = node.type === 'unary' && Array.isArray(node.lhs) ? (node.lhs as readonly (readonly Node[])[]) : [];
  if (pairs.length === 0 && node.lhs && !Array.isArray(node.lhs) && node.type !== 'bind')
    add('outer', node.lhs as Node);
  for (const pair of pairs) add('outer', ...pair);
  add('outer', node.procedure, ...(node.arguments ?? []).filter(() => node.type !== 'lambda'));
  const [first, ...further] = node.steps ?? [];
  add('outer', first);
  add('found', ...further);
  add('outer', ...(node.expressions ?? []), node.rhs, node.expression, node.condition, node.then, node.else, node.body);
  add('found', ...(node.stages ?? []), ...(node.predicate ?? []), node.expr, node.pattern, node.update, node.delete);
  for (const term of node.terms ?? []) add('found', term.expression);
  for (const pair of node.group?.lhs ?? []) add('found', ...pair);
  return parts;
}
