import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { StewardError } from '../../src/domain/errors.ts';
import { readDefinition } from '../../src/flow-file.ts';
import { findJsonFault } from '../../src/json-fault.ts';

/** What the reader says of a file; its code is always the same. */
function faultOf(text: string, file: string): string {
  try {
    readDefinition(text, file);
  } catch (error) {
    expect(error).toBeInstanceOf(StewardError);
    expect(error).toMatchObject({ code: 'InvalidFlow' });
    return (error as StewardError).message;
  }
  return 'in order';
}

describe('a .json file is JSON, and a fault is told with its place', () => {
  test.each([
    ['{\n  "A": 1,\n}', 'JSON has no comma before }; take it out (line 2, column 9)'],
    ['[1, 2 ,\n]', 'JSON has no comma before ]; take it out (line 1, column 7)'],
    ['{} // why', 'JSON has no comments; take it out, or give it to a field "Comment" (line 1, column 4)'],
    ['{\n  # why\n}', 'JSON has no comments; take it out, or give it to a field "Comment" (line 2, column 3)'],
    ['{"A": /* why */ 1}', 'JSON has no comments; take it out, or give it to a field "Comment" (line 1, column 7)'],
    ['{"A": 1,\n "B": {"A": 1, "A": 2}}', "the key 'A' stands twice (line 2, column 16)"],
    ['{"A": 1, "\\u0041": 2}', "the key 'A' stands twice (line 1, column 10)"],
    ["{'A': 1}", 'here JSON needs a key in double quotes (line 1, column 2)'],
    ['{A: 1}', 'here JSON needs a key in double quotes (line 1, column 2)'],
    ['{"A" 1}', 'here JSON needs a colon (line 1, column 6)'],
    ['{"A": 1 "B": 2}', 'here JSON needs a comma or } (line 1, column 9)'],
    ['[01]', 'here JSON needs a comma or ] (line 1, column 3)'],
    ['{"A": NaN}', 'here JSON needs a value (line 1, column 7)'],
    ['StartAt: A', 'here JSON needs a value (line 1, column 1)'],
    ['{"A": [1', 'the file ends too early, before a comma or ] (line 1, column 9)'],
    ['{} {}', 'here JSON needs the end, for the value is complete (line 1, column 4)'],
    ['{"A": "x}', 'this string has no end (line 1, column 7)'],
    ['{"A": "\\q"}', 'a backslash stands before " \\ / b f n r t, or u and four digits (line 1, column 8)'],
    ['{"A": "x\n"}', 'a string stands on one line, its line breaks and tabs as \\n and \\t (line 1, column 9)'],
    [' \n', 'the file is empty (line 2, column 1)'],
    ['['.repeat(100_000), 'this is nested more than 200 deep (line 1, column 202)'],
  ])('%j', (text, fault) => {
    expect(faultOf(text, 'flows/a.asl.json')).toBe(`flows/a.asl.json: ${fault}`);
  });

  test('what is right is read as it stands, behind a byte order mark too', () => {
    const text = '\uFEFF{"a": [1e3, -0.5, true, null, "\\u00e9\\n"], "<<": {}, "b": {"a": 2}}';
    expect(readDefinition(text, 'A.JSON')).toEqual({ a: [1000, -0.5, true, null, 'é\n'], '<<': {}, b: { a: 2 } });
  });

  test('a fault is found where JSON.parse finds one, and nowhere else', () => {
    const parses = (text: string) => {
      try {
        JSON.parse(text);
        return true;
      } catch {
        return false;
      }
    };
    const signs = fc.string({
      unit: fc.constantFrom(...'{}[]",:\\ \n\t01-.eE+aut/"', 'true', 'null', '\\u12ab', '"a"'),
    });
    const cut = fc.tuple(fc.json(), fc.nat(), fc.nat(3), signs).map(([json, at, length, put]) => {
      const place = at % (json.length + 1);
      return json.slice(0, place) + put + json.slice(place + length);
    });
    fc.assert(
      fc.property(fc.oneof(fc.json(), signs, cut), (text) => {
        const fault = findJsonFault(text);
        if (fault?.what.endsWith('stands twice')) return;
        expect(fault === undefined).toBe(parses(text));
      }),
      { numRuns: 3000 },
    );
  });
});

describe('any other file is YAML', () => {
  test.each([
    ['StartAt: A\nStates:\n  A: {}\n  B: {}\n  A: {}', "the key 'A' stands twice (line 5, column 3)"],
    ['{"A": 1, "A": 2}', "the key 'A' stands twice (line 1, column 10)"],
    ['A: !Sub "Arn"', "there is no tag '!Sub' here; write the value itself (line 1, column 4)"],
    ['A:\n  B: !GetAtt x', "there is no tag '!GetAtt' here; write the value itself (line 2, column 6)"],
    ['A: [', 'the indentation is wrong, or a bracket is not closed (line 1, column 5)'],
    ['A:\n\tB: 1', 'a tab indents this line; use spaces (line 2, column 1)'],
    ['A: b: c', 'a second colon on this line; put the value into quotes (line 1, column 4)'],
    ['A: @b', 'text that begins with this sign needs quotes (line 1, column 4)'],
    ['A: 1\n---\nB: 1', 'a second document begins here; a file holds one (line 2, column 1)'],
    ['A: 1\nB: *a', "there is no anchor '&a' before this alias (line 2, column 4)"],
    ['A:\n  <<: *a', "there is no anchor '&a' before this alias (line 2, column 7)"],
    ['A:\n  <<: 5', 'a merge (<<) takes a mapping, or a list of mappings (line 2, column 3)'],
    ['A: &a 5\nB:\n  <<: *a', 'a merge (<<) takes a mapping, or a list of mappings (line 3, column 3)'],
    ['['.repeat(100_000), 'this is nested more than 200 deep (line 1, column 202)'],
    ['- '.repeat(100_000), 'this is nested more than 200 deep (line 1, column 403)'],
    [`${'{a: '.repeat(300)}1${'}'.repeat(300)}`, 'this is nested more than 200 deep (line 1, column 802)'],
    [laughs(5), 'aliases stand for more than 1000 values, counted one within another (line 1, column 1)'],
  ])('%#', (text, fault) => {
    const said = faultOf(text, 'a.yaml');
    expect(said.startsWith('a.yaml: ')).toBe(true);
    expect(said.slice('a.yaml: '.length)).toEqual(fault);
  });

  test('a merge key takes over the fields of an anchor, its own fields first', () => {
    const text = `
x-retry: &retry { ErrorEquals: [States.ALL], MaxAttempts: 3, BackoffRate: 2 }
Retry:
  - <<: *retry
    MaxAttempts: 1
  - *retry
`;
    expect(readDefinition(text, 'flows/a.yml')).toMatchObject({
      Retry: [
        { ErrorEquals: ['States.ALL'], MaxAttempts: 1, BackoffRate: 2 },
        { ErrorEquals: ['States.ALL'], MaxAttempts: 3, BackoffRate: 2 },
      ],
    });
  });

  test('an anchor may be used many hundred times', () => {
    const text = `x-retry: &retry [1]\nall: [${Array.from({ length: 900 }, () => '*retry').join(', ')}]`;
    expect(readDefinition(text, 'a.yaml')).toMatchObject({ all: { length: 900 } });
  });
});

test('no fault quotes a file that was named by mistake', () => {
  const secrets = [
    'PASSWORD=hunter2',
    'hunter2',
    '"hunter2',
    'a: hunter2: b',
    '- hunter2\nhunter2',
    '%hunter2',
    '@hunter2',
  ];
  const more = [
    '{"a": hunter2}',
    '{"a": "\\hunter2"}',
    '[hunter2',
    '? hunter2\n: &hunter2 @',
    '"hunter2\\q"',
    '&a &hunter2 b',
  ];
  for (const text of [...secrets, ...more]) {
    for (const file of ['a.json', 'a.yaml', '-']) expect(faultOf(text, file)).not.toContain('hunter2');
  }
});

/** The billion laughs: lists of ten of the list before. */
function laughs(levels: number): string {
  const line = (level: number) =>
    `a${level}: &a${level} [${Array.from({ length: 10 }, () => `*a${level - 1}`).join(', ')}]`;
  return ['a0: &a0 [ha]', ...Array.from({ length: levels }, (_, i) => line(i + 1))].join('\n');
}
