import { expect, test } from 'vitest';
import { columnsOf } from '../../src/domain/person-export.ts';
import { PERSONAL_DATA, REACH } from '../../src/domain/personal-data.ts';
import { CATEGORIES } from '../../src/domain/privacy-policy.ts';

const EXPORTED = new Set(
  CATEGORIES.flatMap(columnsOf).flatMap(({ table, columns }) => columns.map((column) => `${table}.${column}`)),
);

test('whatever the register has of a customer is exported', () => {
  const known: readonly string[] = CATEGORIES;
  const theirs = PERSONAL_DATA.filter(({ table, category }) => known.includes(category) && Object.hasOwn(REACH, table));
  expect(theirs.length).toBeGreaterThan(70);
  expect(theirs.map(({ table, column }) => `${table}.${column}`).filter((name) => !EXPORTED.has(name))).toEqual([]);
});

test('what is of those who work here, or of nobody, is not', () => {
  const others = PERSONAL_DATA.filter(({ category }) => category === 'staff' || category === 'nobody');
  expect(others.map(({ table, column }) => `${table}.${column}`).filter((name) => EXPORTED.has(name))).toEqual([]);
});

test('an address stands under contact, a name under identity, each with the id that it belongs to', () => {
  expect(columnsOf('contact')).toEqual([{ table: 'customers', columns: ['id', 'email', 'phone'] }]);
  const [identity] = columnsOf('identity');
  expect(identity?.columns).toEqual(expect.arrayContaining(['id', 'name', 'tier']));
  expect(identity?.columns).not.toContain('email');
});
