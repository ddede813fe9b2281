import { expect, test } from 'vitest';
import { columnsOf, personExport, REQUEST_TABLES, requestColumns } from '../../src/domain/person-export.ts';
import { PERSONAL_DATA, REACH } from '../../src/domain/personal-data.ts';
import { CATEGORIES, type Category, type PrivacyPolicy } from '../../src/domain/privacy-policy.ts';

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

function periodsBy(retention: PrivacyPolicy['retention']): Record<Category, string> {
  const rule = { description: '', legalBases: [], purposes: [], keep: [] };
  const policy = {
    controller: { name: '', contact: '', complaint: { authority: '', url: '' } },
    categories: Object.fromEntries(CATEGORIES.map((category) => [category, rule])),
    purposes: {},
    recipients: [],
    retention,
  };
  const rows = Object.fromEntries(CATEGORIES.map((category) => [category, {}])) as never;
  const found = { customerIds: [], sources: [], rows, runs: [] };
  const { categories } = personExport(policy as unknown as PrivacyPolicy, found, new Date(0));
  return Object.fromEntries(categories.map((one) => [one.category, one.retention])) as Record<Category, string>;
}

test('how long it stays is told as it is: of tickets, of runs, and where nothing goes by itself', () => {
  const daily = periodsBy({ ticketsDaysAfterClose: 30, daily: true });
  expect(daily.conversations).toMatch(/^until 30 days after the ticket's close: then it goes by itself\./);
  expect(daily.deliveries).toContain('of a flow without a ticket 30 days after the last that it told, once it is over');
  expect(daily.ratings).toBe('until you ask for its erasure');
  const byHand = periodsBy({ ticketsDaysAfterClose: 30, daily: false });
  for (const said of [byHand.conversations, byHand.deliveries]) {
    expect(said).toContain('else it stays until you ask for its erasure');
    expect(said).not.toContain('by itself');
  }
  expect(periodsBy({ ticketsDaysAfterClose: null, daily: true }).deliveries).toBe('until you ask for its erasure');
});
