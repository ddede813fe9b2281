import { readFile } from 'node:fs/promises';
import type { TLSConfig } from '@temporalio/client';
import { StewardError } from '../domain/errors.ts';
import type { Address, TlsSettings } from './address.ts';

/** What both kinds of connection are made with. @throws StewardError InvalidConfig naming the file that can't be read */
export async function connectionOptions(at: Address): Promise<{ address: string; apiKey?: string; tls?: TLSConfig }> {
  return {
    address: at.address,
    ...(at.apiKey ? { apiKey: at.apiKey.reveal() } : {}),
    ...(at.tls ? { tls: await readTls(at.tls) } : {}),
  };
}

async function readTls({ serverCa, serverName, client }: TlsSettings): Promise<TLSConfig> {
  return {
    ...(serverName === undefined ? {} : { serverNameOverride: serverName }),
    ...(serverCa === undefined
      ? {}
      : { serverRootCACertificate: await readPem(serverCa, 'TEMPORAL_TLS_SERVER_CA_CERT_PATH', 'CERTIFICATE') }),
    ...(client === undefined
      ? {}
      : {
          clientCertPair: {
            crt: await readPem(client.cert, 'TEMPORAL_TLS_CLIENT_CERT_PATH', 'CERTIFICATE'),
            key: await readPem(client.key, 'TEMPORAL_TLS_CLIENT_KEY_PATH', 'PRIVATE KEY'),
          },
        }),
  };
}

async function readPem(path: string, setting: string, holds: string): Promise<Uint8Array> {
  const text = await readFile(path).catch((cause: unknown) => {
    throw new StewardError('InvalidConfig', `${setting}: the file ${path} can't be read`, { cause });
  });
  if (text.includes(`${holds}-----`)) return text;
  throw new StewardError('InvalidConfig', `${setting}: the file ${path} holds no ${holds.toLowerCase()} in PEM`);
}
