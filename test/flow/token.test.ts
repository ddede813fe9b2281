import { expect, test } from 'vitest';
import { isMadeBy, makeToken, readToken } from '../../src/flow/token.ts';

const SECRET = 'ab'.repeat(32);
const partsOf = (token: string) => readToken(token) ?? expect.fail('no token');

test('a token is known by who has made it, and by nobody else', () => {
  const parts = partsOf(makeToken(SECRET, 'flow-1', 'Wait#1.1@0'));
  expect(parts).toMatchObject({ workflowId: 'flow-1', place: 'Wait#1.1@0' });
  expect(isMadeBy(SECRET, parts)).toBe(true);
  expect(isMadeBy('cd'.repeat(32), parts)).toBe(false);
});

test.each([
  ['workflowId', 'flow-2'],
  ['place', 'Wait#1.2@0'],
  ['mac', ''],
  ['mac', 'A'.repeat(43)],
])('another %s makes it another one', (field, value) => {
  const parts = partsOf(makeToken(SECRET, 'flow-1', 'Wait#1.1@0'));
  expect(isMadeBy(SECRET, { ...parts, [field]: value })).toBe(false);
});

test('what begins in the place does not run into the workflow id', () => {
  const { mac } = partsOf(makeToken(SECRET, 'flow-1', '1'));
  expect(isMadeBy(SECRET, { workflowId: 'flow-', place: '11', mac })).toBe(false);
});

test.each(['', 'x', 'bm9uZQ', Buffer.from('["a","b"]').toString('base64url'), 'A'.repeat(10_000), 7, null, undefined])(
  '%j is none',
  (token) => {
    expect(readToken(token)).toBeUndefined();
  },
);
