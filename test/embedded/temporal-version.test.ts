import { expect, test } from 'vitest';
import { compareVersions, serverVersionOf } from '../../src/embedded/temporal-version.ts';

test.each([
  ['1.29.1', '1.29.1', 0],
  ['1.9.0', '1.29.0', -1],
  ['1.30.0', '1.29.9', 1],
  ['2.0.0', '1.99.99', 1],
  ['v1.29.1', '1.29.1', 0],
  ['1.30.0-rc.1', '1.30.0', -1],
  ['1.30.0', '1.30.0-rc.1', 1],
  ['1.30.0-rc.1', '1.30.0-rc.2', -1],
  ['1.29', '1.29.0', 0],
  ['1.29.1+build.5', '1.29.1', 0],
])('version %s against %s is %i', (a, b, sign) => {
  expect(Math.sign(compareVersions(a, b))).toBe(sign);
});

test('the server version is read from what the CLI says of itself, released or built', () => {
  expect(serverVersionOf('temporal version 1.5.1 (Server 1.29.1, UI 2.42.1)\n')).toBe('1.29.1');
  expect(serverVersionOf('temporal version 0.0.0-DEV (Server 1.30.0-153.2, UI 2.42.1)')).toBe('1.30.0-153.2');
  expect(serverVersionOf('tctl version 1.18')).toBeUndefined();
});
