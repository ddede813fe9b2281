/** Conditions of policies: a list of values, of which a ticket has to have one. Undefined: nothing is asked. */
export type Wanted = readonly string[] | undefined;

export function meets(wanted: Wanted, value: string | null): boolean {
  return wanted === undefined || (value !== null && wanted.includes(value));
}

/** Does every value that meets `narrow` meet `wide` too? */
export function covers(wide: Wanted, narrow: Wanted): boolean {
  return wide === undefined || narrow?.every((value) => wide.includes(value)) === true;
}
