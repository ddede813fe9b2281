import { expect, test } from 'vitest';
import { type KnownPerson, namesPerson, sayNaming } from '../../src/domain/names-person.ts';

const person = (more: Partial<KnownPerson>): KnownPerson => ({ ids: [], names: [], emails: [], phones: [], ...more });

test.each([
  ['Ada Lovelace', 'Ms Lovelace has a lawsuit'],
  ['Ada Lovelace', 'ada lovelace asked twice'],
  ['Ada Lovelace', 'LOVELACE, Ada'],
  ['Ada Lovelace', 'Lovelace’s invoices'],
  ['Jürgen Müller', 'Herr MULLER klagt'],
  ['Jürgen Müller', 'Herr Mueller klagt'],
  ['Juergen Mueller', 'Müllers Rechnungen'],
  ['José Núñez', 'nunez, jose'],
  ['Anna von der Heide', 'anna heide klagt'],
  ['Søren Strauß', 'Strauss'],
  ['Will May', 'May has not paid'],
  ['Will May', 'will may'],
  ['J. Doe', 'j. doe'],
  ['Jean-Luc Picard', 'says Luc'],
  ['王小明', '王小明 的发票'],
])('the name of %s is seen in %j', (name, text) =>
  expect(namesPerson(text, person({ names: [name] }))).toBe('their name'),
);

test.each([
  ['Will May', 'we will decide until may 2027'],
  ['Mark Young', 'the young ones mark it'],
  ['Ada Lovelace', 'Adamant, loveless'],
  ['Anna von der Heide', 'Der Prozess läuft, von Amts wegen'],
  ['Jo Li', 'Jo will listen'],
  ['Ann Smith', 'Annual accounts of the Smithsonian'],
  ['', 'A lawsuit is pending'],
])('ordinary words are not the name of %s: %j', (name, text) =>
  expect(namesPerson(text, person({ names: [name] }))).toBeNull(),
);

const ada = person({
  ids: ['CUST-77', '42'],
  emails: ['ada.k@customer.example', 'info@shop.example'],
  phones: ['+49 30 1234567', '112'],
});
test.each([
  ['see CUST-77', 'their customer id'],
  ['cust-77: unpaid', 'their customer id'],
  ['write to Ada.K@Customer.example', 'their e-mail address'],
  ['known there as ada.k', 'their e-mail address'],
  ['call 123 45 67', 'their telephone number'],
  ['(030) 1234-567 is theirs', 'their telephone number'],
])('what else they are known by is seen in %j', (text, named) => expect(namesPerson(text, ada)).toBe(named));

test.each(['see CUST-778', '42 invoices, 112 of them open', 'for your info', 'case 123/45'])(
  'and is not seen in %j',
  (text) => expect(namesPerson(text, ada)).toBeNull(),
);

test('the error names the field and the mend, and never the name', () => {
  expect(sayNaming('reason', 'their name')).toMatch(/^reason: .*without their name/);
});
