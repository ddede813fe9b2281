import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { format, inspect } from 'node:util';
import { pino } from 'pino';
import { afterAll, describe, expect, test } from 'vitest';
import { awsCredentials } from '../../src/adapters/aws.ts';
import { judge } from '../../src/config.ts';
import { StewardError } from '../../src/domain/errors.ts';
import { Secret } from '../../src/secret.ts';

const dir = mkdtempSync(join(tmpdir(), 'steward-secrets-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
function fileOf(name: string, text: string): string {
  const path = join(dir, name);
  writeFileSync(path, text);
  return path;
}

describe('a secret', () => {
  const secret = new Secret('hunter2');
  test('is told to who asks for it', () => expect(secret.reveal()).toBe('hunter2'));

  test('is hidden from everything that prints', () => {
    const lines: string[] = [];
    const log = pino({}, { write: (line: string) => void lines.push(line) });
    log.info({ secret, deep: { list: [secret] } }, `with ${secret}`);
    log.error(secret);
    log.error(new Error(`of ${secret}`, { cause: secret }));
    const said = [
      String(secret),
      `${secret}`,
      JSON.stringify({ secret }),
      inspect({ secret, map: new Map([['a', secret]]) }, { showHidden: true, depth: 9 }),
      format('%s %o %O %j %d', secret, secret, secret, secret, secret),
      JSON.stringify(Object.entries(secret)),
      inspect(Object.assign(new Error('no'), { secret })),
      JSON.stringify(structuredClone(secret)),
      ...lines,
    ].join('\n');
    expect(said).not.toContain('hunter2');
    expect(said.match(/\[secret\]/g)?.length).toBeGreaterThan(10);
  });
});

const GOOD = {
  DATABASE_URL: ['databaseUrl', 'postgres://steward:hunter2@db.example/steward'],
  TEMPORAL_API_KEY: ['temporalApiKey', 'ey.hunter2'],
  SLACK_BOT_TOKEN: ['slackToken', 'xoxb-hunter2'],
  STEWARD_PAGERDUTY_KEY: ['pagerDutyKey', 'hunter2hunter2'],
  STEWARD_LINK_SECRET: ['linkSecret', 'hunter2 and so on, up to 32 letters'],
} as const;
const NAMED = { TEMPORAL_ADDRESS: 'temporal.example:7233' };

function refusalOf(settings: Record<string, string>): StewardError {
  try {
    judge(settings);
  } catch (error) {
    if (error instanceof StewardError) return error;
  }
  throw new Error('it was taken');
}

describe.each(Object.entries(GOOD))('%s', (name, [key, text]) => {
  test('is a Secret', () => {
    const { secrets } = judge({ ...NAMED, [name]: text });
    expect(secrets[key]).toBeInstanceOf(Secret);
    expect(inspect(judge({ ...NAMED, [name]: text }), { depth: 9 })).not.toContain('hunter2');
  });

  test.each(['', '\n', '\r\n', '\n\n'])('may stand in a file that ends with %j', (end) => {
    const path = fileOf(name, `${text}${end}`);
    const { secrets } = judge({ ...NAMED, [`${name}_FILE`]: path });
    expect(secrets[key]?.reveal()).toBe(text);
  });

  test('given twice is refused, and neither is told', () => {
    const path = fileOf(name, text);
    const refusal = refusalOf({ [name]: text, [`${name}_FILE`]: path });
    expect(refusal).toMatchObject({ code: 'InvalidConfig', problems: [{ field: `${name}_FILE` }] });
    expect(refusal.message).toContain(`${name} is set as well`);
    expect(inspect(refusal, { depth: 9 })).not.toContain('hunter2');
  });

  test.each([
    ['is not there', () => join(dir, 'nowhere')],
    ['is a directory', () => dir],
    ['is empty', () => fileOf('empty', '\n')],
  ])('of a file that %s is refused with the mend', (why, path) => {
    const refusal = refusalOf({ [`${name}_FILE`]: path() });
    expect(refusal).toMatchObject({ code: 'InvalidConfig', problems: [{ field: `${name}_FILE` }] });
    expect(refusal.message).toContain(`the file that it names ${why}`);
    expect(refusal.message).toContain(`hold${why === 'is empty' ? '' : 's'} ${name}`);
  });

  test('put where its file should be named is not told either', () => {
    expect(inspect(refusalOf({ [`${name}_FILE`]: text }), { depth: 9 })).not.toContain('hunter2');
  });
});

test.each([
  ['DATABASE_URL', 'hunter2'],
  ['DATABASE_URL', 'postgres://steward:hunter2#@db.example/steward'],
  ['TEMPORAL_API_KEY', 'hunter2\nhunter2'],
  ['TEMPORAL_API_KEY', 'hünter hunter2'],
  ['SLACK_BOT_TOKEN', 'xoxb hunter2'],
  ['STEWARD_LINK_SECRET', 'hunter2'],
])('a wrong %s is refused by its name, its text is not told', (name, text) => {
  for (const settings of [{ [name]: text }, { [`${name}_FILE`]: fileOf('wrong', text) }]) {
    const refusal = refusalOf({ ...NAMED, ...settings });
    expect(refusal.message).toContain(`${name}: expected`);
    expect(inspect(refusal, { depth: 9 })).not.toContain('hunter2');
  }
});

test('Slack’s signing secret is a Secret too, and wants the bot token beside it', () => {
  const given = { ...NAMED, SLACK_SIGNING_SECRET: 'hunter2' };
  expect(refusalOf(given)).toMatchObject({ code: 'InvalidConfig', problems: [{ field: 'SLACK_BOT_TOKEN' }] });
  const { secrets, config } = judge({ ...given, SLACK_BOT_TOKEN: 'xoxb-hunter2' });
  expect(secrets.slackSigningSecret).toBeInstanceOf(Secret);
  expect(config.slack).toMatchObject({ callsBack: true });
});

describe('the keys of AWS', () => {
  const keys = { AWS_ACCESS_KEY_ID: 'AKID', AWS_SECRET_ACCESS_KEY: 'hunter2' };

  test('are told by nothing, as they stand or from files', () => {
    const { AWS_ACCESS_KEY_ID, ...hidden } = { ...keys, AWS_SESSION_TOKEN: 'hunter2//hunter2' };
    const files = Object.entries(hidden).map(([name, text]) => [`${name}_FILE`, fileOf(name, `${text}\n`)]);
    for (const given of [hidden, Object.fromEntries(files)]) {
      const judged = judge({ AWS_ACCESS_KEY_ID, ...given });
      expect(judged.secrets.aws).toEqual({
        accessKeyId: 'AKID',
        secretAccessKey: expect.any(Secret),
        sessionToken: expect.any(Secret),
      });
      expect(awsCredentials(judged.secrets.aws)).toEqual({
        accessKeyId: 'AKID',
        secretAccessKey: 'hunter2',
        sessionToken: 'hunter2//hunter2',
      });
      expect(inspect(judged, { depth: 9 })).not.toContain('hunter2');
    }
    expect(Object.keys(awsCredentials(judge(keys).secrets.aws) ?? {})).not.toContain('sessionToken');
  });

  test('are left to AWS’s own SDK to find where none are given', () => {
    const { secrets } = judge({ AWS_REGION: 'eu-central-1', STEWARD_MAIL_FROM: 'help@support.example' });
    expect(awsCredentials(secrets.aws)).toBeUndefined();
  });

  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = keys;
  test.each<[missing: string, given: Record<string, string>]>([
    ['AWS_SECRET_ACCESS_KEY', { AWS_ACCESS_KEY_ID }],
    ['AWS_ACCESS_KEY_ID', { AWS_SECRET_ACCESS_KEY }],
    ['AWS_ACCESS_KEY_ID', { AWS_SECRET_ACCESS_KEY_FILE: fileOf('aws', 'hunter2') }],
    ['AWS_ACCESS_KEY_ID', { AWS_SESSION_TOKEN: 'hunter2' }],
  ])('want %s beside %j', (field, given) => {
    const refusal = refusalOf(given);
    expect(refusal).toMatchObject({ code: 'InvalidConfig', problems: [{ field }] });
    expect(refusal.message).toContain(`${field}: expected as well, since `);
    expect(inspect(refusal, { depth: 9 })).not.toContain('hunter2');
  });

  test('in a file that is not there are one thing to mend, not two', () => {
    const given = { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY_FILE: join(dir, 'nowhere') };
    expect(refusalOf(given).problems.map(({ field }) => field)).toEqual(['AWS_SECRET_ACCESS_KEY_FILE']);
  });
});

test.skipIf(process.getuid?.() === 0)('a file that this user may not read is refused with the mend', () => {
  const path = fileOf('closed', 'hunter2');
  chmodSync(path, 0);
  expect(refusalOf({ SLACK_BOT_TOKEN_FILE: path }).message).toContain("can't be read by this user");
});

test('wrong files and wrong settings are told together', () => {
  mkdirSync(join(dir, 'd'), { recursive: true });
  const { problems } = refusalOf({ SLACK_BOT_TOKEN_FILE: join(dir, 'd'), STEWARD_PORT: 'none' });
  expect(problems.map(({ field }) => field)).toEqual(['SLACK_BOT_TOKEN_FILE', 'STEWARD_PORT']);
});
