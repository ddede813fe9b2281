import { describe, expect, test } from 'vitest';
import { judge } from '../../src/config.ts';
import { Secret } from '../../src/secret.ts';
import { transportWarnings } from '../../src/transport.ts';

function warningsOf(settings: Record<string, string>): string[] {
  const { config, secrets } = judge({ DATABASE_URL: 'postgres://a:hunter2@127.0.0.1/c', ...settings });
  return transportWarnings(config, secrets, secrets.databaseUrl ?? new Secret(''));
}

describe('the database', () => {
  test.each([
    'postgres://a:hunter2@127.0.0.1/c',
    'postgres://a:hunter2@localhost:5432/c',
    'postgres://a:hunter2@[::1]/c',
    'postgres:///c',
    'postgres://a:hunter2@%2Fvar%2Frun/c',
    'postgres://a:hunter2@db.example/c?sslmode=verify-full',
    'postgres://a:hunter2@db.example/c?sslmode=require',
    'postgres://a:hunter2@db.example/c?ssl=true',
    'postgres://a:hunter2@db.example/c?sslmode=disable',
  ])('%s is no reason to warn', (url) => expect(warningsOf({ DATABASE_URL: url })).toEqual([]));

  test.each([
    ['without TLS', 'postgres://a:hunter2@db.example/c'],
    ['without TLS', 'postgres:///c?host=db.example'],
    ['may be anybody', 'postgres://a:hunter2@db.example/c?sslmode=no-verify'],
    ['may be anybody', 'postgres://a:hunter2@db.example/c?sslmode=require&uselibpqcompat=true'],
  ])('%s: %s is warned of, and its password is not told', (words, url) => {
    const warnings = warningsOf({ DATABASE_URL: url });
    expect(warnings).toEqual([expect.stringMatching(new RegExp(`^PostgreSQL at db\\.example .*${words}`))]);
    expect(warnings.join()).not.toContain('hunter2');
  });
});

describe('Temporal', () => {
  const elsewhere = { TEMPORAL_ADDRESS: 'temporal.example:7233' };
  test.each<Record<string, string>>([
    {},
    { TEMPORAL_ADDRESS: '127.0.0.1:7233' },
    { TEMPORAL_ADDRESS: '[::1]:7233' },
    { ...elsewhere, TEMPORAL_TLS: 'on' },
    { ...elsewhere, TEMPORAL_TLS: 'off' },
    { ...elsewhere, TEMPORAL_API_KEY: 'a-key' },
    { ...elsewhere, TEMPORAL_TLS_SERVER_NAME: 'temporal.example' },
  ])('%o is no reason to warn', (settings) => expect(warningsOf(settings)).toEqual([]));

  test('elsewhere without TLS is warned of', () => {
    expect(warningsOf(elsewhere)).toEqual([
      expect.stringContaining('Temporal at temporal.example:7233 is reached without TLS'),
    ]);
  });
});

describe('TLS to Temporal', () => {
  const at = (settings: Record<string, string>) => judge({ TEMPORAL_ADDRESS: 'temporal.example:7233', ...settings });
  test.each([
    ['on', true],
    ['true', true],
    ['off', false],
    ['false', false],
  ])('TEMPORAL_TLS=%s', (value, on) => {
    expect(at({ TEMPORAL_TLS: value }).config.temporal.tls !== undefined).toBe(on);
  });

  test('is on where a file or a name of it is given, and off for a server of our own', () => {
    expect(at({ TEMPORAL_TLS_SERVER_CA_CERT_PATH: 'ca.pem' }).config.temporal.tls).toMatchObject({
      serverCa: 'ca.pem',
    });
    expect(at({ TEMPORAL_ADDRESS: '', TEMPORAL_TLS: 'on' }).config.temporal.tls).toBeUndefined();
  });
});

test.each([
  ['STEWARD_TLS_CERT_FILE', 'STEWARD_TLS_KEY_FILE'],
  ['STEWARD_TLS_KEY_FILE', 'STEWARD_TLS_CERT_FILE'],
  ['TEMPORAL_TLS_CLIENT_CERT_PATH', 'TEMPORAL_TLS_CLIENT_KEY_PATH'],
  ['TEMPORAL_TLS_CLIENT_KEY_PATH', 'TEMPORAL_TLS_CLIENT_CERT_PATH'],
])('%s needs %s', (given, missing) => {
  expect(() => judge({ [given]: 'a.pem' })).toThrow(`${missing}: expected as well, since ${given} is set`);
});

test('with a certificate links begin with https', () => {
  const tls = { STEWARD_TLS_CERT_FILE: 'a.pem', STEWARD_TLS_KEY_FILE: 'b.pem' };
  expect(judge(tls).config.gateway).toMatchObject({
    publicUrl: 'https://127.0.0.1:8080',
    tls: { certFile: 'a.pem', keyFile: 'b.pem' },
  });
});
