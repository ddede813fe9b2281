import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../../src/domain/json.ts';
import { flowOf, start } from './support.ts';

/** What a decision records of the value at `path`, by its inputs and by the rule that was rejected. */
function recorded(path: string, input: Json, choice: JsonObject = {}, before: JsonObject = {}): Json | undefined {
  const flow = flowOf({
    First: { Type: 'Pass', ...before, Next: 'Route' },
    Route: {
      Type: 'Choice',
      ...choice,
      Choices: [{ Variable: path, StringEquals: 'never this', Next: 'End' }],
      Default: 'End',
    },
    End: { Type: 'Succeed' },
  });
  const [decision] = start(flow, input).decisions;
  expect(decision?.rejected[0]?.actual).toEqual(decision?.inputs[path]);
  return decision?.inputs[path];
}

const DETAIL = {
  ticketId: 'T1',
  customerTier: 'premium',
  subject: 'Login issue',
  message: "I can't get in",
  customerEmail: 'ann',
  customerName: 'Ann Example',
  customerPhone: '+49 30 901820',
  customerId: 'CUST-0f3a',
};
const ENVELOPE = { source: 'support.platform', detail: DETAIL };
const PERSONAL = ['subject', 'message', 'customerEmail', 'customerName', 'customerPhone', 'customerId'] as const;

test.each([
  [1.5, 1.5],
  [true, true],
  [null, null],
  ['HIGH', 'HIGH'],
  ['', ''],
  ['support.platform/web:2 (β)', 'support.platform/web:2 (β)'],
  ['x'.repeat(60), 'x'.repeat(60)],
  ['x'.repeat(61), 'text of 61 characters'],
  ['@', 'text of 1 character'],
  ['ann@example.org', 'text of 15 characters'],
  ['two\nlines', 'text of 9 characters'],
  [{}, 'object of 0 fields'],
  [{ mail: 'ann' }, 'object of 1 field'],
  [['ann', 'ben'], 'array of 2 items'],
] as [Json, Json][])('of %j is recorded %j', (value, expected) => {
  expect(recorded('$.x', { x: value })).toEqual(expected);
});

describe('of a personal field no text is recorded, however short', () => {
  test.each(PERSONAL)('%s', (field) => {
    const expected = `text of ${DETAIL[field].length} characters`;
    expect(recorded(`$.detail.${field}`, ENVELOPE)).toBe(expected);
    expect(recorded(`$['detail']['${field}']`, ENVELOPE)).toBe(expected);
    expect(recorded(`$$.Execution.Input.detail.${field}`, ENVELOPE)).toBe(expected);
    expect(recorded(`$.${field}`, ENVELOPE, { InputPath: '$.detail' })).toBe(expected);
    expect(recorded(`$.detail.${field}`, ENVELOPE, { InputPath: '$$.Execution.Input' })).toBe(expected);
    expect(recorded(`$.${field}`, ENVELOPE, { InputPath: '$$.Execution.Input.detail' })).toBe(expected);
  });

  test('nor when it is another than the ticket came with', () => {
    const changed = { Parameters: { detail: { subject: 'Other' } } };
    expect(recorded('$.detail.subject', ENVELOPE, {}, changed)).toBe('text of 5 characters');
    expect(recorded('$.subject', ENVELOPE, { InputPath: '$.detail' }, changed)).toBe('text of 5 characters');
    expect(recorded('$', ENVELOPE, { InputPath: '$.detail.subject' }, changed)).toBe('text of 5 characters');
  });

  test.each(PERSONAL)('nor when the flow has moved %s to another place', (field) => {
    const moved = { Parameters: { 'label.$': `$.detail.${field}` } };
    expect(recorded('$.label', ENVELOPE, {}, moved)).toBe(`text of ${DETAIL[field].length} characters`);
  });
});

test('the other fields of the envelope are recorded', () => {
  expect(recorded('$.detail.customerTier', ENVELOPE)).toBe('premium');
  expect(recorded('$.source', ENVELOPE)).toBe('support.platform');
  expect(recorded('$$.Execution.Id', ENVELOPE)).toBe('ticket-T1');
  expect(recorded('$.other.subject', { ...ENVELOPE, other: { subject: 'label' } })).toBe('label');
});
