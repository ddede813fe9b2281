import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkPolicy } from '../../src/compose-policies.ts';
import { emptyDirectory } from '../support/files.ts';

const NOW = new Date('2026-11-25T12:00:00Z');
const dir = emptyDirectory();
const laughs = [
  `a: &a [${Array(10).fill('x')}]`,
  ...[...'bcdefgh'].map((name, i) => `${name}: &${name} [${Array(10).fill(`*${'abcdefg'[i]}`)}]`),
].join('\n');

test.each<[what: string, text: string, said: readonly RegExp[]]>([
  ['nothing at all', '', [/^1 file: is empty; expected calendars, policies/]],
  ['remarks alone', '# none\n', [/^1 file: is empty/]],
  [
    'ten megabytes',
    `policies: []\n${'# more\n'.repeat(1_500_000)}`,
    [/file: is of 10500013 bytes, and at most 500000/],
  ],
  ['aliases without end', laughs, [/^1 file: .*aliases stand for more than 1000 values/]],
  ['tabs', 'policies:\n\t- name: a\n', [/^2 file: .*a tab indents this line; use spaces/]],
  [
    'keys that stand twice, beside another fault',
    'policies:\n  - name: a\n    name: b\n    warnAt: soon\npolicies: []\ncalendar: {}\n',
    [
      /^3 file: .*the key 'name' stands twice/,
      /^5 file: .*the key 'policies' stands twice/,
      /^6 calendar: unknown field; did you mean "calendars"/,
    ],
  ],
  [
    'the name of a prototype, where any name may stand and where not',
    'calendars:\n  __proto__: { timeZone: x }\n__proto__: { a: 1 }\npolicies: [{ name: a, warnAt: soon }]\n',
    [/^2 file: .*"__proto__"/, /^3 file: .*"__proto__"/, /^4 policies\.0\.warnAt: expected a share/],
  ],
  ['nesting without end', `policies: ${'['.repeat(100_000)}`, [/^1 file: .*nested more than 200 deep/]],
  ['a word', 'hello', [/^1 file: expected calendars, policies.*got text of 5 characters/]],
])('%s is told with its line, and at once', { timeout: 60_000 }, async (_, text, said) => {
  const path = join(dir, 'sla.yaml');
  writeFileSync(path, text);
  const lines = (await checkPolicy(path, NOW)).map(({ line, field, message }) => `${line ?? ''} ${field}: ${message}`);
  expect(lines).toEqual(said.map((one) => expect.stringMatching(one)));
});

test('a directory in its place, and a file that is not there', async () => {
  const path = join(dir, 'privacy.yaml');
  expect(await checkPolicy(path, NOW)).toEqual([
    { file: path, field: 'file', message: "can't be read: there is no such file" },
  ]);
  mkdirSync(path);
  expect(await checkPolicy(path, NOW)).toEqual([
    { file: path, field: 'file', message: "can't be read: it is a directory, and should be a file" },
  ]);
});
