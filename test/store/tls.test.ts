/** What the driver makes of `sslmode`, tried on a PostgreSQL that takes TLS 1.3 and nothing older. */

import { readFileSync } from 'node:fs';
import { chown, copyFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { type Postgres, startPostgres } from '../../src/embedded/postgres.ts';
import { openDatabase } from '../../src/store/database.ts';
import { migrate } from '../../src/store/migrate.ts';
import { useCertificates } from '../support/certificates.ts';
import { onFreePort } from '../support/ports.ts';
import { makeRunDirectory, removeRunDirectory } from '../support/run-directory.ts';

const certificates = useCertificates();
const own = {} as { dir: string; postgres: Postgres };
beforeAll(async () => {
  own.dir = await makeRunDirectory();
  own.postgres = await onFreePort((port) => startPostgres({ dir: own.dir, port, settings: { fsync: 'off' } }));
  const data = join(own.dir, 'postgres');
  const { uid, gid } = await stat(data);
  for (const [from, to] of [
    [certificates.server.cert, 'server.crt'],
    [certificates.server.key, 'server.key'],
  ] as const) {
    await copyFile(from, join(data, to));
    await chown(join(data, to), uid, gid);
  }
  const owner = new Client({ connectionString: own.postgres.url });
  await owner.connect();
  await owner.query(`alter system set ssl_min_protocol_version = 'TLSv1.3'`);
  await owner.query('alter system set ssl = on');
  await owner.query('select pg_reload_conf()');
  // Those who are connected hear of it in their own time; a new connection has it at once, or the next one has.
  for (let on = ''; on !== 'on'; ) on = (await owner.query('show ssl')).rows[0].ssl;
  await owner.end();
});
afterAll(async () => {
  await own.postgres.stop();
  await removeRunDirectory(own.dir);
});

function addressOf(settings: Record<string, string>, host = '127.0.0.1'): string {
  const url = new URL(own.postgres.url);
  url.hostname = host;
  url.search = new URLSearchParams(settings).toString();
  return url.href;
}

/** The TLS version of a connection of our pool, `clear` without, or the code of what refused it. */
async function versionBy(url: string): Promise<string> {
  const db = openDatabase({ url, poolSize: 1 });
  try {
    const { rows } = await sql<{
      version: string | null;
    }>`select version from pg_stat_ssl where pid = pg_backend_pid()`.execute(db);
    return rows[0]?.version ?? 'clear';
  } catch (error) {
    return (error as { code: string }).code;
  } finally {
    await db.destroy();
  }
}

const WRONG_NAME = 'ERR_TLS_CERT_ALTNAME_INVALID';
const UNKNOWN_SIGNER =
  /^(UNABLE_TO_VERIFY_LEAF_SIGNATURE|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_GET_ISSUER_CERT_LOCALLY)$/;

describe('sslmode', () => {
  it('verify-full with sslrootcert: TLS 1.3, migrations too', async () => {
    const url = addressOf({ sslmode: 'verify-full', sslrootcert: certificates.ca });
    expect(await versionBy(url)).toBe('TLSv1.3');
    expect((await migrate(url)).length).toBeGreaterThan(3);
    const worker = openDatabase({ url, poolSize: 1, role: 'steward_worker' });
    expect(await worker.selectFrom('tickets').select('id').execute()).toEqual([]);
    await worker.destroy();
  });

  it('verify-full refuses a certificate that somebody else has signed, and one of another name', async () => {
    expect(await versionBy(addressOf({ sslmode: 'verify-full', sslrootcert: certificates.otherCa }))).toMatch(
      UNKNOWN_SIGNER,
    );
    expect(await versionBy(addressOf({ sslmode: 'verify-full' }))).toMatch(UNKNOWN_SIGNER);
    expect(await versionBy(addressOf({ sslmode: 'verify-full', sslrootcert: certificates.ca }, 'localhost'))).toBe(
      WRONG_NAME,
    );
  });

  it.each(['prefer', 'require', 'verify-ca'])(
    '%s means verify-full to this driver, which is more than it says',
    async (sslmode) => {
      expect(await versionBy(addressOf({ sslmode }))).toMatch(UNKNOWN_SIGNER);
      expect(await versionBy(addressOf({ sslmode, sslrootcert: certificates.ca }))).toBe('TLSv1.3');
      expect(await versionBy(addressOf({ sslmode, sslrootcert: certificates.ca }, 'localhost'))).toBe(WRONG_NAME);
    },
  );

  it('no-verify, and require where it is to mean what it does to others, take any certificate', async () => {
    expect(await versionBy(addressOf({ sslmode: 'no-verify' }))).toBe('TLSv1.3');
    expect(await versionBy(addressOf({ sslmode: 'require', uselibpqcompat: 'true' }))).toBe('TLSv1.3');
  });

  it('disable, and none at all, go in the clear', async () => {
    expect(await versionBy(addressOf({ sslmode: 'disable' }))).toBe('clear');
    expect(await versionBy(addressOf({}))).toBe('clear');
  });
});

test('a client of TLS 1.2 is refused', async () => {
  const ca = readFileSync(certificates.ca, 'utf8');
  const client = new Client({ connectionString: addressOf({}), ssl: { ca, maxVersion: 'TLSv1.2' } });
  await expect(client.connect()).rejects.toThrow(/tlsv1 alert protocol version/);
});
