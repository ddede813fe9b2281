/** What a string of a JSONata state is: an expression, a text, or an expression that isn't closed or isn't opened. */
export type Written =
  | { readonly kind: 'expression'; readonly expression: string }
  | { readonly kind: 'text' }
  | { readonly kind: 'open'; readonly problem: string };

const OPENS = '{%';
const CLOSES = '%}';

/** An expression begins with `{%` and ends with `%}`. With blanks before and behind them it is a text, as on AWS. */
export function readWritten(text: string): Written {
  const opens = text.startsWith(OPENS);
  const closes = text.endsWith(CLOSES) && text.length >= OPENS.length + CLOSES.length;
  if (opens && closes) {
    return { kind: 'expression', expression: text.slice(OPENS.length, -CLOSES.length).trim() };
  }
  if (!opens && !closes) return { kind: 'text' };
  return {
    kind: 'open',
    problem: `a JSONata expression begins with ${OPENS} and ends with ${CLOSES}, and has no blanks outside them`,
  };
}
