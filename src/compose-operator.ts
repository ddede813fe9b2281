/** The concrete things that the commands of an operator work with. Apart from `compose.ts`: no provider's library is loaded for them. */
import { sql } from 'kysely';
import { createLinks } from './adapters/links.ts';
import type { Config } from './config.ts';
import type { Links } from './deps.ts';
import { StewardError } from './domain/errors.ts';
import { type Database, openDatabase } from './store/database.ts';
import { createKeyStore, type KeyStore } from './store/keys.ts';
import { createReader, type Reader } from './store/read.ts';

export type { KeyRow, KeyStore } from './store/keys.ts';
export type { DeliveryLine, ParkedLine, Reader, TicketLine, TicketSummary, TimelineLine } from './store/read.ts';

export interface Operator {
  readonly read: Reader;
  readonly keys: KeyStore;
  readonly links: Pick<Links, 'webUi'>;
  readonly close: () => Promise<void>;
}

/** @throws StewardError Unavailable, with the address that does not answer and the mend. */
export async function composeOperator(config: Config, databaseUrl: string): Promise<Operator> {
  const db = openDatabase({ url: databaseUrl, poolSize: 2 });
  try {
    await assertReady(db, databaseUrl);
  } catch (error) {
    await db.destroy();
    throw error;
  }
  const { webUiUrl, namespace } = config.temporal;
  return {
    read: createReader(db),
    keys: createKeyStore(db),
    // No link of a customer is made here, so no secret is needed.
    links: createLinks({ secret: '', publicUrl: config.gateway.publicUrl, webUiUrl, namespace }),
    close: () => db.destroy(),
  };
}

/** PostgreSQL's own words for "no such user or password". */
const REFUSED = /^28/;

async function assertReady(db: Database, databaseUrl: string): Promise<void> {
  const { host } = new URL(databaseUrl);
  const found = await sql<{ ready: boolean }>`select to_regclass('tickets') is not null as ready`
    .execute(db)
    .catch((cause: unknown) => {
      const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
      throw new StewardError(
        'Unavailable',
        REFUSED.test(code)
          ? `The PostgreSQL at ${host} does not let us in: check DATABASE_URL, or whether another one listens there.`
          : `PostgreSQL at ${host} does not answer. Run \`npm start\` in another terminal, or check DATABASE_URL.`,
        { cause },
      );
    });
  if (found.rows[0]?.ready) return;
  throw new StewardError(
    'Unavailable',
    `The database at ${host} has no tables of Steward yet. Run \`npm start\` once: it makes them.`,
  );
}
