import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { registerTable } from './register.ts';

test('docs/privacy.md shows the register of personal data as it is', () => {
  const [, shown] =
    /<!-- register -->\n([\s\S]*?)\n<!-- \/register -->/.exec(readFileSync('docs/privacy.md', 'utf8')) ?? [];
  expect(shown).toBe(registerTable());
});
