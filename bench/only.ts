/** Kinds of work that are compared with each other, in rounds that alternate. */
export const KINDS = ['noop', 'four', 'ticket', 'clear'] as const;
export type Kind = (typeof KINDS)[number];

/** Each a run of its own: what one leaves in memory would be counted to the next. */
export const APART = ['audit', 'erasure', 'deadlines', 'clicks', 'waiting', 'flows', 'flow-steps'] as const;
export type Apart = (typeof APART)[number];

/** What `--only` names: some of the kinds, with commas between, or one of those apart. */
export type Only = { readonly kinds: readonly Kind[] } | { readonly apart: Apart } | { readonly problem: string };

export function readOnly(text: string | undefined): Only {
  if (text === undefined) return { kinds: KINDS };
  const names = text.split(',').map((name) => name.trim());
  const apart = APART.find((name) => names.includes(name));
  if (apart !== undefined && names.length === 1) return { apart };
  const unknown = names.find((name) => !isKind(name) && !APART.some((known) => known === name));
  const there = `kinds of work are ${KINDS.join(', ')}; runs of their own are ${APART.join(', ')}`;
  if (unknown !== undefined) return { problem: `--only: there is no ${JSON.stringify(unknown)}; ${there}` };
  if (apart !== undefined)
    return { problem: `--only: ${apart} is a run of its own and goes with nothing else; ${there}` };
  return { kinds: KINDS.filter((kind) => names.includes(kind)) };
}

function isKind(name: string): name is Kind {
  return KINDS.some((kind) => kind === name);
}
