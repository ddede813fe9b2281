import { Refusal, tooDeep, tooLarge } from './limits.ts';

/** The library's error codes in words that hold no value: what is thrown becomes a Cause, and a Cause ends up in logs. */
const WORDS: Readonly<Record<string, string>> = {
  S0101: 'a text has no closing quote',
  S0102: 'a number is out of range',
  S0103: 'an escape sequence is not supported',
  S0104: '\\u needs four hexadecimal digits',
  S0105: 'a name in backquotes has no closing backquote',
  S0106: 'a comment is not closed',
  S0201: 'a syntax error',
  S0202: 'something else is expected here',
  S0203: 'something is expected before the end',
  S0204: 'an unknown operator',
  S0205: 'an unexpected token',
  S0207: 'the expression ends too early',
  S0208: "a function's parameter must be a variable ($name)",
  S0209: 'a filter can not follow a grouping',
  S0210: 'a step can have one grouping only',
  S0211: 'this can not stand before a value',
  S0212: 'the left side of := must be a variable ($name)',
  S0213: 'a constant can not be a step of a path',
  S0214: 'the right side must be a variable ($name)',
  S0217: 'there is no parent (%) here',
  S0301: 'a regular expression is empty',
  S0302: 'a regular expression has no closing /',
  T0410: 'an argument is not of the kind that the function takes',
  T0411: 'the context is not of the kind that the function takes',
  T0412: 'an argument must be a list of one kind',
  D1001: 'a number is out of range',
  D1002: 'only a number can be negated',
  T1003: 'the key of an object must be a text',
  D1004: 'a regular expression matches an empty text',
  T1005: 'what is called is no function; is a $ missing?',
  T1006: 'what is called is no function',
  T1007: 'what is applied is no function; is a $ missing?',
  T1008: 'what is applied is no function',
  D1009: 'two fields of an object have the same key',
  T1010: 'a matcher does not return what one has to return',
  D1013: 'a key is one that JSONata keeps for itself',
  T2001: 'the left side of the operator must be a number',
  T2002: 'the right side of the operator must be a number',
  T2003: 'the left side of .. must be a whole number',
  T2004: 'the right side of .. must be a whole number',
  T2006: 'the right side of ~> must be a function',
  T2007: 'things of different kinds can not be put in order',
  T2008: 'only texts and numbers can be put in order',
  T2009: 'both sides of the operator must be of the same kind',
  T2010: 'both sides of the operator must be texts or numbers',
  T2011: 'an update must be an object',
  T2012: 'what is deleted must be named by texts',
  D3001: 'a number is out of range',
  D3010: 'the pattern of $replace is empty',
  D3012: 'a replacement must be a text',
  D3030: 'it can not be cast to a number',
  D3050: 'the function of $reduce needs two parameters',
  D3060: 'there is no square root of a negative number',
  D3061: 'a power is out of range',
  D3070: '$sort without a function takes texts or numbers only',
  D3100: 'a radix is between 2 and 36',
  D3110: 'it is no ISO 8601 timestamp',
  D3136: 'a picture of a time lacks parts',
  D3138: '$single found more than one',
  D3139: '$single found none',
  D3140: 'it is no well-formed URL',
};

interface Thrown {
  readonly code?: unknown;
  readonly position?: unknown;
  readonly token?: unknown;
  readonly message?: unknown;
}

/** What was thrown while `text` was parsed or evaluated, in words. Nothing of the data is in them. */
export function describeThrown(thrown: unknown, text: string): string {
  const { code, position } = (typeof thrown === 'object' && thrown !== null ? thrown : {}) as Thrown;
  const place = typeof position === 'number' && position > 0 ? `, at character ${position}` : '';
  if (thrown instanceof Refusal) return thrown.reason + place;
  if (typeof code !== 'string' || !/^[A-Z]\d{4}$/.test(code)) return describeNative(thrown) + place;
  if (code === 'D2014' || code === 'D2015') return tooLarge('a list has too many items').reason + place;
  return `${code}: ${WORDS[code] ?? raised(thrown as Thrown, text) ?? 'an error'}${functionOf(thrown as Thrown, text)}${place}`;
}

/** `$error` and `$assert` say what whoever wrote the flow wanted; where it is made of data, it is not told. */
function raised({ code, message }: Thrown, text: string): string | undefined {
  if (code !== 'D3137' && code !== 'D3141') return undefined;
  const constant =
    typeof message === 'string' && [`'${message}'`, `"${message}"`].some((quoted) => text.includes(quoted));
  if (constant) return String(message);
  return 'an error of its own making, whose text is made of data';
}

function functionOf({ token }: Thrown, text: string): string {
  const known = typeof token === 'string' && /^\w+$/.test(token) && text.includes(`$${token}`);
  return known ? ` ($${token})` : '';
}

/** The engine's own errors: too deep for its stack, or too large for it. */
function describeNative(thrown: unknown): string {
  if (thrown instanceof RangeError)
    return /stack/i.test(thrown.message)
      ? tooDeep('it is nested too deep').reason
      : tooLarge('a value is too large').reason;
  if (thrown instanceof SyntaxError) return 'a regular expression is not valid';
  return 'it can not be evaluated';
}
