import { describe, expect, test } from 'vitest';
import {
  actorBy,
  assertAnother,
  compareIdentities,
  identityOfLabel,
  isIdentity,
  sayIdentity,
} from '../../src/domain/identity.ts';

describe('is who decides another than who asked', () => {
  test.each([
    ['the same key', ['key/1'], ['key/1'], 'same'],
    ['the same key, by the API and at the command line', ['key/1'], ['key/1', 'login/a', 'account/0'], 'same'],
    ['another key', ['key/1'], ['key/2'], 'other'],
    ['another key over a login that many share', ['key/1', 'login/a'], ['key/2', 'login/a'], 'other'],
    ['another key of the same agent', ['key/1', 'agent/ana'], ['key/2', 'agent/ana'], 'same'],
    ['another key, of another agent', ['key/1', 'agent/ana'], ['key/2', 'agent/ben'], 'other'],
    ['another key, of nobody’s own', ['key/1', 'agent/ana'], ['key/2'], 'other'],
    ['no key where a key asked', ['key/1'], ['login/a'], 'unknown'],
    ['no key, and the login by which the key asked', ['key/1', 'login/a'], ['login/a'], 'same'],
    ['the same login', ['login/a', 'account/1'], ['login/a', 'account/2'], 'same'],
    ['the same login, and a key that was not shown before', ['login/a'], ['key/1', 'login/a'], 'same'],
    ['another login', ['login/a', 'account/0'], ['login/b', 'account/0'], 'other'],
    ['a key where a login asked', ['login/a'], ['key/1'], 'other'],
    ['the same label, whatever else', ['key/1', 'officer/ann'], ['key/2', 'officer/ann'], 'same'],
    ['another label and the same key', ['key/1', 'officer/ann'], ['key/1', 'officer/bob'], 'same'],
    [
      'another label where nothing else can be compared',
      ['key/1', 'officer/ann'],
      ['login/a', 'officer/bob'],
      'unknown',
    ],
    ['of before: another than the label', ['officer/ann'], ['key/1', 'officer/bob'], 'other'],
    ['of before: the label', ['officer/ann'], ['key/1', 'officer/ann'], 'same'],
  ] as const)('%s', (_what, party, decides, found) => {
    expect(compareIdentities(party, decides)).toBe(found);
    const judged = () => assertAnother([['key/other'], party], [...decides]);
    if (found === 'other' && decides[0]?.startsWith('key/')) expect(judged).not.toThrow();
    else if (found !== 'other') expect(judged).toThrow(/^by: .*API key/);
  });

  test('where nobody asked for the person, anybody decides', () => {
    expect(() => assertAnother([], ['login/a'])).not.toThrow();
  });
});

test.each([
  [['key/1'], true],
  [['login/a', 'account/0', 'officer/ann'], true],
  [['key/1', 'agent/ana'], true],
  [['agent/ana'], false],
  [['officer/ann'], false],
  [['account/0', 'officer/ann'], false],
  [[], false],
  [['key/'], false],
  [['key/a b'], false],
  [['key/1', 'mail/ann@support.example'], false],
  [['key/1', 2], false],
  ['key/1', false],
  [undefined, false],
])('%j is an identity: %j', (value, is) => expect(isIdentity(value)).toBe(is));

test('the log names the key, or else the login, and never the label alone', () => {
  const all = ['key/1', 'login/a', 'account/0', 'officer/ann'];
  expect(actorBy(all)).toEqual({ kind: 'key', id: '1' });
  expect(actorBy(all.slice(1))).toEqual({ kind: 'person', id: 'login/a' });
  expect(sayIdentity(all)).toBe('key/1');
});

test('requests from before are read: by a key, or by a label', () => {
  expect(identityOfLabel('key 0b7c')).toEqual(['key/0b7c']);
  expect(identityOfLabel('key/0b7c')).toEqual(['key/0b7c']);
  expect(identityOfLabel('login/a')).toEqual(['login/a']);
  expect(identityOfLabel('ann')).toEqual(['officer/ann']);
});
