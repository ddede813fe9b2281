import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const DEPCRUISE = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');

/** Runs the check as `npm run law` does; `said` is its report. */
function checkLaw(directory: string, report = 'err'): Promise<{ exit: number; said: string }> {
  const args = [DEPCRUISE, '--config', '.dependency-cruiser.cjs', '-T', report, 'src'];
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: directory, maxBuffer: 50_000_000 }, (error, stdout) => {
      resolve({ exit: typeof error?.code === 'number' ? error.code : 0, said: stdout });
    });
  });
}

test('the tree obeys the import law', async () => {
  const { exit, said } = await checkLaw(ROOT);
  expect(exit, said).toBe(0);
});

// A small tree that obeys, to which each case below adds one file that does not.
const LAWFUL: Readonly<Record<string, string>> = {
  'src/domain/ticket.ts': 'export const ticket = 1;',
  'src/contract.ts': `import { ticket } from './domain/ticket.ts'; export const queue = ticket;`,
  'src/jsonata/evaluate.ts': `import { createHash } from 'node:crypto'; import { ticket } from '../domain/ticket.ts'; export const evaluate = [createHash, ticket];`,
  'src/activities/evaluate.ts': `import { evaluate } from '../jsonata/evaluate.ts'; export const act = evaluate;`,
  'src/deps.ts': 'export interface Deps { now(): number }',
  'src/activities/index.ts': `import type { Deps } from '../deps.ts'; export const act = (deps: Deps) => deps.now();`,
  'src/workflows/story.ts': `import type { act } from '../activities/index.ts'; import { queue } from '../contract.ts'; export type Act = typeof act; export const q = queue;`,
  'src/store/tickets.ts': `import type { Deps } from '../deps.ts'; export const store: Deps = { now: () => 1 };`,
  'src/store/migrate.ts': 'export const migrate = 1;',
  'src/adapters/mail.ts': `import { connect } from 'node:net'; export const mail = connect;`,
  'src/schema/ticket.ts': `import { z } from 'zod'; export const schema = z.string();`,
  'src/compose.ts': `import { store } from './store/tickets.ts'; import { mail } from './adapters/mail.ts'; export const all = [store, mail];`,
  'src/embedded/stack.ts': `import { migrate } from '../store/migrate.ts'; export const stack = migrate;`,
  'src/worker.ts': `import { all } from './compose.ts'; export const worker = all;`,
};

const UNLAWFUL: readonly (readonly [rule: string, file: string, source: string])[] = [
  [
    'domain-touches-no-node-module',
    'src/domain/a.ts',
    `import { randomUUID } from 'node:crypto'; export const a = randomUUID;`,
  ],
  ['domain-sees-only', 'src/domain/b.ts', `import { queue } from '../contract.ts'; export const b = queue;`],
  ['domain-sees-only', 'src/domain/c.ts', `import type { Deps } from '../deps.ts'; export type C = Deps;`],
  ['domain-sees-only', 'src/domain/d.ts', `import { z } from 'zod'; export const d = z;`],
  ['flow-touches-no-node-module', 'src/flow/a.ts', `import { readFileSync } from 'fs'; export const a = readFileSync;`],
  ['flow-sees-only', 'src/flow/b.ts', `import { parse } from 'yaml'; export const b = parse;`],
  ['jsonata-sees-only', 'src/jsonata/a.ts', `import { queue } from '../contract.ts'; export const a = queue;`],
  [
    'jsonata-is-for-activities-and-the-command-line',
    'src/flow/d.ts',
    `import { evaluate } from '../jsonata/evaluate.ts'; export const d = evaluate;`,
  ],
  [
    'jsonata-is-for-activities-and-the-command-line',
    'src/http/c.ts',
    `import { evaluate } from '../jsonata/evaluate.ts'; export const c = evaluate;`,
  ],
  [
    'workflows-sees-as-type-only',
    'src/workflows/a.ts',
    `import { act } from '../activities/index.ts'; export const a = act;`,
  ],
  [
    'workflows-sees-only',
    'src/workflows/b.ts',
    `import { schema } from '../schema/ticket.ts'; export const b = schema;`,
  ],
  ['workflows-touches-no-node-module', 'src/workflows/c.ts', `import { ok } from 'node:assert'; export const c = ok;`],
  ['activities-sees-only', 'src/activities/a.ts', `import { mail } from '../adapters/mail.ts'; export const a = mail;`],
  [
    'activities-sees-only',
    'src/activities/b.ts',
    `import type { store } from '../store/tickets.ts'; export type B = typeof store;`,
  ],
  [
    'only-compose-knows-concrete-things',
    'src/http/a.ts',
    `import { store } from '../store/tickets.ts'; export const a = store;`,
  ],
  [
    'only-compose-knows-concrete-things',
    'src/embedded/a.ts',
    `import { store } from '../store/tickets.ts'; export const a = store;`,
  ],
  [
    'only-compose-and-the-local-stack-migrate',
    'src/gateway.ts',
    `import { migrate } from './store/migrate.ts'; export const g = migrate;`,
  ],
  [
    'nobody-needs-the-local-stack',
    'src/temporal/a.ts',
    `import { stack } from '../embedded/stack.ts'; export const a = stack;`,
  ],
  ['nothing-imports-a-process', 'src/temporal/b.ts', `import { worker } from '../worker.ts'; export const b = worker;`],
  ['store-sees-only', 'src/store/a.ts', `import { mail } from '../adapters/mail.ts'; export const a = mail;`],
  ['adapters-sees-only', 'src/adapters/a.ts', `import { store } from '../store/tickets.ts'; export const a = store;`],
  ['http-sees-only', 'src/http/b.ts', `import { all } from '../compose.ts'; export const b = all;`],
  ['no-cycles', 'src/temporal/c.ts', `import { d } from './d.ts'; export const c = () => d;`],
  ['no-unknown-imports', 'src/temporal/e.ts', `import { x } from './nowhere.ts'; export const e = x;`],
  ['zod-at-the-edges-only', 'src/flow/c.ts', `import { schema } from '../schema/ticket.ts'; export const c = schema;`],
  [
    'no-development-packages-at-run-time',
    'src/temporal/f.ts',
    `import { check } from 'fast-check'; export const f = check;`,
  ],
];

describe('the check of the import law can fail', () => {
  let dir: string;
  let report: { summary: { violations: { from: string; rule: { name: string } }[] } };
  let exits: { lawful: number; unlawful: number };

  const write = async (file: string, source: string): Promise<void> => {
    await mkdir(dirname(join(dir, file)), { recursive: true });
    await writeFile(join(dir, file), `${source}\n`);
  };

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'steward-law-'));
    for (const file of ['.dependency-cruiser.cjs', 'tsconfig.json', 'package.json'])
      await cp(join(ROOT, file), join(dir, file));
    // Packages need only be there to be recognised.
    for (const name of ['zod', 'yaml', 'fast-check']) {
      await write(`node_modules/${name}/package.json`, JSON.stringify({ name, version: '1.0.0', main: 'index.js' }));
      await write(`node_modules/${name}/index.js`, '');
    }
    for (const [file, source] of Object.entries(LAWFUL)) await write(file, source);
    const lawful = await checkLaw(dir);
    for (const [, file, source] of UNLAWFUL) await write(file, source);
    // The other half of the cycle; the types of a file are a dependency too.
    await write('src/temporal/d.ts', `import type { c } from './c.ts'; export const d = 1; export type C = typeof c;`);
    const unlawful = await checkLaw(dir, 'json');
    report = JSON.parse(unlawful.said);
    exits = { lawful: lawful.exit, unlawful: (await checkLaw(dir)).exit };
  });
  afterAll(() => rm(dir, { recursive: true, force: true }));

  test('a lawful tree passes and an unlawful one does not', () => {
    expect(exits.lawful).toBe(0);
    expect(exits.unlawful).toBeGreaterThan(0);
  });

  test.each(UNLAWFUL)('%s catches %s', (rule, file) => {
    const broken = report.summary.violations
      .filter(({ from }) => from === file)
      .map((violation) => violation.rule.name);
    expect(broken).toContain(rule);
  });
});
