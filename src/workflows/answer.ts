import type { Json } from '../domain/json.ts';

/** What becomes of a parked step. `overtaken`: the ticket was solved meanwhile. */
export type Answer =
  | { readonly act: 'retry' }
  | { readonly act: 'fix'; readonly input: Json }
  | { readonly act: 'skip'; readonly result: Json }
  | { readonly act: 'abort' }
  | { readonly act: 'overtaken' };
