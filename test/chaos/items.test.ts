/** A ticket whose Map is too large for one history, its worker killed in the midst of the items. */
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createStewardClient } from '../../src/client.ts';
import { composeKeys } from '../../src/compose-keys.ts';
import { judge } from '../../src/config.ts';
import { freePort } from '../../src/embedded/ports.ts';
import { openDatabase } from '../../src/store/database.ts';
import { migrate } from '../../src/store/migrate.ts';
import { createReader } from '../../src/store/read.ts';
import { retrying, testFile } from '../support/files.ts';
import { startAws } from '../support/stand-ins/aws.ts';
import { json, startStandIn } from '../support/stand-ins/server.ts';
import { envelope } from '../support/steward.ts';
import { alone, RIGHT_OR_PERSON } from '../workflows/flow-run-support.ts';
import { startChild } from './child.ts';
import { mailBy, settingsOn } from './settings.ts';
import { useStage } from './stage.ts';

const stage = useStage();
const ITEMS = 1_000;

const flow = (url: string) => ({
  StartAt: 'Each',
  States: {
    Each: {
      Type: 'Map',
      QueryLanguage: 'JSONata',
      Items: `{% [1..${ITEMS}] %}`,
      ItemProcessor: alone('Reserve', {
        Type: 'Task',
        Resource: 'module:http',
        // Reads leave the audit log alone: a thousand entries are not what is looked at here.
        Parameters: { method: 'GET', 'url.$': `States.Format('${url}/{}', $)` },
        Retry: retrying(3),
        ResultSelector: { 'n.$': '$.body.n' },
      }),
      Output: `{% {"ok": $count($states.result) = ${ITEMS} and $sum($states.result.n) = ${(ITEMS * (ITEMS + 1)) / 2}} %}`,
      Next: 'IsRight',
    },
    ...RIGHT_OR_PERSON,
  },
});

test('killed twice in the midst of a thousand items: each is done under one key, and all come to their end', {
  timeout: 900_000,
}, async () => {
  const databaseUrl = await stage.newDatabase();
  const stateDir = await mkdtemp(join(stage.dir, 'state-'));
  const taskQueue = new URL(databaseUrl).pathname.slice(1);
  const outside = await startStandIn({
    action: ({ method }) => method,
    work: ({ path }) => json(200, { n: Number(path.slice(1)) }),
    refuse: (failure) => json(Number(failure), {}),
  });
  const [aws, port] = await Promise.all([startAws(), freePort()]);
  const settings = {
    ...settingsOn(stage, { stateDir, databaseUrl, taskQueue, port }),
    ...mailBy(aws),
    STEWARD_FLOW: testFile('items.asl.json', flow(outside.url)),
    STEWARD_HTTP: testFile('http.yaml', { hosts: [{ host: new URL(outside.url).host }] }),
  };
  await migrate(databaseUrl);
  const db = openDatabase({ url: databaseUrl, poolSize: 2 });
  const keys = composeKeys({ config: judge(settings).config, db, makeKek: true, clearText: 'refuse' });
  const connection = await Connection.connect({ address: stage.temporalAddress });
  const temporal = new Client({ connection, dataConverter: keys.dataConverter });
  const start = () => startChild(stage.bundle, settings);
  let child = await start();
  onTestFinished(async () => {
    await child.kill();
    await keys.ring.close();
    await Promise.all([db.destroy(), aws.stop(), outside.stop(), connection.close()]);
    await rm(stateDir, { recursive: true, force: true });
  });
  const event = envelope();
  const { ticketId } = event.detail;
  await createStewardClient(temporal, { taskQueue }).submit(event);
  for (const asked of [200, 600]) {
    await vi.waitFor(() => expect(outside.asked.length, child.said()).toBeGreaterThan(asked), {
      timeout: 200_000,
      interval: 5,
    });
    expect(new Set(outside.asked.map(({ path }) => path)).size).toBeLessThan(ITEMS);
    await child.kill();
    child = await start();
  }
  const read = createReader(db);
  await vi.waitFor(
    async () => {
      const kinds = (await read.timeline(ticketId)).map(({ kind }) => kind);
      expect(kinds, child.said()).toContain('welcomed');
    },
    { timeout: 400_000, interval: 250 },
  );
  const keysOf = new Map<string, Set<unknown>>();
  for (const { path, headers } of outside.asked) {
    keysOf.set(path, (keysOf.get(path) ?? new Set()).add(headers['idempotency-key']));
  }
  expect(keysOf.size).toBe(ITEMS);
  // Asked again or not, each by one key of its own.
  const all = [...keysOf.values()].flatMap((one) => [...one]);
  expect([all.length, new Set(all).size]).toEqual([ITEMS, ITEMS]);
  console.log(`${outside.asked.length - ITEMS} items were asked again`);
  expect(child.endedByItself, child.said()).toBe(false);
});
