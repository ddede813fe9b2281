import canonicalize from 'canonicalize';
import { describe, expect, it, test } from 'vitest';
import { type EntryRow, entryOf, hashEntry, hashLink } from '../../src/store/audit-hash.ts';

describe('canonical JSON by RFC 8785', () => {
  // Doubles by their bits, and how ECMAScript writes them (the RFC's section 3.2.2.3 and appendix B).
  it.each([
    ['0000000000000000', '0'],
    ['8000000000000000', '0'],
    ['0000000000000001', '5e-324'],
    ['8000000000000001', '-5e-324'],
    ['7fefffffffffffff', '1.7976931348623157e+308'],
    ['4340000000000000', '9007199254740992'],
    ['c340000000000000', '-9007199254740992'],
    ['4430000000000000', '295147905179352830000'],
    ['44b52d02c7e14af5', '9.999999999999997e+22'],
    ['44b52d02c7e14af6', '1e+23'],
    ['44b52d02c7e14af7', '1.0000000000000001e+23'],
    ['444b1ae4d6e2ef4e', '999999999999999700000'],
    ['444b1ae4d6e2ef4f', '999999999999999900000'],
    ['444b1ae4d6e2ef50', '1e+21'],
    ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
    ['3eb0c6f7a0b5ed8d', '0.000001'],
    ['41b3de4355555553', '333333333.3333332'],
    ['41b3de4355555555', '333333333.3333333'],
    ['41b3de4355555557', '333333333.33333343'],
    ['becbf647612f3696', '-0.0000033333333333333333'],
    ['43143ff3c1cb0959', '1424953923781206.2'],
  ])('the double %s is written %s', (bits, written) => {
    expect(canonicalize(Buffer.from(bits, 'hex').readDoubleBE())).toBe(written);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, '\ud83d', { a: '\udc00' }, { '\ud800': 1 }])('refuses %j', (value) => {
    expect(() => canonicalize(value)).toThrow();
  });

  it('sorts keys by their UTF-16 units, at every depth', () => {
    // The emoji's first unit is d83d, below that of the Hebrew presentation form at fb33 although its code point is higher.
    const keys = ['\u20ac', '\r', '\ufb33', '1', '\u{1f600}', '\u0080', '\u00f6', '10', '', 'a', 'A'];
    const sorted = ['', '\r', '1', '10', 'A', 'a', '\u0080', '\u00f6', '\u20ac', '\u{1f600}', '\ufb33'];
    const value = Object.fromEntries(keys.map((key) => [key, { b: 0, a: [] }]));
    expect(canonicalize(value)).toBe(`{${sorted.map((key) => `${JSON.stringify(key)}:{"a":[],"b":0}`).join(',')}}`);
  });

  it('escapes what must be escaped, by the short form where there is one, and nothing else', () => {
    const short = { '\b': '\\b', '\t': '\\t', '\n': '\\n', '\f': '\\f', '\r': '\\r', '"': '\\"', '\\': '\\\\' };
    for (let unit = 0; unit < 0xd800; unit++) {
      const char = String.fromCharCode(unit);
      const control = `\\u${unit.toString(16).padStart(4, '0')}`;
      const written = short[char as keyof typeof short] ?? (unit < 0x20 ? control : char);
      if (canonicalize(char) !== `"${written}"`) expect(canonicalize(char)).toBe(`"${written}"`);
    }
    expect(canonicalize('\u2028\u{1f600}/\u007f')).toBe('"\u2028\u{1f600}/\u007f"');
  });

  it('keeps the order of lists, and the literals', () => {
    expect(canonicalize([56, { d: true, 10: null, 1: [] }, false, 'x'])).toBe(
      '[56,{"1":[],"10":null,"d":true},false,"x"]',
    );
  });

  it('takes a member named __proto__ for what it is', () => {
    expect(canonicalize(JSON.parse('{"b":1,"__proto__":{"toJSON":1}}'))).toBe('{"__proto__":{"toJSON":1},"b":1}');
  });
});

const ROW: EntryRow = {
  id: '7',
  at: '1764091260.120000',
  actor_kind: 'person',
  actor_id: 'ana',
  action: 'ticket.claimed',
  object: 'ticket/TKT-1',
  why: null,
  before: '{"state": "new"}',
  after: null,
};

describe('what a hash covers', () => {
  test('the entry as it was read, its position and the hash before it', () => {
    const entry = {
      id: '7',
      at: '2025-11-25T17:21:00.120Z',
      actor: { kind: 'person', id: 'ana' },
      action: 'ticket.claimed',
      object: 'ticket/TKT-1',
      before: { state: 'new' },
    };
    expect(entryOf(ROW)).toEqual(entry);
    const previous = '0'.repeat(64);
    expect(hashEntry(3, previous, ROW)).toBe(hashLink({ position: 3, previous, entry }));
    expect(hashEntry(4, previous, ROW)).not.toBe(hashEntry(3, previous, ROW));
    expect(hashEntry(3, '1'.repeat(64), ROW)).not.toBe(hashEntry(3, previous, ROW));
  });

  test.each([
    ['1', { after: 1 }],
    ['1.000000000000000', { after: 1 }],
    ['12345678901234567890', { afterText: '12345678901234567890' }],
    ['100000000000000000000000', { after: 1e23 }],
    ['{"a": [0.30000000000000004, "1e400"]}', { after: { a: [0.30000000000000004, '1e400'] } }],
    ['{"\\"1.00000000000000000001": 2}', { after: { '"1.00000000000000000001': 2 } }],
    ['0.100000000000000000001', { afterText: '0.100000000000000000001' }],
    [`0.${'0'.repeat(323)}5`, { after: 5e-324 }],
    [`${'['.repeat(65)}${']'.repeat(65)}`, { afterText: `${'['.repeat(65)}${']'.repeat(65)}` }],
  ])('stored JSON that JSON.parse reads whole is a value, other is its text: %s', (after, expected) => {
    expect(entryOf({ ...ROW, before: null, after })).toMatchObject(expected);
  });
});
