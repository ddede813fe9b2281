import { expect, test } from 'vitest';
import { isAuditAction, OUTCOMES, openIntents } from '../../src/domain/audit-actions.ts';

const entry = (action: string, object = 'erasure/ERA-1', after: object | null = null) => ({ action, object, after });
const open = (...entries: ReturnType<typeof entry>[]) => openIntents(entries).map(({ action }) => action);

test('an intent is open until its outcome is there, for the same thing', () => {
  expect(open(entry('erasure.approveAsked'))).toEqual(['erasure.approveAsked']);
  expect(open(entry('erasure.approveAsked'), entry('erasure.approveAnswered'))).toEqual([]);
  expect(open(entry('erasure.approveAsked'), entry('erasure.approveAnswered', 'erasure/ERA-2'))).toHaveLength(1);
  expect(open(entry('erasure.approveAsked'), entry('erasure.refuseAnswered'))).toHaveLength(1);
});

test('one that was begun again has one outcome, and one that comes after an outcome is open', () => {
  const [intent, done] = [entry('erasure.cancelIntent'), entry('erasure.drained')];
  expect(open(intent, intent, done)).toEqual([]);
  expect(open(intent, done, intent)).toHaveLength(1);
});

test('letters and recipients are told apart', () => {
  const code = entry('erasure.mailIntent', 'erasure/ERA-1', { occasion: 'code' });
  const other = entry('erasure.mailIntent', 'erasure/ERA-1', { occasion: 'outcome' });
  expect(open(code, other, { ...other, action: 'erasure.mailSent' })).toEqual(['erasure.mailIntent']);
  expect(open(code, { ...code, action: 'erasure.mailFailed' })).toEqual([]);
});

test('every outcome is an action of the log', () => {
  expect(
    Object.values(OUTCOMES)
      .flat()
      .filter((action) => !isAuditAction(action)),
  ).toEqual([]);
});
