/** A namespace as a real server has it on the first day: without our search attributes, and slow to know them. */
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createStewardClient } from '../../src/client.ts';
import { startTemporalServer, type TemporalServer } from '../../src/embedded/temporal-server.ts';
import { connectTemporal, installRuntime, type Temporal } from '../../src/temporal/connect.ts';
import { ensureSearchAttributes } from '../../src/temporal/search-attributes.ts';
import { onFreePort } from '../support/ports.ts';
import { makeRunDirectory, removeRunDirectory } from '../support/run-directory.ts';
import { envelope } from '../support/steward.ts';

const own = {} as { dir: string; server: TemporalServer; worker: Temporal; gateway: Temporal };
beforeAll(async () => {
  installRuntime(() => {});
  own.dir = await makeRunDirectory();
  const options = {
    binary: inject('temporalBinary'),
    dir: own.dir,
    inMemory: true,
    // The dev server looks at every use; a real one every few seconds.
    dynamicConfig: ['system.forceSearchAttributesCacheRefreshOnRead=false'],
  };
  own.server = await onFreePort((port) => startTemporalServer({ ...options, port }));
  const at = { address: own.server.address, namespace: 'default' };
  [own.worker, own.gateway] = await Promise.all([connectTemporal(at, null), connectTemporal(at, null)]);
});
afterAll(async () => {
  await own.worker?.connection.close();
  await own.gateway?.connection.close();
  await own.server?.stop();
  await removeRunDirectory(own.dir);
});

test('a ticket that comes before the search attributes can be used is asked to come again', async () => {
  await expect(createStewardClient(own.gateway.client).submit(envelope())).rejects.toMatchObject({
    code: 'Unavailable',
    message: expect.stringContaining('send it again'),
  });
});

test('worker and gateway make them at once, and either may start a ticket as soon as that is done', async () => {
  await Promise.all(
    [own.worker, own.gateway].map(async ({ connection, client }) => {
      await ensureSearchAttributes(connection, 'default');
      expect(await createStewardClient(client).submit(envelope())).toMatchObject({ known: false });
    }),
  );
});

test('a namespace that is not there is told with the setting that names it', async () => {
  await expect(ensureSearchAttributes(own.worker.connection, 'nowhere')).rejects.toMatchObject({
    code: 'Unavailable',
    message: expect.stringMatching(/no namespace nowhere.*TEMPORAL_NAMESPACE/),
  });
});
