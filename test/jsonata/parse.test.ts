import { expect, test } from 'vitest';
import { parseJsonata } from '../../src/jsonata/parse.ts';
import { readWritten } from '../../src/jsonata/text.ts';

test.each([
  ['$a + $count($b) + $states.input.x', ['a', 'b'], ['input']],
  ['($x := $y; function($z) { $x & $z & $w })', ['w', 'y'], []],
  ['$map($states.result.items, function($v, $i) { $v.a & $i & $late })', ['late'], ['result']],
  ['$states', [], ['context', 'errorOutput', 'input', 'result']],
  ['$states[$n].input', ['n'], ['input']],
  ['$states.*', [], ['context', 'errorOutput', 'input', 'result']],
  ['$states.`context`.Map.Item.Index', [], ['context']],
  ['$states.input.orders@$o.items[id = $o.id]#$at.{ "id": id, "at": $at, "of": $owner }', ['owner'], ['input']],
  ['$states.input.items[value > 3 and $limit > value]', ['limit'], ['input']],
  ['$states.input^(>price).name', [], ['input']],
  ['$states.input{kind: $sum(price)}', [], ['input']],
  ['$states.input ~> |items|{"price": price * $rate}|', ['rate'], ['input']],
  ['$states.input.a.%.b', [], ['input']],
  ['$unknown(1)', ['unknown'], []],
  ['$ids ~> $map(function($v) { $v }) ~> $join(",")', ['ids'], []],
  ["/a(b|c)*/i ~> $match('x', ?)", [], []],
] as const)('%s reads what it does not bind', (text, variables, states) => {
  expect(parseJsonata(text)).toEqual({ ok: true, variables, states });
});

test.each([
  ['', 0, 'there is no expression'],
  ['$x +', 4, 'S0207: the expression ends too early'],
  ['a[1,2)', 4, 'S0202: something else is expected here'],
  ["'abc", 4, 'S0101: a text has no closing quote'],
  ['$states.input.`a', 16, 'S0105'],
  ['phone', 5, "Reference to 'phone' at the top level is not supported; the input is $states.input"],
  ['phone.number & $x', 5, "Reference to 'phone'"],
  ['$map($states.input.a, function($x) { b })', 38, "Reference to 'b'"],
  ['$', 1, "Reference to '$' at the top level"],
  ['$.input', 1, "Reference to '$' at the top level"],
  ['*', 1, "Reference to '*' at the top level"],
  ['**.a', 2, "Reference to '**' at the top level"],
  ['$states.input[a = $$.b]', 20, "Reference to '$$' is not supported"],
  ['$states.inptu.a', 13, '$states has no field inptu; it has input, result, errorOutput, context'],
  ["$eval('1')", 5, '$eval is not supported; $parse reads JSON'],
  ['$match($x, /(?=a)/)', 18, 'look-around and backreferences'],
  ['$match($x, /(a)\\1/)', 18, 'look-around and backreferences'],
  ['$match($x, /a{2000}/)', 20, 'repetitions'],
  ['$match($x, /[/)', 12, undefined],
  ['function($x)<n+n+:n>{ 1 }', 9, 'the signature of a function'],
  [`${'('.repeat(30_000)}1${')'.repeat(30_000)}`, 0, 'Stack overflow error: it is nested too deep'],
  [`$x${' '.repeat(70_000)}`, 0, 'it has more than 65536 characters'],
] as const)('%s is a problem', (text, position, expected) => {
  const parsed = parseJsonata(text);
  if (!('problem' in parsed)) throw new Error('it is none');
  if (expected === undefined) return expect(parsed.problem).not.toBe('');
  expect(parsed).toMatchObject({ position, problem: expect.stringContaining(expected) });
});

test.each([
  ['{% $x %}', { kind: 'expression', expression: '$x' }],
  ['{%$x%}', { kind: 'expression', expression: '$x' }],
  ['{%%}', { kind: 'expression', expression: '' }],
  ['{%}', { kind: 'open' }],
  ['{% $x', { kind: 'open' }],
  ['$x %}', { kind: 'open' }],
  ['{% $x %} ', { kind: 'open' }],
  [' {% $x %}', { kind: 'open' }],
  [' {% $x %} ', { kind: 'text' }],
  ['a {% $x %} b', { kind: 'text' }],
  ['', { kind: 'text' }],
])('%j', (text, expected) => {
  expect(readWritten(text)).toMatchObject(expected);
});
