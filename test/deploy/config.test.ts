import { describe, expect, test } from 'vitest';
import { judge } from '../../src/config.ts';

describe('a Temporal server of our own', () => {
  const shell = { TEMPORAL_NAMESPACE: 'elsewhere', TEMPORAL_API_KEY: 'a-key' };

  test('is not asked for the namespace and the key that a shell exports for another', () => {
    const { config, secrets } = judge(shell);
    expect(config.temporal).toMatchObject({ address: undefined, namespace: 'default' });
    expect(secrets.temporalApiKey).toBeUndefined();
  });

  test('is none where TEMPORAL_ADDRESS names one: then both count', () => {
    const { config, secrets } = judge({ ...shell, TEMPORAL_ADDRESS: 'temporal.example:7233' });
    expect(config.temporal).toMatchObject({ address: 'temporal.example:7233', namespace: 'elsewhere' });
    expect(secrets.temporalApiKey?.reveal()).toBe('a-key');
  });
});

test.each(['https://help.example', 'https://help.example/', 'https://help.example//'])(
  'links begin with %s without a slash at its end',
  (url) => {
    const { config } = judge({ STEWARD_PUBLIC_URL: url, STEWARD_WEB_UI_URL: url });
    expect(config.gateway.publicUrl).toBe('https://help.example');
    expect(config.temporal.webUiUrl).toBe('https://help.example');
  },
);

describe('an address that can be none is refused with its setting and what it should be', () => {
  const refusalOf = (settings: Record<string, string>): unknown => {
    try {
      return judge(settings);
    } catch (error) {
      return error;
    }
  };

  test.each([
    'localhost/steward',
    'steward',
    'https://db.example/steward',
    'postgres://steward:a#b@db.example/steward',
  ])('DATABASE_URL %s', (url) => {
    expect(refusalOf({ DATABASE_URL: url })).toMatchObject({
      code: 'InvalidConfig',
      message: expect.stringContaining('DATABASE_URL: expected postgres://user:password@host:port/database'),
    });
  });

  test('and its password is not told', () => {
    expect(String(refusalOf({ DATABASE_URL: 'postgres://steward:hunter2#@db.example/steward' }))).not.toContain(
      'hunter',
    );
  });

  test.each(['postgres://db.example/steward', 'postgresql://a:b@[::1]:5432/c?sslmode=require', 'postgres:///steward'])(
    'but not DATABASE_URL %s',
    (url) => expect(judge({ DATABASE_URL: url }).secrets.databaseUrl?.reveal()).toBe(url),
  );

  test.each(['http://temporal.example:7233', 'temporal.example:7233/', 'temporal.example:port', 'a b', '[::1'])(
    'TEMPORAL_ADDRESS %s',
    (address) => {
      expect(refusalOf({ TEMPORAL_ADDRESS: address })).toMatchObject({
        code: 'InvalidConfig',
        message: expect.stringContaining('TEMPORAL_ADDRESS: expected host:port of a Temporal server'),
      });
    },
  );

  test.each(['temporal.example:7233', '127.0.0.1:7233', '[::1]:7233', 'temporal'])(
    'but not TEMPORAL_ADDRESS %s',
    (address) => expect(judge({ TEMPORAL_ADDRESS: address }).config.temporal.address).toBe(address),
  );

  test.each([
    'help',
    'Help <help@reply.example>',
    'help@reply',
    'help+a@reply.example',
    `${'a'.repeat(24)}@reply.example`,
    'help@reply.example, b@c.example',
  ])('STEWARD_REPLY_TO %s', (address) => {
    expect(refusalOf({ STEWARD_REPLY_TO: address })).toMatchObject({
      code: 'InvalidConfig',
      message: expect.stringContaining('STEWARD_REPLY_TO: expected a bare address'),
    });
  });

  test.each(['help', 'Help <help@x.example>', 'help@x.example;users.x.example', 'help@x.example,,'])(
    'STEWARD_OWN_LISTS %s',
    (lists) => {
      expect(refusalOf({ STEWARD_OWN_LISTS: lists })).toMatchObject({
        code: 'InvalidConfig',
        message: expect.stringContaining('STEWARD_OWN_LISTS: expected addresses or List-Ids'),
      });
    },
  );

  test('but not addresses and List-Ids, beside which those of our own mails count', () => {
    const settings = {
      STEWARD_OWN_LISTS: 'help@x.example, users.lists.x.example',
      STEWARD_MAIL_FROM: 'Help <support@x.example>',
      STEWARD_REPLY_TO: 'help@reply.example',
    };
    expect(judge(settings).config.gateway.ownLists).toEqual([
      'help@x.example',
      'users.lists.x.example',
      'Help <support@x.example>',
      'help@reply.example',
    ]);
  });

  test('but not STEWARD_REPLY_TO help@reply.example', () => {
    expect(judge({ STEWARD_REPLY_TO: 'help@reply.example' }).config.replyTo).toBe('help@reply.example');
  });
});
