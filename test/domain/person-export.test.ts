import { expect, test } from 'vitest';
import { columnsOf, REQUEST_TABLES, requestColumns } from '../../src/domain/person-export.ts';
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

/** Proofs of our own work: whose request a line is about stands in the request alone. */
const PROOFS = [
  'audit_entries',
  'erasure_assertions',
  'erasure_findings',
  'erasure_fingerprints',
  'erasure_mails',
  'erasure_steps',
  'request_limits',
];

test('every table of a category of theirs is reached from them, or is exported with their requests, or is a proof of ours', () => {
  const known: readonly string[] = CATEGORIES;
  const tables = new Set(PERSONAL_DATA.filter(({ category }) => known.includes(category)).map(({ table }) => table));
  const others = [...tables].filter((table) => !Object.hasOwn(REACH, table) && !Object.hasOwn(REQUEST_TABLES, table));
  expect(others.sort()).toEqual(PROOFS);
});

test('of their requests, what leads back to them or to one of us is left out', () => {
  const columns = requestColumns('erasures');
  expect(columns).toEqual(
    expect.arrayContaining(['received_at', 'decision', 'outcome', 'ruling_reason', 'still_kept']),
  );
  for (const secret of ['sealed', 'particulars', 'code_digest', 'subject_ref', 'requester', 'voucher', 'ruled_by'])
    expect(columns).not.toContain(secret);
  expect(requestColumns('erasure_recipients')).toEqual(expect.arrayContaining(['recipient', 'status']));
  expect(requestColumns('erasure_recipients')).not.toContain('notice');
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
