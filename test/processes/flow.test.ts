/** What a worker's start says of the flow, where another one is deployed than its file has. */
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { pinText } from '../../src/compose-flow.ts';
import { judge } from '../../src/config.ts';
import type { PinnedFlow } from '../../src/domain/plan.ts';
import { Secret } from '../../src/secret.ts';
import { startWorkerHalf } from '../../src/steward.ts';
import { createFlowDesk } from '../../src/store/flow-desk.ts';
import { useSteward } from '../support/steward.ts';

const real = useSteward();
let starts = 0;

/** What a worker logs at its start, in the order of its lines. */
async function started(): Promise<Record<string, unknown>[]> {
  const lines: Record<string, unknown>[] = [];
  const log = pino({ level: 'warn' }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const { config } = judge({
    STEWARD_TASK_QUEUE: `${real.taskQueue}-${++starts}`,
    STEWARD_STATE_DIR: real.stateDir,
  });
  const settled = { config, databaseUrl: new Secret(real.databaseUrl), linkSecret: new Secret('') };
  const workers = await startWorkerHalf({ settled, composed: real.composed, temporal: real.temporal, log });
  await workers.stop();
  return lines;
}

async function deploy(flow: PinnedFlow, seen: number): Promise<void> {
  const db = real.composed.databases.as('steward_operator');
  const desk = createFlowDesk(db, { kind: 'person', id: 'login/test' });
  await desk.deploy({ kind: 'deploy', flow, baseVersion: null, seen });
}

test('nothing while the file rules, or says what is deployed; else which version rules, and whether it runs', async () => {
  const { flow } = real.composed.deps.plans;
  expect(await started()).toEqual([]);
  await deploy(flow, 0);
  expect(await started()).toEqual([]);
  const other = pinText(JSON.stringify({ ...flow.definition, Comment: 'edited' }), `${flow.name}.json`).flow;
  await deploy(other, 1);
  const edited = { flow: flow.name, fileVersion: flow.version, deployedVersion: other.version };
  expect(await started()).toMatchObject([
    { level: 40, ...edited, msg: expect.stringContaining('says something else than what is deployed') },
  ]);
  // As by a release that has more modules.
  const States = { A: { Type: 'Task', Resource: 'module:ofTomorrow', End: true } };
  await deploy({ name: flow.name, version: 'aaaaaaaaaaaa', definition: { StartAt: 'A', States } }, 2);
  expect(await started()).toMatchObject([
    {
      level: 50,
      msg: 'the flow that is deployed does not run on this worker',
      problems: [{ path: '$.States.A.Resource' }],
    },
    { level: 40, deployedVersion: 'aaaaaaaaaaaa' },
  ]);
}, 60_000);
