/** The concrete things that the commands of an operator work with. Apart from `compose.ts`: no provider's library is loaded for them. */
import { sql } from 'kysely';
import { createLinks } from './adapters/links.ts';
import { askFirst } from './compose-database.ts';
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
  return {
    read: createReader(db),
    keys: createKeyStore(db),
    // No link of a customer is made here, so no secret is needed.
    links: createLinks({ secret: '', publicUrl: config.gateway.publicUrl, webUiUrl, namespace }),
    close: () => db.destroy(),
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
