/** What one expression may take. Figures are chosen so that the worst of them ends within about a second of one core's time. */
export interface Limits {
  /** Steps: evaluations of a part of the expression, and what functions do by their arguments' size. */
  readonly work: number;
  /** Evaluations that have begun and not ended: recursion that is no tail call, and objects with very many fields. */
  readonly pending: number;
  /** Bytes of one value on the way: a character counts one, a number eight, as on AWS. */
  readonly valueBytes: number;
  /** Items of one list on the way. */
  readonly items: number;
  /** How deep data and values may be nested. */
  readonly nesting: number;
  /** Bytes of what a field becomes: as much as a state's data may have. */
  readonly resultBytes: number;
  /** By the clock, for all expressions of one call. */
  readonly milliseconds: number;
  /** After so many milliseconds in one go others have their turn. */
  readonly slice: number;
  /** Characters of an expression. */
  readonly text: number;
}

export const LIMITS: Limits = {
  work: 400_000,
  pending: 10_000,
  valueBytes: 2 * 1024 * 1024,
  items: 100_000,
  nesting: 200,
  resultBytes: 256 * 1024,
  milliseconds: 10_000,
  slice: 8,
  text: 64 * 1024,
};

/**
 * The evaluation is refused or stopped. `reason` goes into a Cause and so into logs: it names no value.
 * Not read-only by nature: the library writes `position` and `token` of the place onto whatever is thrown.
 */
export class Refusal extends Error {
  readonly reason: string;

  constructor(reason: string) {
    super(reason);
    this.name = 'Refusal';
    this.reason = reason;
  }
}

// The first words of each are AWS's.
export const tooLong = (what: string) => new Refusal(`Expression evaluation timeout: ${what}`);
export const tooLarge = (what: string) => new Refusal(`Expression evaluation memory limit exceeded: ${what}`);
export const tooDeep = (what: string) => new Refusal(`Stack overflow error: ${what}`);
