/** The key-encryption key out of a file. A key management service fills the same interface. */
import { createHash, randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { bindTo, decrypt, encrypt, KEY_BYTES, secretKey } from '../cipher.ts';
import type { KeyEncryption } from '../deps-keys.ts';
import { StewardError } from '../domain/errors.ts';

/** Anything for others, and writing or running for the group; a mounted secret may have to be readable by its group. */
const TOO_OPEN = 0o037;

/**
 * @param make on first start: makes the file, mode 0600, where there is none
 * @throws StewardError InvalidConfig with the mend
 */
export async function openKekFile(file: string, { make }: { readonly make: boolean }): Promise<KeyEncryption> {
  if (make) await makeKekFile(file);
  const bytes = await readKekFile(file);
  const key = secretKey(bytes);
  return {
    // Tells one key from another, and nothing of it: its input has 256 bits of chance.
    id: createHash('sha256').update('steward key-encryption key').update(bytes).digest('hex').slice(0, 16),
    wrap: async (dek, name) => encrypt(key, dek, bindTo('data key', name)),
    async unwrap(wrapped, name) {
      try {
        return decrypt(key, wrapped, bindTo('data key', name));
      } catch {
        throw new StewardError('PayloadCorrupt', `the wrapped data key of ${name} is damaged, or another name's`);
      }
    },
  };
}

/**
 * Whole or not at all: of two processes that start at once one makes it, and the other reads what is complete. On the disk before it is used:
 * PostgreSQL flushes the data keys that it wraps, and after a power cut these would be there and the key gone.
 */
async function makeKekFile(file: string): Promise<void> {
  if (await exists(file)) return;
  await mkdir(dirname(file), { recursive: true });
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  await writeFile(draft, `${randomBytes(KEY_BYTES).toString('base64url')}\n`, { mode: 0o600, flag: 'wx', flush: true });
  try {
    await link(draft, file);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  } finally {
    await rm(draft, { force: true });
  }
  await flushDirectory(dirname(file));
}

/** A file's name is its directory's. Some file systems over a network flush no directory, and say so. */
async function flushDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } catch (error) {
    if (!['EINVAL', 'ENOTSUP', 'EBADF'].some((code) => hasCode(error, code))) throw error;
  } finally {
    await handle.close();
  }
}

async function readKekFile(file: string): Promise<Uint8Array> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw hasCode(cause, 'ENOENT')
      ? wrong(
          `There is no key-encryption key at ${file}. \`npm start\` and the worker make it on their first start; where it was lost, bring it back from its backup, or let STEWARD_KEK_FILE name where it is.`,
        )
      : wrong(
          `The key-encryption key at ${file} can not be read: ${cause instanceof Error ? cause.message : ''}`,
          cause,
        );
  });
  const { mode } = await stat(file);
  if ((mode & TOO_OPEN) !== 0) {
    throw wrong(`The key-encryption key at ${file} is open to others: chmod 600 ${file}`);
  }
  const bytes = Buffer.from(text.trim(), 'base64url');
  if (!/^[\w-]{43}$/.test(text.trim()) || bytes.byteLength !== KEY_BYTES) {
    throw wrong(`The file ${file} holds no key-encryption key (43 letters of base64url): is it the right one?`);
  }
  return bytes;
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

function wrong(message: string, cause?: unknown): StewardError {
  return new StewardError('InvalidConfig', message, { cause });
}
