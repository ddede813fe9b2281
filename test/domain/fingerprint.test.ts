import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { kindsIn, normalise } from '../../src/domain/fingerprint.ts';

const digest = (kind: string, value: string) => createHash('sha256').update(`${kind}\n${value}`).digest();
const wanted = (kind: string, value: string) => new Map([[digest(kind, normalise(kind, value)).toString('hex'), kind]]);
const finds = (kind: string, value: string, text: string) => kindsIn(text, wanted(kind, value), digest).has(kind);

describe('looking for what somebody was known by', () => {
  test.each([
    ['email', 'ada@customer.example'],
    ['email', "o'brien@customer.example"],
    ['email', 'a/b=c@customer.example'],
    ['phone', '+49 30 1234567'],
    ['phone', '(030) 123-4567'],
    ['phone', '+4915177730001'],
    ['customer', 'CUST-8921'],
    ['customer', 'crm:42'],
    ['customer', 'acme/4711'],
  ])('%s %s is found however it stands there', (kind, value) => {
    const texts = {
      alone: value,
      'in a sentence': `Dear all, write to ${value}, please.`,
      'with an exclamation mark': `it is ${value}!`,
      'in brackets': `somebody <${value}> (see there)`,
      'as a value of JSON': JSON.stringify({ a: 1, value }),
      'at the start of a line, in JSON': JSON.stringify({ body: `Hello,\n${value}\nBye` }),
      'after a tab, in JSON': JSON.stringify({ body: `x\t${value}` }),
      'in a header': `To: "${value}" <other@customer.example>`,
    };
    const missed = Object.entries(texts).filter(([, text]) => !finds(kind, value, text));
    expect(missed.map(([where]) => where)).toEqual([]);
  });

  test('a number is found as others group it, and beside other numbers', () => {
    for (const text of [
      '+49301234567',
      '+49 (30) 123 45 67',
      '49-30-123-4567',
      'call 2 49 30 1234567 on 25 November',
    ]) {
      expect([text, finds('phone', '+49 30 1234567', text)]).toEqual([text, true]);
    }
  });

  test('an address is found over the line breaks of a mail, in links, in any case', () => {
    for (const text of [
      'Write to ada@custom=\r\ner.example now',
      'mailto:Ada@Customer.Example?subject=x',
      'https://x.example/?to=3Dada@customer.example',
    ]) {
      expect([text, finds('email', 'ada@customer.example', text)]).toEqual([text, true]);
    }
  });

  test('what only looks like it is not found', () => {
    expect(finds('email', 'ada@customer.example', 'ada@customer.examples bada@customer.example')).toBe(false);
    expect(finds('phone', '+49 30 1234567', '4930123456 930 1234567')).toBe(false);
    expect(finds('customer', 'CUST-8921', 'CUST-89210 XCUST-8921')).toBe(false);
  });
});
