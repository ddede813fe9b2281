/**
 * What stands where a payload could not be read: `refused` came in clear where that is not taken, in a form that nobody reads, or was sealed
 * for another workflow;
 * `erased` had its key destroyed. A symbol is no JSON: nothing that is sent, in clear or encrypted, can look like it.
 */
export type Mark = 'refused' | 'erased';

/** As src/temporal/converters.cjs writes it. */
const MARK = Symbol.for('steward.mark');

export function markOf(value: unknown): Mark | undefined {
  return typeof value === 'object' && value !== null ? (value as { readonly [MARK]?: Mark })[MARK] : undefined;
}

export const MARK_WORDS: Readonly<Record<Mark, string>> = {
  refused:
    'came in clear text, which is not taken here, or sealed for another workflow; send it by Steward, or by `temporal` with --codec-endpoint',
  erased: 'can not be read any more: its key was destroyed by an erasure',
};
