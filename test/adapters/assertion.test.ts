import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createAssertionCheck } from '../../src/adapters/assertion.ts';

const SECRET = 'shared with the platform, 32 letters or more';
const NOW = Date.UTC(2026, 2, 3, 12);
const SECONDS = NOW / 1000;
const ADA = { email: 'ada@customer.example' };
const check = createAssertionCheck(SECRET, () => NOW);

const base64 = (text: string) => Buffer.from(text).toString('base64url');
function sign(payload: string, secret = SECRET): string {
  const signed = `v1.${base64(payload)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}
const CLAIMS = { aud: 'steward-erasure', sub: ADA.email, iat: SECONDS - 5, exp: SECONDS + 300 };
const signed = (more: object = {}) => sign(JSON.stringify({ ...CLAIMS, ...more }));

const wrong = (words: string) => ({ wrong: expect.stringContaining(words) });

describe('the platform’s word that a person is signed in', () => {
  test('holds where the shared secret signed it for this very person', () => {
    const until = new Date((SECONDS + 300) * 1000);
    expect(check(signed(), ADA)).toEqual({ signed: expect.any(String), until });
    expect(check(signed({ sub: 'Ada@Customer.Example' }), ADA)).toHaveProperty('until');
    expect(check(signed({ sub: 'C-1' }), { customerId: 'C-1' })).toHaveProperty('until');
    expect(check(signed({ jti: 'one more field' }), ADA)).toHaveProperty('until');
  });

  test('does not hold under another key, or where none is shared', () => {
    const [, payload = ''] = signed().split('.');
    expect(check(sign(JSON.stringify(CLAIMS), 'another secret, 32 letters or more'), ADA)).toEqual(wrong('signature'));
    expect(check(`v1.${payload}.${base64('short')}`, ADA)).toEqual(wrong('signature'));
    expect(createAssertionCheck(undefined)(signed(), ADA)).toEqual(wrong('STEWARD_ASSERTION_SECRET is not set'));
  });

  test('does not hold once anything in it was altered', () => {
    const [, , mac] = signed().split('.');
    const altered = base64(JSON.stringify({ ...CLAIMS, sub: 'bob@customer.example' }));
    expect(check(`v1.${altered}.${mac}`, { email: 'bob@customer.example' })).toEqual(wrong('signature'));
    for (const text of ['', 'v1', 'v1..', `v2.${signed().slice(3)}`, `${signed()}.x`]) {
      expect(check(text, ADA)).toEqual(wrong('v1.<payload>.<mac>'));
    }
  });

  test.each([{ email: 'bob@customer.example' }, { customerId: 'C-1' }])('does not hold for %j', (asked) => {
    expect(check(signed(), asked)).toEqual(wrong('somebody else'));
  });

  test('of a customer’s id the case counts', () => {
    expect(check(signed({ sub: 'c-1' }), { customerId: 'C-1' })).toEqual(wrong('somebody else'));
  });

  test.each([
    ['expired this very second', { exp: SECONDS }, 'its time is over'],
    ['expired', { iat: SECONDS - 400, exp: SECONDS - 100 }, 'its time is over'],
    ['of the future, by more than clocks differ', { iat: SECONDS + 61, exp: SECONDS + 300 }, 'in the future'],
    ['good for too long', { iat: SECONDS, exp: SECONDS + 601 }, 'at most 10 minutes'],
    ['over before it began', { iat: SECONDS + 30, exp: SECONDS + 10 }, 'at most 10 minutes'],
    ['for another use', { aud: 'steward-tickets' }, 'aud'],
    ['without a use', { aud: undefined }, 'aud'],
    ['without a person', { sub: undefined }, 'sub'],
    ['without a beginning', { iat: undefined }, 'iat'],
    ['with a beginning in words', { iat: '2026-03-03' }, 'iat'],
    ['without an end', { exp: undefined }, 'exp'],
    ['without a finite end', { exp: null }, 'exp'],
  ])('is refused when it is %s', (_, claims, words) => {
    expect(check(signed(claims), ADA)).toEqual(wrong(words));
  });

  test('within what clocks differ a time of the future is taken', () => {
    expect(check(signed({ iat: SECONDS + 60 }), ADA)).toHaveProperty('until');
  });

  test('a signed payload that is no JSON object is refused', () => {
    for (const payload of ['', 'null', '7', '{', '"text"']) expect(check(sign(payload), ADA)).toEqual(wrong('JSON'));
    expect(check(sign('[]'), ADA)).toEqual(wrong('aud'));
  });

  test('written in another way it is still the same one', () => {
    const text = signed();
    // The last letter of 43 carries two bits that no decoder looks at.
    const others = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'].map(
      (last) => `${text.slice(0, -1)}${last}`,
    );
    const held = others.map((other) => check(other, ADA)).filter((verdict) => 'signed' in verdict);
    expect(held).toHaveLength(4);
    expect(new Set(held.map((verdict) => JSON.stringify(verdict))).size).toBe(1);
  });

  test('what is told of a wrong one quotes nothing of it', () => {
    const all = [
      signed({ sub: 'bob@customer.example' }),
      signed({ aud: 'bob@customer.example' }),
      'bob@customer.example',
    ];
    for (const text of all) expect(JSON.stringify(check(text, ADA))).not.toContain('bob');
  });
});
