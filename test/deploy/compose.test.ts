import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { judge, SETTINGS } from '../../src/config.ts';
import { RETENTION_DAYS } from '../../src/embedded/services.ts';
import { DB_ROLES } from '../../src/store/grants.ts';
import { type Compose, composeOffences, parseCompose, type Service } from './compose.ts';

const TEXT = readFileSync('docker-compose.temporal.yml', 'utf8');
const COMPOSE = parseCompose(TEXT);

function service(name: string): Service {
  const found = COMPOSE.services[name];
  if (!found) throw new Error(`no service ${name}`);
  return found;
}

test('the production stack is pinned, on loopback alone, watched, and holds no secret', () => {
  expect(composeOffences(COMPOSE)).toEqual([]);
});

test('Temporal is 1.30 or later, its tools of the same version, on PostgreSQL', () => {
  const [, version = ''] = service('temporal').image?.split('temporalio/server:') ?? [];
  const [major = 0, minor = 0] = version.split('.').map(Number);
  expect(major * 1000 + minor).toBeGreaterThanOrEqual(1030);
  for (const job of ['temporal-schema', 'temporal-namespace']) {
    expect(service(job).image).toBe(`temporalio/admin-tools:${version}`);
  }
  expect(service('temporal').environment).toMatchObject({ DB: 'postgres12', POSTGRES_SEEDS: 'postgres' });
});

test('what ended on the first of a month of 31 days is in Temporal when the month is measured, and for days after', () => {
  const compose = /^(\d+)h$/.exec(String(service('temporal-namespace').environment?.TEMPORAL_RETENTION));
  expect(Number(compose?.[1]) / 24).toBe(RETENTION_DAYS);
  expect(RETENTION_DAYS).toBeGreaterThan(31 + 1);
});

test('every secret is a file that deploy/secrets.sh makes, once, and that neither git nor an image gets', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'steward-deploy-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  mkdirSync(join(dir, 'deploy'));
  copyFileSync('deploy/secrets.sh', join(dir, 'deploy/secrets.sh'));
  const made = Object.entries(COMPOSE.secrets).filter(([, { file }]) => !file.endsWith(':-/dev/null}'));
  const make = () => {
    execFileSync('sh', [join(dir, 'deploy/secrets.sh')]);
    return made.map(([, { file }]) => readFileSync(join(dir, file), 'utf8'));
  };
  const first = make();
  expect(new Set(first).size).toBe(made.length);
  expect(first.filter((text) => !/[0-9a-f]{64}/.test(text))).toEqual([]);
  expect(make()).toEqual(first);
  expect(statSync(join(dir, 'secrets')).mode & 0o777).toBe(0o700);
  expect(readFileSync('.gitignore', 'utf8').split('\n')).toContain('secrets/');
  const settings = { DATABASE_URL_FILE: 'database_url_worker', STEWARD_LINK_SECRET_FILE: 'link_secret' };
  const files = Object.entries(settings).map(([name, file]) => [name, join(dir, 'secrets', file)]);
  expect(judge(Object.fromEntries(files)).secrets).toMatchObject({ databaseUrl: {}, linkSecret: {} });
});

test('every part has a database login of its own, and nobody but the job has the owner’s', () => {
  const loginOf = (name: string) => {
    const mounted = (service(name).secrets ?? []).map((secret) =>
      typeof secret === 'string' ? secret : secret.source,
    );
    return mounted.filter((secret) => secret.startsWith('database_url'));
  };
  for (const part of ['worker', 'gateway', 'operator', 'officer']) {
    expect(loginOf(part)).toEqual([`database_url_${part}`]);
    expect(service(part).environment?.STEWARD_MIGRATE).toBe('off');
  }
  expect(loginOf('steward-migrate')).toEqual(['database_url_owner']);
});

test('the roles that are made on an empty volume are those of the matrix', () => {
  const made = [...readFileSync('deploy/postgres/roles.sh', 'utf8').matchAll(/^create role (\w+) nologin;$/gm)];
  expect(made.map(([, role]) => role)).toEqual(DB_ROLES);
});

test('worker and gateway have longer to stop than they give themselves', () => {
  const [, force = ''] = /shutdownForceTime: '(\d+)s'/.exec(readFileSync('src/temporal/workers.ts', 'utf8')) ?? [];
  expect(Number(force)).toBeGreaterThan(0);
  for (const name of ['worker', 'gateway']) {
    expect(Number.parseInt(service(name).stop_grace_period ?? '', 10)).toBeGreaterThan(Number(force));
  }
});

// Officers and agents show their keys at the command line. `npm start` alone starts servers; this stack's Temporal asks for no key and speaks no TLS; a proxy before the gateway does.
const NOT_HERE =
  /^(STEWARD_TLS_\w+|TEMPORAL_TLS\w*|STEWARD_DEMO|STEWARD_TEMPORAL_BINARY|STEWARD_(TEMPORAL|UI|POSTGRES)_PORT|TEMPORAL_API_KEY(_FILE)?|STEWARD_(OFFICER|AGENT)_KEY(_FILE)?)$/;
test('the worker gets every setting that can matter to it', () => {
  const passed = Object.keys(service('worker').environment ?? {});
  // A secret comes by its file.
  const missing = SETTINGS.filter((name) => !passed.includes(name) && !passed.includes(`${name}_FILE`));
  expect(missing.filter((name) => !NOT_HERE.test(name))).toEqual([]);
});

test('the gateway gets nothing that the worker does not, and of the providers’ keys Slack’s alone, where Slack calls it', () => {
  const { environment = {} } = service('gateway');
  const { SLACK_BOT_TOKEN_FILE, ...others } = environment;
  expect(service('worker').environment).toMatchObject(others);
  // Forms are opened from where the click arrives; without clicks there is nothing to open.
  expect(SLACK_BOT_TOKEN_FILE).toMatch(/^\$\{SLACK_SIGNING_SECRET_FILE:\+/);
  expect(Object.keys(others).filter((name) => /^(AWS|SLACK|STEWARD_PAGERDUTY)/.test(name))).toEqual([
    'SLACK_SIGNING_SECRET_FILE',
  ]);
});

test('what is mounted from the repository is there', () => {
  const mounted = Object.values(COMPOSE.services).flatMap(({ volumes = [] }) =>
    volumes.map((v) => v.split(':')[0] ?? ''),
  );
  const files = mounted.filter((source) => source.startsWith('./'));
  expect(files.length).toBeGreaterThan(4);
  expect(files.filter((file) => !existsSync(file))).toEqual([]);
});

test.each<[offence: string, name: string, change: Partial<Service>]>([
  ['is not pinned', 'postgres', { image: 'postgres' }],
  ['is not pinned', 'postgres', { image: 'postgres:latest' }],
  ['is not pinned', 'postgres', { image: 'postgres:18' }],
  ['auto-setup', 'temporal', { image: 'temporalio/auto-setup:1.29.7' }],
  ['open to the network', 'gateway', { ports: ['8080:8080'] }],
  ['open to the network', 'gateway', { ports: ['0.0.0.0:8080:8080'] }],
  ['no curl', 'temporal', { healthcheck: { test: ['CMD-SHELL', 'curl -f http://127.0.0.1:7243/'] } }],
  ['come back', 'worker', { restart: 'no' }],
  ['when it fails', 'temporal-schema', { restart: 'always' }],
  ['is written down', 'postgres', { environment: { POSTGRES_PASSWORD: 'postgres' } }],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is Compose that fills it in
  ['is written down', 'worker', { environment: { STEWARD_LINK_SECRET: '${STEWARD_LINK_SECRET:-secret}' } }],
  ['holds a password', 'worker', { environment: { DATABASE_URL: 'postgres://steward:steward@postgres/steward' } }],
  ['is written down', 'worker', { environment: { STEWARD_LINK_SECRET_FILE: 'link_secret' } }],
  ['not mounted', 'steward-migrate', { environment: { SLACK_BOT_TOKEN_FILE: '/run/secrets/slack_bot_token' } }],
  ['secret pepper is not declared', 'worker', { secrets: ['pepper'] }],
  ['not declared', 'postgres', { volumes: ['elsewhere:/var/lib/postgresql'] }],
  ['can be written to', 'worker', { volumes: ['./flows:/app/flows'] }],
  ['kept apart', 'worker', { network_mode: 'host' }],
  ['is not there', 'worker', { depends_on: { mysql: { condition: 'service_healthy' } } }],
  ['waits for the health of', 'worker', { depends_on: { 'temporal-schema': { condition: 'service_healthy' } } }],
])('the check sees: %s (%s)', (offence, name, change) => {
  const services = { ...COMPOSE.services, [name]: { ...service(name), ...change } };
  const broken: Compose = { ...COMPOSE, services };
  expect(
    composeOffences(broken)
      .filter((found) => found.startsWith(`${name}: `))
      .join('\n'),
  ).toContain(offence);
});
