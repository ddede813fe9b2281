import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { modulesPage } from '../../src/cli/flow-modules.ts';
import { checkAsking } from '../../src/domain/human-task-asked.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import { CATALOGUE } from '../../src/domain/module-catalogue.ts';
import { MODULES } from '../../src/domain/modules.ts';

test('every module has a card, and docs/modules.md is made of them', () => {
  expect(Object.keys(CATALOGUE).sort()).toEqual([...MODULES].sort());
  expect(readFileSync('docs/modules.md', 'utf8')).toBe(modulesPage());
});

test('the fields that askPeople takes are those that it is judged by', () => {
  const fields = Object.keys((CATALOGUE.askPeople.input as JsonObject).properties as JsonObject);
  const [strange] = checkAsking({ nobody: 1 });
  expect(strange?.message).toBe(`is no field; the fields are ${fields.join(', ')}`);
});
