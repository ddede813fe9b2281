import { mkdir, open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { AuditHeads, HeadsRead } from '../deps.ts';
import type { KeptHead } from '../domain/audit.ts';
import { unlessMissing } from './unless-missing.ts';

/** Several processes add to the file, each in its own time: the highest head need not be the last one, but it is not far from it. */
const LAST_BYTES = 16_384;

/** Heads as JSON lines in a file. Only ever added to, and on the disk before we go on; several processes may write. */
export function createAuditHeads(file: string): AuditHeads {
  return {
    async keep(head) {
      await mkdir(dirname(file), { recursive: true });
      const handle = await open(file, 'a+', 0o600);
      try {
        const line = `${JSON.stringify({ position: head.position, hash: head.hash, at: new Date().toISOString() })}\n`;
        await handle.write(`${(await endsMidLine(handle)) ? '\n' : ''}${line}`);
        await handle.sync();
      } finally {
        await handle.close();
      }
    },

    async newest() {
      const lines = (await lastPart(file)).split('\n').flatMap((line) => headOf(line) ?? []);
      return lines.reduce<KeptHead | null>((top, head) => (top && top.position > head.position ? top : head), null);
    },

    async read(): Promise<HeadsRead> {
      const text = (await unlessMissing(readFile(file)))?.toString('utf8');
      if (text === undefined) {
        return {
          heads: [],
          warnings: [`${file} is not there: a log that was cut off or rewritten whole would not be noticed`],
        };
      }
      const lines = text.split('\n').map((line, index) => ({ line, number: index + 1 }));
      const read = lines.filter(({ line }) => line.trim() !== '').map((one) => ({ ...one, head: headOf(one.line) }));
      const heads = read.flatMap(({ head }) => (head ? [head] : []));
      const bad = read.flatMap(({ head, number }) => (head ? [] : [`${file}: line ${number} is no head`]));
      const empty = `${file} holds no head: a log that was cut off or rewritten whole would not be noticed`;
      return { heads, warnings: heads.length === 0 ? [...bad, empty] : bad };
    },
  };
}

/** Copies of the heads, kept in several places: each must agree. */
export function joinAuditHeads(places: readonly Pick<AuditHeads, 'read'>[]): Pick<AuditHeads, 'read'> {
  return {
    async read() {
      const all = await Promise.all(places.map((place) => place.read()));
      return { heads: all.flatMap(({ heads }) => heads), warnings: all.flatMap(({ warnings }) => warnings) };
    },
  };
}

/** After a crash in the middle of a line: the next head must not be lost with it. */
async function endsMidLine(handle: Awaited<ReturnType<typeof open>>): Promise<boolean> {
  const { size } = await handle.stat();
  if (size === 0) return false;
  const last = await handle.read(Buffer.alloc(1), 0, 1, size - 1);
  return last.buffer[0] !== 0x0a;
}

/** The file's end; its first line may be half of one, which is no head. Nothing where there is no file. */
async function lastPart(file: string): Promise<string> {
  const handle = await unlessMissing(open(file));
  if (handle === null) return '';
  try {
    const { size } = await handle.stat();
    const length = Math.min(size, LAST_BYTES);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await handle.close();
  }
}

function headOf(line: string): KeptHead | undefined {
  try {
    const { position, hash, at } = JSON.parse(line) as Partial<KeptHead>;
    const isHead = Number.isSafeInteger(position) && Number(position) > 0 && /^[\da-f]{64}$/.test(String(hash));
    return isHead ? { position: Number(position), hash: String(hash), at: String(at) } : undefined;
  } catch {
    return undefined;
  }
}
