import { createHmac, timingSafeEqual } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { StewardError } from '../domain/errors.ts';
import type { Json } from '../domain/json.ts';
import type { SourceDoor } from '../http/deps.ts';
import { WHOLE } from '../schema/judge.ts';
import { readSourceRules, type SourceFile, type SourceSignature, sourceFile } from '../schema/source-file.ts';
import { hear } from '../schema/source-map.ts';
import { allInOrder } from './all-in-order.ts';
import { inOrder, judgePolicyFile } from './policy-file.ts';
import { wrongWebhook } from './standard-webhooks.ts';

/** Where a platform's events come in, from its file. What it is signed with is looked up by `secretOf`. */
export type ReadSource = (secretOf: (setting: string) => string | undefined) => SourceDoor;

const NAME_MEND = 'name the file by small letters, digits and "-", at most 50, since it becomes part of the address';

/** @throws StewardError InvalidPolicy naming the file, the line, the field and the mend. */
export async function readSourceFile(path: string): Promise<ReadSource> {
  const name = basename(path).replace(/\.ya?ml$/, '');
  const judged = await judgePolicyFile(path, sourceFile, (file, isSound) => readSourceRules(file, isSound).problems);
  const policy = inOrder(judged, /^[a-z][a-z0-9-]{0,49}$/.test(name) ? [] : [{ field: WHOLE, message: NAME_MEND }]);
  const { rules } = readSourceRules(policy);
  const place = (field: string) => `line ${judged.lineOf(field)} of ${basename(path)}`;
  return (secretOf) => ({
    name,
    ...signed(path, policy, secretOf),
    hear: (event, headerOf) => hear(rules, event as Json, headerOf, place),
  });
}

/** Every source of a folder, by its name; none where there is no such folder. @throws StewardError InvalidPolicy: whatever is wrong with any */
export async function readSources(dir: string): Promise<ReadSource[]> {
  const files = await readdir(dir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw new StewardError('InvalidPolicy', `${dir}: can't be read: ${error.code ?? error.message}`);
  });
  const wanted = files.filter((file) => /\.ya?ml$/.test(file)).sort();
  return allInOrder(wanted.map((file) => readSourceFile(join(dir, file))));
}

/** @throws StewardError InvalidConfig: the secret is missing */
function signed(
  path: string,
  { signature }: SourceFile,
  secretOf: (setting: string) => string | undefined,
): Pick<SourceDoor, 'isSigned' | 'wrong'> {
  if (signature.kind === 'apiKey') return { isSigned: false, wrong: () => null };
  const { secretEnv } = signature;
  const secret = secretOf(secretEnv);
  if (secret === undefined) {
    throw new StewardError('InvalidConfig', `${secretEnv}: expected the secret that ${path} shares with us`);
  }
  return {
    isSigned: true,
    wrong: (headers, body, now) =>
      signature.kind === 'standardWebhooks'
        ? wrongWebhook(headers, Buffer.from(body).toString('utf8'), [secret], now)
        : wrongHmac(signature, secret, headers, body, now),
  };
}

function wrongHmac(
  { header, encoding, prefix, timestamp }: Extract<SourceSignature, { kind: 'hmac' }>,
  secret: string,
  headers: { get(name: string): string | null },
  body: Uint8Array,
  now: number,
): string | null {
  const given = headers.get(header);
  const at = timestamp === undefined ? '' : headers.get(timestamp);
  if (given === null || at === null) return `${[header, timestamp].filter(Boolean).join(' and ')} are needed`;
  if (timestamp !== undefined && !isFresh(at, now)) return `${timestamp} is more than five minutes away from now`;
  const right = createHmac('sha256', secret).update(at).update(body).digest();
  const shown = given.startsWith(prefix) ? Buffer.from(given.slice(prefix.length), encoding) : Buffer.alloc(0);
  const isOurs = shown.length === right.length && timingSafeEqual(shown, right);
  return isOurs ? null : `${header} fits neither body nor secret`;
}

/** ISO 8601, or seconds since 1970. */
function isFresh(at: string, now: number): boolean {
  const ms = /^\d{1,12}$/.test(at) ? Number(at) * 1000 : Date.parse(at);
  return Math.abs(now - ms) <= 300_000;
}
