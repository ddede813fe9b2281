/** What a string of a JSONata state is: an expression, a text, or something that was meant to be an expression and isn't closed. */
export type Written =
  | { readonly kind: 'expression'; readonly expression: string }
  | { readonly kind: 'text' }
  | { readonly kind: 'open'; readonly problem: string };

const OPENS = '{%';
const CLOSES = '%}';

/** An expression begins with `{%` and ends with `%}`; a blank before or behind them makes it something else, as on AWS. */
export function readWritten(text: string): Written {
  const opens = text.startsWith(OPENS);
  const closes = text.endsWith(CLOSES) && text.length >= OPENS.length + CLOSES.length;
  if (opens && closes) {
    return { kind: 'expression', expression: text.slice(OPENS.length, -CLOSES.length).trim() };
  }
  const bare = text.trim();
  if (bare.startsWith(OPENS) && bare.endsWith(CLOSES))
    return { kind: 'open', problem: `a JSONata expression has no blanks before ${OPENS} or behind ${CLOSES}` };
  if (opens || closes)
    return { kind: 'open', problem: `a JSONata expression begins with ${OPENS} and ends with ${CLOSES}` };
  return { kind: 'text' };
}
