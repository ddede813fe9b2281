import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, expect, test } from 'vitest';
import { judge } from '../../src/config.ts';
import { Secret } from '../../src/secret.ts';
import { startWorkerHalf } from '../../src/steward.ts';
import { createAuditReader } from '../../src/store/audit-read.ts';
import { outcome } from '../support/outcome.ts';
import { useSteward } from '../support/steward.ts';

const dir = mkdtempSync(join(tmpdir(), 'steward-rules-'));
const files = {
  STEWARD_TEAM: join(dir, 'team.yaml'),
  STEWARD_SLA: join(dir, 'sla.yaml'),
  STEWARD_ESCALATION: join(dir, 'escalation.yaml'),
};
const real = useSteward({
  settings: () => {
    cpSync('policies', dir, { recursive: true });
    return files;
  },
});

afterAll(() => rmSync(dir, { recursive: true }));

/** As a mounted file changes: another takes its place at once. */
async function edit(path: string, change: (text: string) => string): Promise<void> {
  await writeFile(`${path}.new`, change(await readFile(path, 'utf8')));
  await rename(`${path}.new`, path);
}

test('policies that change are in force without a start; wrong ones are all named, and the old ones stay', async () => {
  const lines: { level: number; msg: string; reason?: string; problems?: { field: string }[]; changed?: string[] }[] =
    [];
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const { config } = judge({
    STEWARD_TASK_QUEUE: `${real.taskQueue}-other`,
    STEWARD_STATE_DIR: real.stateDir,
    STEWARD_POLICY_CHECK_MS: '100',
  });
  const settled = { config, databaseUrl: new Secret(real.databaseUrl), linkSecret: new Secret('') };
  const workers = await startWorkerHalf({ settled, composed: real.composed, temporal: real.temporal, log });
  const { deps, db } = real.composed;
  const { sla: before, escalation } = deps.plans;
  try {
    const said = () => lines.filter(({ msg }) => msg.startsWith('policies have changed'));
    // Both are wrong: neither is taken over, and each fault is named.
    await edit(files.STEWARD_SLA, (text) => text.replace('firstResponse: 8 h', 'firstResponse: eight hours'));
    await edit(files.STEWARD_TEAM, (text) => text.replace('capacity: 10', 'capacity: lots'));
    await outcome(() => expect(said().at(-1)?.problems).toHaveLength(2));
    expect(said().at(-1)?.reason).toMatch(/team\.yaml: .*capacity.*sla\.yaml: line \d+: .*firstResponse/s);
    expect([deps.plans.sla, deps.plans.escalation]).toEqual([before, escalation]);
    const readiness = async () => (await real.app.request('/readyz')).json();
    expect(await readiness()).toMatchObject({ status: 'degraded', policies: 'refused' });
    const notice = () => real.owner.selectFrom('notices').selectAll().where('kind', '=', 'policies').execute();
    await outcome(async () =>
      expect(await notice()).toMatchObject([
        { reason: expect.stringMatching(/team\.yaml: 1 error.*sla\.yaml: 1 error/) },
      ]),
    );

    await edit(files.STEWARD_SLA, (text) => text.replace('eight hours', '6 h'));
    await edit(files.STEWARD_TEAM, (text) =>
      text.replace('capacity: lots', 'capacity: 3').replaceAll('Dev Patel', 'Dev P. Patel'),
    );
    await outcome(() => expect(said().at(-1)?.changed).toEqual(['team', 'sla']));
    expect(deps.plans.sla?.version).not.toBe(before?.version);
    expect(deps.directory.agent('dev')?.name).toBe('Dev P. Patel');
    const dev = await db.selectFrom('agents').select('capacity').where('id', '=', 'dev').executeTakeFirst();
    expect(dev).toEqual({ capacity: 3 });
    const versions = await db.selectFrom('sla_rules').select('version').execute();
    expect(versions.map(({ version }) => version)).toContain(deps.plans.sla?.version);
    const entries = await createAuditReader(db).list({ object: 'policies', limit: 9 });
    expect(entries).toMatchObject([
      { action: 'policy.replaced', before: { sla: before?.version }, after: { sla: deps.plans.sla?.version } },
    ]);
    expect(await readiness()).toMatchObject({ status: 'ready', policies: 'ok' });
    // Said once, however often it is looked at.
    expect(said().filter(({ problems }) => problems?.length === 2)).toHaveLength(1);
  } finally {
    await workers.stop();
  }
});
