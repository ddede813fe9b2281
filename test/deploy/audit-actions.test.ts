import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { actionTable } from './audit-actions.ts';

test('docs/operations.md shows what the audit log can say as it is', () => {
  const [, shown] =
    /<!-- audit actions -->\n([\s\S]*?)\n<!-- \/audit actions -->/.exec(readFileSync('docs/operations.md', 'utf8')) ??
    [];
  expect(shown).toBe(actionTable());
});
