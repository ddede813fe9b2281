import { expect, test } from 'vitest';
import { CATALOGUE } from '../../src/domain/module-catalogue.ts';
import { MODULES, PARAMETERS } from '../../src/domain/modules.ts';
import { checkNotification, NOTIFY_FIELDS, notificationOf } from '../../src/domain/notify.ts';
import { checkFlow } from '../../src/flow/check.ts';

const RIGHT = { to: 'customer', subject: 'Your parcel comes later', text: 'It comes on Friday.\n\nSorry!' };

test.each([
  RIGHT,
  { ...RIGHT, to: ['admins', 'team/billing', 'contact/warehouse', 'ana', 'onCall', 'everybody'] },
  { ...RIGHT, to: 'ana', channel: 'slack', urgent: true },
  { ...RIGHT, channel: 'mail' },
])('%j is right', (given) => expect(checkNotification(given)).toEqual([]));

test.each([
  [{ ...RIGHT, to: [] }, 'to: expected "customer"'],
  [{ ...RIGHT, to: 'mira@customer.example' }, 'to: expected "customer"'],
  [{ ...RIGHT, to: ['ana', 7] }, 'to: expected "customer"'],
  [{ ...RIGHT, subject: 'two\nlines' }, 'subject: expected one line'],
  [{ ...RIGHT, subject: ' ' }, 'subject: expected one line'],
  [{ ...RIGHT, subject: 'For mira@customer.example' }, 'subject: holds an e-mail address'],
  [{ ...RIGHT, text: '' }, 'text: expected a text'],
  [{ ...RIGHT, text: 'a bell \u0007' }, 'text: expected a text'],
  [{ ...RIGHT, text: 7 }, 'text: expected a text'],
  [{ ...RIGHT, channel: 'fax' }, 'channel: expected one of mail, slack'],
  [{ ...RIGHT, channel: 'slack' }, 'channel: expected mail or nothing: customers'],
  [{ ...RIGHT, to: 'onCall', channel: 'mail' }, 'channel: expected nothing: onCall is PagerDuty'],
  [{ ...RIGHT, urgent: 'yes' }, 'urgent: expected true or false'],
  [{ ...RIGHT, template: 'x' }, 'template: is no field; the fields are to, channel, subject, text, urgent'],
  [[], 'notification: expected an object'],
])('%j has one thing wrong', (given, said) => {
  const [problem, ...more] = checkNotification(given);
  expect(more).toEqual([]);
  expect(`${problem?.field}: ${problem?.message}`).toContain(said);
});

test('whom a list names twice is told once', () => {
  expect(notificationOf({ ...RIGHT, to: ['ana', 'ana'] })).toEqual({
    to: ['ana'],
    channel: null,
    subject: RIGHT.subject,
    text: RIGHT.text,
    urgent: false,
  });
});

test('the catalogue has the fields that are judged', () => {
  expect(Object.keys(CATALOGUE.notify.input?.properties ?? {}).sort()).toEqual([...NOTIFY_FIELDS].sort());
});

function problemsOf(Parameters: object): string[] {
  const state = { Type: 'Task', Resource: 'module:notify', Parameters, End: true };
  const definition = { StartAt: 'Tell', States: { Tell: state } };
  return checkFlow(definition, { modules: MODULES, bound: 'error', parameters: PARAMETERS }).map(
    ({ path, message }) => `${path}: ${message}`,
  );
}

test('a flow may make the text and whom it tells of its data, and never the subject', () => {
  const { subject, text } = RIGHT;
  expect(problemsOf({ subject, 'to.$': '$.who', 'text.$': "States.Format('Order {} comes later.', $.order)" })).toEqual(
    [],
  );
  expect(problemsOf({ to: 'customer', text, 'subject.$': '$.detail.subject' })).toEqual([
    expect.stringContaining('Parameters.subject: expected words of the flow itself and no path'),
  ]);
  expect(problemsOf({ to: 'customer', text })).toEqual([
    expect.stringContaining('Parameters.subject: expected one line'),
  ]);
});
