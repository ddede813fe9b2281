import { expect, test } from 'vitest';
import { namesSomebody } from '../../src/domain/names-somebody.ts';

test.each(['see ada@customer.example', 'Ada <ADA@köln.example>'])('an e-mail address is seen: %j', (text) =>
  expect(namesSomebody(text)).toBe('an e-mail address'),
);

test.each([
  'call +49 30 1234567 first',
  'at 030/123 45 67',
  '0049 (0)30 1234567',
  '01711234567.',
  '(555) 123-4567',
  '555-123-4567',
])('a telephone number is seen: %j', (text) => expect(namesSomebody(text)).toBe('a telephone number'));

test.each([
  'the invoices are needed until 2031-12-31',
  'seit dem 03.04.2026 und bis zum 31.12.2031',
  '§ 147 AO, Art. 17(3)(b) GDPR, Reg. 1182/71',
  'court case 7 C 123/2025, hearing at 10:15',
  'request ERA-0123456789abcdef, ticket TKT-2026-0423',
  'policy 2.0.1, 0 tickets of 1000000 open',
  'pay @ the desk',
])('dates, statutes and numbers of cases are none: %j', (text) => expect(namesSomebody(text)).toBeNull());
