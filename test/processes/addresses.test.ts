/** Servers that are away or refuse us are told with their address and the setting that names them, not by a stack. */
import { afterAll, expect, inject, test } from 'vitest';
import { compose } from '../../src/compose.ts';
import { composeOperator } from '../../src/compose-operator.ts';
import { judge } from '../../src/config.ts';
import { freePort } from '../../src/embedded/ports.ts';
import { Secret } from '../../src/secret.ts';
import { connectTemporal } from '../../src/temporal/connect.ts';
import { dialTemporal } from '../../src/temporal/dial.ts';
import { LINK_SECRET } from '../support/link-secret.ts';

const { config } = judge({});
const opened: (() => Promise<void>)[] = [];
afterAll(() => Promise.all(opened.map((close) => close())));

/** What a start says of this database, and what a command of the operator's does. */
async function refusalsOf(url: string) {
  const databaseUrl = new Secret(url);
  const composed = await compose({
    config,
    databaseUrl,
    linkSecret: LINK_SECRET,
  });
  opened.push(composed.close);
  return Promise.all([
    composed.migrate().catch((error: unknown) => error),
    composeOperator(config, databaseUrl).catch((error: unknown) => error),
  ]);
}

const unavailable = (...said: string[]) => ({
  code: 'Unavailable',
  message: expect.stringMatching(new RegExp(said.join('.*'))),
});

test('a PostgreSQL that is not there', async () => {
  const port = await freePort();
  const [start, command] = await refusalsOf(`postgres://x:y@127.0.0.1:${port}/x`);
  expect(start).toMatchObject(unavailable(`127.0.0.1:${port} does not answer`, 'See that it runs', 'DATABASE_URL'));
  expect(command).toMatchObject(unavailable(`127.0.0.1:${port} does not answer`, 'npm start', 'DATABASE_URL'));
});

test('a PostgreSQL that does not know the password', async () => {
  const url = Object.assign(new URL(inject('databaseUrl')), { password: 'guessed' });
  for (const refusal of await refusalsOf(url.href)) {
    expect(refusal).toMatchObject(unavailable(`${url.host} does not let us in`, 'DATABASE_URL'));
  }
});

test('a PostgreSQL without the database', async () => {
  const url = Object.assign(new URL(inject('databaseUrl')), { pathname: 'no_such_database' });
  for (const refusal of await refusalsOf(url.href)) {
    expect(refusal).toMatchObject(unavailable('has no database no_such_database', 'DATABASE_URL'));
  }
});

test('a Temporal that is not there', async () => {
  const at = { address: `127.0.0.1:${await freePort()}`, namespace: 'default' };
  const away = unavailable(`${at.address} does not answer`, 'TEMPORAL_ADDRESS');
  await Promise.all(
    [connectTemporal, dialTemporal].map((connect) => expect(connect(at, null)).rejects.toMatchObject(away)),
  );
  await expect(connectTemporal({ ...at, apiKey: new Secret('k') }, null)).rejects.toMatchObject(
    unavailable('TEMPORAL_API_KEY'),
  );
});
