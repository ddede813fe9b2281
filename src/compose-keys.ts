/** The data keys, and how everything that Temporal keeps is written and read with them. */
import { join } from 'node:path';
import type { DataConverter } from '@temporalio/common';
import { openKekFile } from './adapters/kek-file.ts';
import type { Config } from './config.ts';
import type { KeyEncryption } from './deps-keys.ts';
import { createKeyRing, type KeyRing } from './store/data-keys.ts';
import type { Database } from './store/database.ts';
import type { ClearText } from './temporal/codec.ts';
import { createDataConverter } from './temporal/data-converter.ts';

export interface Keys {
  readonly ring: KeyRing;
  /** For who starts workflows and says something to them. */
  readonly dataConverter: DataConverter;
  readonly workerDataConverter: DataConverter;
}

export interface KeysOptions {
  readonly config: Config;
  readonly db: Database;
  /** Who only looks on makes no key-encryption key: one of its own would open nothing. */
  readonly makeKek: boolean;
  /** Where no setting says what becomes of clear text. */
  readonly clearText: ClearText;
}

export function composeKeys({ config, db, makeKek, clearText }: KeysOptions): Keys {
  const { encryption, stateDir } = config;
  const file = encryption.kekFile ?? join(stateDir, 'kek');
  let opened: Promise<KeyEncryption> | undefined;
  const kek = (): Promise<KeyEncryption> => {
    opened ??= openKekFile(file, { make: makeKek }).catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    return opened;
  };
  const ring = createKeyRing({ db, kek, ttlMs: encryption.keyCacheMs });
  const common = { keys: ring, clearText: encryption.clearText ?? clearText };
  return {
    ring,
    dataConverter: createDataConverter({ ...common, shredded: 'throw' }),
    workerDataConverter: createDataConverter({ ...common, shredded: 'drop' }),
  };
}
