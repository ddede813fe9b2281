import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll } from 'vitest';
import { makeRunDirectory, removeRunDirectory } from './run-directory.ts';

const run = promisify(execFile);

export interface Pair {
  readonly cert: string;
  readonly key: string;
}
/** Paths of PEM files. */
export interface Certificates {
  readonly dir: string;
  readonly ca: string;
  /** Of 127.0.0.1 and `steward.test`, signed by `ca`. */
  readonly server: Pair;
  /** Signed by `ca` too. */
  readonly client: Pair;
  /** Another authority, which has signed nothing. */
  readonly otherCa: string;
}

/** Made by `openssl` for this file. Call it at the top; readable from the first `beforeAll` after it on. */
export function useCertificates(): Certificates {
  const held = {} as { -readonly [K in keyof Certificates]: Certificates[K] };
  beforeAll(async () => {
    const dir = await makeRunDirectory();
    const [ca, other] = await Promise.all([authority(dir, 'ca'), authority(dir, 'other')]);
    const server = await signed(dir, ca, 'server', 'subjectAltName=IP:127.0.0.1,DNS:steward.test');
    const client = await signed(dir, ca, 'client', 'extendedKeyUsage=clientAuth');
    Object.assign(held, { dir, ca: ca.cert, otherCa: other.cert, server, client });
  });
  afterAll(() => removeRunDirectory(held.dir));
  return held;
}

const NEW = ['req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

async function authority(dir: string, name: string): Promise<Pair> {
  const pair = { cert: join(dir, `${name}.crt`), key: join(dir, `${name}.key`) };
  await run('openssl', [...NEW, '-x509', '-days', '2', '-subj', `/CN=${name}`, '-keyout', pair.key, '-out', pair.cert]);
  return pair;
}

async function signed(dir: string, ca: Pair, name: string, extension: string): Promise<Pair> {
  const pair = { cert: join(dir, `${name}.crt`), key: join(dir, `${name}.key`) };
  const [request, extensions] = [join(dir, `${name}.csr`), join(dir, `${name}.ext`)];
  await writeFile(extensions, `${extension}\n`);
  await run('openssl', [...NEW, '-subj', `/CN=${name}`, '-keyout', pair.key, '-out', request]);
  const by = ['-CA', ca.cert, '-CAkey', ca.key, '-CAcreateserial'];
  await run('openssl', [
    'x509',
    '-req',
    '-in',
    request,
    ...by,
    '-days',
    '2',
    '-extfile',
    extensions,
    '-out',
    pair.cert,
  ]);
  return pair;
}
