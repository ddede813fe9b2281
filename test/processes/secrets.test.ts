/** Threat T12: whatever is given to a process as a secret, right or wrong, is in nothing that it prints. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { SETTINGS } from '../../src/config.ts';
import { freePort } from '../../src/embedded/ports.ts';
import { useDatabase } from '../support/database.ts';
import { makeRunDirectory, removeRunDirectory } from '../support/run-directory.ts';
import { runNode, startNode } from './built.ts';

const TSX = ['--import', 'tsx'];
/** In every secret; four of its letters in a row are enough to be found. */
const SEED = 'q7Zx9Kv2Wm4Tb8';
const UNSET = Object.fromEntries(SETTINGS.map((name) => [name, '']));
const database = useDatabase();
const own = {} as { dir: string };
beforeAll(async () => {
  own.dir = await makeRunDirectory();
});
afterAll(() => removeRunDirectory(own.dir));

function settingsOf(more: Record<string, string> = {}): Record<string, string> {
  return {
    ...UNSET,
    STEWARD_LOG_LEVEL: 'debug',
    STEWARD_STATE_DIR: own.dir,
    STEWARD_KEK_FILE: join(own.dir, 'kek'),
    STEWARD_TASK_QUEUE: 'secrets',
    TEMPORAL_ADDRESS: inject('temporalAddress'),
    DATABASE_URL: database.url,
    STEWARD_LINK_SECRET: `link-${SEED}-link-${SEED}`,
    SLACK_BOT_TOKEN: `xoxb-${SEED}`,
    AWS_ACCESS_KEY_ID: 'AKID',
    AWS_SECRET_ACCESS_KEY: SEED,
    ...more,
  };
}

function hits(said: string, secrets: readonly string[]): string[] {
  return secrets.flatMap((secret) => {
    const parts = Array.from({ length: Math.max(1, secret.length - 7) }, (_, at) => secret.slice(at, at + 8));
    return parts.filter((part) => said.includes(part));
  });
}
const seeded = (said: string) => {
  const { password } = new URL(database.url);
  return hits(said, [SEED, password]);
};

const withPassword = (password: string) => Object.assign(new URL(database.url), { password }).href;
/** test/deploy/secrets.test.ts has what is refused before anything is opened; two of those are here for the edges that tell it. */
const WRONG: Readonly<Record<string, () => Record<string, string>>> = {
  'a secret in place of an address': () => ({ DATABASE_URL: SEED }),
  'a secret in place of its file': () => ({ SLACK_BOT_TOKEN: '', SLACK_BOT_TOKEN_FILE: `xoxb-${SEED}` }),
  'a wrong password': () => ({ DATABASE_URL: withPassword(SEED) }),
  'a password for a server that is not there': () => ({ DATABASE_URL: `postgres://a:${SEED}@127.0.0.1:1/steward` }),
  'a password for a host that is nowhere': () => ({ DATABASE_URL: `postgres://a:${SEED}@nowhere.invalid/steward` }),
  'a password beside the address': () => ({ DATABASE_URL: `postgres:///steward?host=127.0.0.1&password=${SEED}` }),
  'a password with broken signs': () => ({ DATABASE_URL: `postgres://a:${SEED}%zz@127.0.0.1/steward` }),
  'a key for a Temporal that knows none': () => ({ TEMPORAL_API_KEY: SEED }),
  'a key that no header takes': () => ({ TEMPORAL_API_KEY: `${SEED}ü` }),
};

const CALLS = [['src/gateway.ts'], ['src/cli.ts', 'list'], ['src/cli.ts', 'retry', 'TKT-1']];
test.each(Object.keys(WRONG))('T12: %s is told by no process and no command', async (what) => {
  const settings = settingsOf({ STEWARD_PORT: String(await freePort()), ...WRONG[what]?.() });
  const ended = await Promise.all(CALLS.map((call) => runNode('.', [...TSX, ...call], settings)));
  expect(ended[0]?.code).toBe(1);
  for (const { said } of ended) {
    expect(said.length).toBeGreaterThan(10);
    expect(seeded(said)).toEqual([]);
  }
});

const PROGRAMS = ['src/worker.ts', 'src/gateway.ts'] as const;
test('T12: right secrets, from files, are not in what worker and gateway print from start to end', async () => {
  const given = { SLACK_BOT_TOKEN: `xoxb-${SEED}`, DATABASE_URL: database.url, AWS_SECRET_ACCESS_KEY: SEED };
  const files = Object.entries(given).map(async ([name, text]) => {
    const path = join(own.dir, name);
    await writeFile(path, `${text}\n`);
    return [[name, ''] as const, [`${name}_FILE`, path] as const];
  });
  const port = String(await freePort());
  const settings = settingsOf({ STEWARD_PORT: port, ...Object.fromEntries((await Promise.all(files)).flat()) });
  const running = PROGRAMS.map((program) => startNode('.', [...TSX, program], settings));
  await Promise.all(running.map(({ ready }) => ready));
  await fetch(`http://127.0.0.1:${port}/v1/events`, { method: 'POST', headers: { 'x-api-key': `stw_${SEED}` } });
  for (const { code, said } of await Promise.all(running.map((one) => one.stop()))) {
    expect(code).toBe(0);
    expect(said).toContain('"ready"');
    expect(seeded(said)).toEqual([]);
  }
});

test('T12: what a process starts does not inherit its secrets', async () => {
  const script = `import { execFileSync } from 'node:child_process';
    import { readConfig } from './src/config.ts';
    const { secrets } = readConfig();
    if (!secrets.slackToken || !secrets.databaseUrl || !secrets.aws) throw new Error('not read');
    console.log(execFileSync('env').toString(), JSON.stringify(process.report.getReport()));`;
  const { code, said } = await runNode('.', [...TSX, '--input-type=module', '--eval', script], settingsOf());
  expect(code).toBe(0);
  expect(said).toContain('STEWARD_TASK_QUEUE=secrets');
  expect(seeded(said)).toEqual([]);
});

test('T12: the scan finds a secret that is told in part', () => {
  expect(hits(`password authentication for ${SEED.slice(3, 12)} failed`, [SEED])).not.toEqual([]);
});
