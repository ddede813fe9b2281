/** The concrete things that the commands of an operator work with. Apart from `compose.ts`: no provider's library is loaded for them. */
import type { DataConverter } from '@temporalio/common';
import { sql } from 'kysely';
import { createLinks } from './adapters/links.ts';
import { askFirst } from './compose-database.ts';
import { composeKeys } from './compose-keys.ts';
import type { Config } from './config.ts';
import type { Links } from './deps.ts';
import { StewardError } from './domain/errors.ts';
import type { Secret } from './secret.ts';
import { type Database, openDatabase } from './store/database.ts';
import { createKeyStore, type KeyStore } from './store/keys.ts';
import { createReader, type Reader } from './store/read.ts';

export type { KeyRow, KeyStore } from './store/keys.ts';
export type { DeliveryLine, ParkedLine, Reader, TicketLine, TicketSummary, TimelineLine } from './store/read.ts';

export interface Operator {
  readonly read: Reader;
  readonly keys: KeyStore;
  readonly links: Pick<Links, 'webUi'>;
  /** For what is said to Temporal. @throws StewardError InvalidConfig: the key-encryption key is missing, or another database's */
  readonly dataConverter: () => Promise<DataConverter>;
  readonly close: () => Promise<void>;
}

/** @throws StewardError Unavailable, with the address that does not answer and the mend. */
export async function composeOperator(config: Config, databaseUrl: Secret): Promise<Operator> {
  const db = openDatabase({ url: databaseUrl.reveal(), poolSize: 2 });
  try {
    await assertReady(db, databaseUrl);
  } catch (error) {
    await db.destroy();
    throw error;
  }
  const { webUiUrl, namespace } = config.temporal;
  const { ring, dataConverter } = composeKeys({ config, db, makeKek: false, clearText: 'refuse' });
  return {
    async dataConverter() {
      await ring.assertReady();
      return dataConverter;
    },
    read: createReader(db),
    keys: createKeyStore(db),
    // No link of a customer is made here, so no secret is needed.
    links: createLinks({ secret: '', publicUrl: config.gateway.publicUrl, webUiUrl, namespace }),
    async close() {
      await ring.close();
      await db.destroy();
    },
  };
}

async function assertReady(db: Database, databaseUrl: Secret): Promise<void> {
  const { rows } = await askFirst(databaseUrl, 'Run `npm start` in another terminal', () =>
    sql<{ ready: boolean }>`select to_regclass('tickets') is not null as ready`.execute(db),
  );
  if (rows[0]?.ready) return;
  throw new StewardError(
    'Unavailable',
    `The database at ${new URL(databaseUrl.reveal()).host} has no tables of Steward yet. Run \`npm start\` once: it makes them.`,
  );
}
