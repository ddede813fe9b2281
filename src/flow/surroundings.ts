import type { Source } from './fields.ts';
import type { Flow } from './types.ts';
import type { QueryLanguage } from './vocabulary.ts';

/** Reads a flow within a state: a branch of a Parallel, what a Map does with each item. */
export type ReadInner = (source: Source, part: 'branch' | 'processor') => Flow | undefined;

/** Where a state stands: in the flow itself, or `within` a Parallel or a Map. */
export interface Surroundings {
  readonly within: boolean;
  /** The flow's. */
  readonly language: QueryLanguage;
  readonly readInner: ReadInner;
}
