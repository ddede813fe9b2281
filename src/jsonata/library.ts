import jsonata from 'jsonata';
import { LIBRARY } from './names.ts';

/** What the library binds to `this` of a function. */
export interface Focus {
  readonly createSequence: (item?: unknown) => unknown[];
}

export type Implementation = (this: Focus, ...args: unknown[]) => unknown;

/** A function as the library keeps it. */
export interface Definition {
  readonly _jsonata_function: true;
  readonly implementation: Implementation;
  readonly signature?: unknown;
}

let natives: Promise<Readonly<Record<string, Definition>>> | undefined;

/** The library's own functions, by name. It exports none of them, but an expression can read them. */
export function libraryFunctions(): Promise<Readonly<Record<string, Definition>>> {
  natives ??= jsonata(`{${LIBRARY.map((name) => `"${name}": $${name}`).join(',')}}`).evaluate(null);
  return natives;
}

/**
 * A function for expressions. The library asks a function for how many parameters it takes and, to apply it to some of them, reads
 * their names out of its source: so both are given with it.
 */
export function define(
  parameters: string,
  implementation: Implementation,
  signature?: unknown,
  count = parameters.split(',').filter((name) => name.trim() !== '').length,
): Definition {
  Object.defineProperty(implementation, 'length', { value: count });
  Object.defineProperty(implementation, 'toString', { value: () => `(${parameters})` });
  return { _jsonata_function: true, implementation, signature };
}

const signatures = new Map<string, unknown>();

/** `<a-n:a>` and its like, as the library reads them. */
export function signatureOf(text: string): unknown {
  const known = signatures.get(text);
  if (known !== undefined) return known;
  const node = jsonata(`function($a)${text}{0}`).ast() as unknown as { readonly signature: unknown };
  signatures.set(text, node.signature);
  return node.signature;
}
