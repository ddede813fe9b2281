/** A customer as people name one: by the address or by the id. */
export type Who = { readonly email: string } | { readonly customerId: string };

/** Ids have no `@`. */
export function whoOf(text: string): Who {
  const name = text.trim();
  return name.includes('@') ? { email: name } : { customerId: name };
}
