import { Client, Connection } from '@temporalio/client';
import { expect, inject, test } from 'vitest';
import { compose } from '../../src/compose.ts';
import { judge } from '../../src/config.ts';
import { StewardError, sayCauses } from '../../src/domain/errors.ts';
import { createFailures } from '../../src/ending.ts';
import { Secret } from '../../src/secret.ts';
import { connectTemporal, installRuntime } from '../../src/temporal/connect.ts';
import { bundleWorkflows, startWorkers } from '../../src/temporal/workers.ts';
import { useDatabase } from '../support/database.ts';
import { temporaryDirectory } from '../support/directory.ts';
import { envelope } from '../support/steward.ts';

const database = useDatabase();

test('a worker that fails says why in the log, by code and cause, and what to do next', {
  timeout: 60_000,
}, async () => {
  const logged: string[] = [];
  installRuntime((level, message) => void logged.push(`${level} ${message}`));
  const taskQueue = `fails-${Date.now().toString(36)}`;
  const { config } = judge({ STEWARD_TASK_QUEUE: taskQueue, STEWARD_STATE_DIR: await temporaryDirectory() });
  const settled = { config, databaseUrl: new Secret(database.url), linkSecret: new Secret('') };
  const composed = await compose(settled);
  const at = { address: inject('temporalAddress'), namespace: 'default' };
  const { connection } = await connectTemporal(at, null);
  const broken = async () => {
    throw new StewardError('KeyUnknown', 'the keys are another database’s');
  };
  const workers = await startWorkers({
    connection,
    namespace: 'default',
    taskQueue,
    deps: composed.deps,
    // What can neither be read nor told of ends the whole worker.
    dataConverter: { ...composed.workerDataConverter, payloadCodecs: [{ encode: broken, decode: broken }] },
    bundle: await bundleWorkflows(),
    rates: {},
  });
  const client = new Client({ connection: await Connection.connect({ address: at.address }) });
  const workflow = await client.workflow.start('supportTicket', {
    taskQueue,
    workflowId: taskQueue,
    args: [envelope()],
  });
  const failure = await workers.done.then(
    () => null,
    (error: unknown) => error,
  );
  await workflow.terminate('the test is over');

  const said: { words: string; code: string }[] = [];
  createFailures((words, code) => said.push({ words, code })).tell(failure);
  expect(said).toEqual([{ code: 'WorkerFailed', words: expect.any(String) }]);
  for (const words of [`task queue ${taskQueue}`, 'KeyUnknown: the keys are another database’s', 'Start it again']) {
    expect(said[0]?.words).toContain(words);
  }
  expect(logged.find((line) => line.includes('Worker failed'))).toContain('the keys are another database’s');
  await client.connection.close();
  await connection.close();
  await composed.close();
});

test('an error is told with its code and all that caused it, also where it has no word of its own', () => {
  const refused = Object.assign(new Error('connect ECONNREFUSED ::1:5432'), { code: 'ECONNREFUSED' });
  const tried = Object.assign(new AggregateError([refused]), { code: 'ECONNREFUSED' });
  expect(sayCauses(new Error('no answer', { cause: tried }))).toBe(
    'Error: no answer; caused by AggregateError (ECONNREFUSED); caused by Error (ECONNREFUSED): connect ECONNREFUSED ::1:5432',
  );
  expect(sayCauses('a text')).toBe('a text');
  // What could not be read may be a customer's words.
  expect(sayCauses(new SyntaxError('Unexpected token A in "Ada"'))).toBe('SyntaxError');
  const own = new Error('round');
  own.cause = own;
  expect(sayCauses(own).split('; ')).toHaveLength(5);
});
