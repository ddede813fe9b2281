import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { expect, inject, onTestFinished, test } from 'vitest';
import { SETTINGS } from '../../src/config.ts';
import { freePort } from '../../src/embedded/ports.ts';
import { useCertificates } from '../support/certificates.ts';
import { useDatabase } from '../support/database.ts';
import { temporaryDirectory } from '../support/directory.ts';
import { runNode, startNode } from './built.ts';

const TSX = ['--import', 'tsx'];
const UNSET = Object.fromEntries(SETTINGS.map((name) => [name, '']));
const certificates = useCertificates();
const database = useDatabase();

test('a gateway with a certificate serves by HTTPS, and its health check finds it well', async () => {
  const port = await freePort();
  const dir = await temporaryDirectory();
  const settings = {
    ...UNSET,
    STEWARD_PORT: String(port),
    STEWARD_STATE_DIR: dir,
    STEWARD_KEK_FILE: join(dir, 'kek'),
    STEWARD_TLS_CERT_FILE: certificates.server.cert,
    STEWARD_TLS_KEY_FILE: certificates.server.key,
    STEWARD_LINK_SECRET: 'a secret of tests, 32 letters or more',
    TEMPORAL_ADDRESS: inject('temporalAddress'),
    DATABASE_URL: database.url,
  };
  const gateway = startNode('.', [...TSX, 'src/gateway.ts'], settings);
  onTestFinished(async () => void (await gateway.stop()));
  await gateway.ready;
  expect(await runNode('.', [...TSX, 'src/health.ts', 'gateway'], settings)).toEqual({ code: 0, said: '' });
  const asking = request({ port, host: '127.0.0.1', path: '/readyz', ca: readFileSync(certificates.ca) });
  const [response] = await once(asking.end(), 'response');
  response.resume();
  expect(response.statusCode).toBe(200);
});
