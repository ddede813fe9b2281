import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { judge, SETTINGS } from '../../src/config.ts';

interface Line {
  readonly name: string;
  readonly value: string;
  readonly explained: boolean;
}

const EXAMPLE = readFileSync('.env.example', 'utf8');
const LINES: readonly Line[] = EXAMPLE.split('\n').flatMap((line, index, all): Line[] => {
  const [, name, value] = /^#?([A-Z][A-Z0-9_]*)=(.*)$/.exec(line) ?? [];
  if (name === undefined || value === undefined) return [];
  return [{ name, value, explained: /^# \S/.test(all[index - 1] ?? '') }];
});
const NAMED = LINES.map(({ name }) => name);
/** What the compose file fills in from the environment. */
const COMPOSED = [
  ...new Set(
    [...readFileSync('docker-compose.temporal.yml', 'utf8').matchAll(/\$\{([A-Z][A-Z0-9_]*)/g)].map((m) => m[1]),
  ),
];

test('.env.example names every setting once, and none that nobody reads', () => {
  expect([...NAMED].sort()).toEqual([...new Set([...SETTINGS, ...COMPOSED])].sort());
});

test('every setting is explained in the line before it', () => {
  expect(LINES.filter(({ explained }) => !explained)).toEqual([]);
});

test('the values shown are the defaults', () => {
  const shown = Object.fromEntries(LINES.filter(({ name }) => SETTINGS.includes(name)).map((l) => [l.name, l.value]));
  expect(Object.values(shown).filter((value) => value !== '').length).toBeGreaterThan(20);
  expect(judge(shown)).toEqual(judge({}));
});

test('what is shown without a value has no default', () => {
  const empty = LINES.filter(({ name, value }) => SETTINGS.includes(name) && value === '').map(({ name }) => name);
  // An empty value counts as unset, so the test before this one would not miss it.
  const source = readFileSync('src/config.ts', 'utf8');
  // The file of a secret has the line of the secret; one that is a setting of its own stands for itself.
  const line = (name: string) => `^ {2}${name.replace(/_FILE$/, '')}(_FILE)?: .*\\.optional\\(\\)`;
  for (const name of empty) expect(source).toMatch(new RegExp(line(name), 'm'));
});

test('nothing is set by a copy of the example', () => {
  expect(EXAMPLE.split('\n').filter((line) => line !== '' && !line.startsWith('#'))).toEqual([]);
});
