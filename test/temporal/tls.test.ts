/** Temporal by TLS. The dev server speaks none, so a proxy before it does; the clients are the real ones. */
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createServer, type Server } from 'node:tls';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { judge } from '../../src/config.ts';
import { Secret } from '../../src/secret.ts';
import type { TlsSettings } from '../../src/temporal/address.ts';
import { connectTemporal, installRuntime } from '../../src/temporal/connect.ts';
import { dialTemporal } from '../../src/temporal/dial.ts';
import { useCertificates } from '../support/certificates.ts';

const certificates = useCertificates();
const servers: Server[] = [];
const at = { open: '', mutual: '' };
const seen: string[] = [];

beforeAll(async () => {
  installRuntime(() => {});
  at.open = await startProxy(false);
  at.mutual = await startProxy(true);
});
afterAll(() => {
  for (const server of servers) server.close();
});

function startProxy(mutual: boolean): Promise<string> {
  const { ca, server: own } = certificates;
  const options = {
    cert: readFileSync(own.cert),
    key: readFileSync(own.key),
    ca: readFileSync(ca),
    requestCert: mutual,
    rejectUnauthorized: mutual,
    minVersion: 'TLSv1.3' as const,
    ALPNProtocols: ['h2'],
  };
  const proxy = createServer(options, (client) => {
    seen.push(String(client.getProtocol()));
    const [host, port] = inject('temporalAddress').split(':');
    const upstream = connect(Number(port), host ?? '');
    client.on('error', () => upstream.destroy()).pipe(upstream);
    upstream.on('error', () => client.destroy()).pipe(client);
  });
  proxy.on('tlsClientError', () => {});
  servers.push(proxy);
  return new Promise((done) =>
    proxy.listen(0, '127.0.0.1', () => {
      const address = proxy.address();
      done(`127.0.0.1:${typeof address === 'object' ? address?.port : ''}`);
    }),
  );
}

const WAYS = {
  'a process with a worker': async (address: string, tls?: TlsSettings, apiKey?: Secret) => {
    const { connection } = await connectTemporal({ address, namespace: 'default', tls, apiKey }, null);
    await connection.workflowService.describeNamespace({ namespace: 'default' });
    await connection.close();
  },
  'a command': async (address: string, tls?: TlsSettings, apiKey?: Secret) => {
    const { client, close } = await dialTemporal({ address, namespace: 'default', tls, apiKey }, null);
    await client.workflowService.describeNamespace({ namespace: 'default' });
    await close();
  },
};
/** As the settings say it. */
const settled = (settings: Record<string, string>) =>
  judge({ TEMPORAL_ADDRESS: 'temporal.example:7233', ...settings }).config.temporal.tls;

describe.each(Object.entries(WAYS))('%s', (_, reach) => {
  it('reaches a server whose certificate is signed by the authority that is named', async () => {
    seen.length = 0;
    await reach(at.open, settled({ TEMPORAL_TLS_SERVER_CA_CERT_PATH: certificates.ca }));
    expect(seen).toContain('TLSv1.3');
  });

  it('with the name in the certificate, where it is not the address', async () => {
    const ca = { TEMPORAL_TLS_SERVER_CA_CERT_PATH: certificates.ca };
    await reach(at.open, settled({ ...ca, TEMPORAL_TLS_SERVER_NAME: 'steward.test' }));
    await expect(reach(at.open, settled({ ...ca, TEMPORAL_TLS_SERVER_NAME: 'other.test' }))).rejects.toMatchObject({
      code: 'Unavailable',
    });
  });

  it('shows its own certificate where the server wants one', async () => {
    const ca = { TEMPORAL_TLS_SERVER_CA_CERT_PATH: certificates.ca };
    const { cert, key } = certificates.client;
    const client = { TEMPORAL_TLS_CLIENT_CERT_PATH: cert, TEMPORAL_TLS_CLIENT_KEY_PATH: key };
    await reach(at.mutual, settled({ ...ca, ...client }));
    await expect(reach(at.mutual, settled(ca))).rejects.toMatchObject({ code: 'Unavailable' });
  });

  it('does not take a certificate of somebody else’s, and says which settings to look at', async () => {
    for (const settings of [{ TEMPORAL_TLS: 'on' }, { TEMPORAL_TLS_SERVER_CA_CERT_PATH: certificates.otherCa }]) {
      await expect(reach(at.open, settled(settings))).rejects.toMatchObject({
        code: 'Unavailable',
        message: expect.stringContaining('TEMPORAL_TLS'),
      });
    }
  });

  it('in the clear does not reach a server that wants TLS', async () => {
    await expect(reach(at.open)).rejects.toMatchObject({ code: 'Unavailable' });
  });

  it('sends a key by TLS', async () => {
    await reach(at.open, settled({ TEMPORAL_TLS_SERVER_CA_CERT_PATH: certificates.ca }), new Secret('a-key'));
  });

  it('names the file that will not do', async () => {
    const gone = { TEMPORAL_TLS_SERVER_CA_CERT_PATH: join(certificates.dir, 'nowhere') };
    const wrong = { TEMPORAL_TLS_SERVER_CA_CERT_PATH: certificates.server.key };
    for (const settings of [gone, wrong]) {
      await expect(reach(at.open, settled(settings))).rejects.toMatchObject({
        code: 'InvalidConfig',
        message: expect.stringMatching(/^TEMPORAL_TLS_SERVER_CA_CERT_PATH: the file /),
      });
    }
  });
});
