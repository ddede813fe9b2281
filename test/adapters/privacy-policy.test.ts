import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { readPrivacyPolicy } from '../../src/adapters/privacy-policy.ts';
import { dateIn, dueDate } from '../../src/domain/calendar.ts';
import { decide } from '../../src/domain/erase-policy.ts';
import { CATEGORIES } from '../../src/domain/privacy-policy.ts';

const OURS = 'policies/privacy.yaml';
let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'privacy-'));
});
afterAll(() => rm(dir, { recursive: true }));

async function read(text: string) {
  const path = join(dir, 'privacy.yaml');
  await writeFile(path, text);
  return readPrivacyPolicy(path);
}
/** The project's policy with one field set to something else; undefined takes it away. */
async function changed(field: string, value: unknown) {
  const policy = parse(await readFile(OURS, 'utf8'));
  const keys = field.split('.');
  const last = keys.pop() ?? '';
  const place = keys.reduce((object, key) => object[key], policy);
  place[last] = value;
  return read(stringify(policy));
}

describe('the policy that comes with the project', () => {
  test('is in order and knows every category', async () => {
    const policy = await readPrivacyPolicy(OURS);
    expect(Object.keys(policy.categories).sort()).toEqual([...CATEGORIES].sort());
    expect(policy.controller.timeZone).toBe('Europe/Berlin');
    expect(policy.erasure).toMatchObject({ codeMinutes: 10, tries: 5, lookAgainDays: 30, perAddressAndDay: 5 });
  });

  test('erases everything of a person of whom nothing has to be kept, and keeps the record of it', async () => {
    const events = {
      ticketOpened: '2026-01-10T09:00:00Z',
      ticketClosed: 'notYet',
      lastActivity: '2026-02-10T09:00:00Z',
      consentWithdrawn: 'never',
      requestReceived: '2026-11-20T09:00:00Z',
    };
    const facts = { ground: 'any', consents: {}, holds: [], events } as const;
    const decision = decide(await readPrivacyPolicy(OURS), facts, new Date('2026-11-25T12:00:00Z'));
    expect(decision).toMatchObject({ verdict: 'erase', approval: false });
    const kept = 'categories' in decision ? decision.categories.filter(({ verdict }) => verdict === 'keep') : [];
    expect(kept.map(({ category }) => category)).toEqual(['requestRecord']);
  });

  test('knows the days off: a month from 24 November ends after Christmas', async () => {
    const { controller } = await readPrivacyPolicy(OURS);
    const due = (day: string) => dateIn(dueDate(new Date(day), { ...controller, months: 1 }), controller.timeZone);
    expect(due('2026-11-25T12:00:00Z')).toBe('2026-12-28');
    expect(due('2026-03-03T12:00:00Z')).toBe('2026-04-07');
  });
});

describe('stops the start, naming file, line, field and mend', () => {
  test.each([
    ['controller.timeZone', 'Berlin', /controller\.timeZone: expected a time zone such as Europe\/Berlin/],
    ['controller.holidays', ['2026-02-30'], /controller\.holidays\.0: expected a day such as 2026-04-03/],
    ['controller.contact', 'the office', /controller\.contact: expected an e-mail address/],
    ['controller.complaint.url', 'http://example.com', /complaint\.url: expected a web address that begins with https/],
    ['officers', [], /officers: expected at least one officer/],
    ['officers.0.mayApprove', false, /approval: is "whenRefused", but no officer has mayApprove: true/],
    ['approval', 'sometimes', /approval: expected one of never, always, whenRefused/],
    ['categories.ratings', undefined, /categories\.ratings: expected description, legalBases/],
    ['categories.invoices', {}, /categories\.invoices: unknown field; taken are identity, contact/],
    ['categories.ratings.keep', undefined, /categories\.ratings\.keep: expected a list of duties/],
    ['categories.ratings.legalBases', [], /ratings\.legalBases: expected at least one legal basis/],
    ['categories.ratings.legalBases', ['consent'], /ratings\.purposes: name the purposes of the consent/],
    ['categories.ratings.purposes', ['news'], /ratings\.purposes\.0: "news" is none of purposes; describe it there/],
    [
      'categories.contact.grounds',
      ['consentWithdrawn'],
      /contact\.grounds\.0: consentWithdrawn: consent is no legal basis/,
    ],
    ['categories.contact.grounds', ['objection'], /contact\.grounds\.0: objection: only to a legitimateInterest/],
    ['categories.requestRecord.keep.0.period', '3 years', /keep\.0\.period: expected a period such as P6Y/],
    ['categories.requestRecord.keep.0.from', 'today', /keep\.0\.from: expected one of ticketOpened/],
    [
      'categories.requestRecord.keep.0.until',
      '2027',
      /keep\.0\.until: unknown field; taken are why, statute, exception, period, from/,
    ],
    [
      'categories.conversations.keep',
      [{ why: 'audits', statute: '§ 147 AO', exception: 'legalObligation', period: 'P6Y', from: 'ticketClosed' }],
      /conversations\.keep\.0\.period: lasts longer than retention/,
    ],
    ['retention.ticketsDaysAfterClose', 0, /ticketsDaysAfterClose: expected a whole number from 1 to 36500/],
    ['recipients', [{ name: 'CRM', kind: 'crm', categories: ['contact'] }], /recipients\.0: give url/],
    [
      'recipients.0.secretEnv',
      's3cret',
      /secretEnv: expected a setting's name such as BILLING_SECRET, never the secret/,
    ],
    ['erasure.codeMinutes', 11, /erasure\.codeMinutes: expected a whole number from 1 to 10/],
    ['erasure.tries', 6, /erasure\.tries: expected a whole number from 1 to 5/],
    ['erasure.warnDays', 31, /erasure\.warnDays: expected a whole number from 1 to 27/],
  ])('%s: %j', async (field, value, message) => {
    const refused = changed(field, value);
    await expect(refused).rejects.toMatchObject({ code: 'InvalidPolicy' });
    await expect(refused).rejects.toThrow(message);
    await expect(refused).rejects.toThrow(/privacy\.yaml: line \d+: /);
  });

  test('an officer who is there twice', async () => {
    const officer = { id: 'privacy', email: 'privacy@support.example', mayApprove: true };
    await expect(changed('officers', [officer, officer])).rejects.toThrow(/officers\.1\.id: "privacy" is there twice/);
  });

  test('the line is that of the field, or of what should hold it', async () => {
    const text = await readFile(OURS, 'utf8');
    const line = text.split('\n').findIndex((found) => found.includes('timeZone:')) + 1;
    await expect(read(text.replace('Europe/Berlin', 'Berlin'))).rejects.toThrow(`line ${line}: controller.timeZone`);
    const controller = text.split('\n').findIndex((found) => found.startsWith('controller:')) + 1;
    const without = text.replace(/^ {2}contact:.*$/m, '#');
    await expect(read(without)).rejects.toThrow(`line ${controller}: controller.contact`);
  });

  test('what is no YAML, and a file that is not there', async () => {
    await expect(read('controller: [')).rejects.toThrow(/can't be read as YAML/);
    await expect(read('- a list')).rejects.toThrow(/expected controller, officers/);
    await expect(readPrivacyPolicy(join(dir, 'none.yaml'))).rejects.toMatchObject({ code: 'InvalidPolicy' });
  });
});
