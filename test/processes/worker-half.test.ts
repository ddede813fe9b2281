import { pino } from 'pino';
import { expect, test } from 'vitest';
import { judge } from '../../src/config.ts';
import { Secret } from '../../src/secret.ts';
import { startWorkerHalf } from '../../src/steward.ts';
import { useSteward } from '../support/steward.ts';

const REFERENCE = 'test/fixtures/reference-flow.asl.json';
const real = useSteward({ settings: () => ({ STEWARD_FLOW: REFERENCE }) });

test('a worker that starts logs every warning of its flow, once', async () => {
  const lines: string[] = [];
  const log = pino({ level: 'warn' }, { write: (line: string) => void lines.push(JSON.parse(line).msg) });
  const { config } = judge({ STEWARD_TASK_QUEUE: `${real.taskQueue}-other`, STEWARD_STATE_DIR: real.stateDir });
  const settled = { config, databaseUrl: new Secret(real.databaseUrl), linkSecret: new Secret('') };
  const workers = await startWorkerHalf({ settled, composed: real.composed, temporal: real.temporal, log });
  await workers.stop();
  const ends = ['EscalateToAgent', 'ResolveWithBot', 'SendWelcomeEmail'];
  const why = 'neither Next nor End: the flow ends here; say so with "End": true';
  expect(lines).toEqual(ends.map((state) => `the flow ${REFERENCE}: $.States.${state}: ${why}`));
});
