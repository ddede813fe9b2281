import { domainToUnicode } from 'node:url';
import type { ErasureDeps } from '../../deps-erasure.ts';
import type { Asked } from '../../domain/erase.ts';
import { normalise } from '../../domain/fingerprint.ts';
import { TO_PERSON } from './mail-file.ts';

const LETTER = new RegExp(`^(ERA-[0-9a-f]{16})-(?:${TO_PERSON.join('|')})$`);

interface ErasureLetter {
  readonly deliveryId: string;
  readonly requestId: string;
}
type IsTheirs = (address: string) => boolean;

/** Letters to the person that lie in the outbox, of any request. `isTheirs` is asked for addresses in their one spelling. */
async function lettersTo(
  { outboxMails }: Pick<ErasureDeps, 'outboxMails'>,
  isTheirs: IsTheirs,
): Promise<ErasureLetter[]> {
  const theirs: ErasureLetter[] = [];
  for await (const { deliveryId, to } of outboxMails((id) => LETTER.test(id))) {
    const requestId = LETTER.exec(deliveryId)?.[1];
    if (requestId !== undefined && spellings(to).some(isTheirs)) theirs.push({ deliveryId, requestId });
  }
  return theirs;
}

/**
 * Of them, those of requests that have ended: what a running one wrote is its own to remove. Who has asked before is written down
 * nowhere else.
 */
export async function lettersLeft(
  erasure: Pick<ErasureDeps, 'outboxMails' | 'store'>,
  isTheirs: IsTheirs,
): Promise<string[]> {
  const theirs = await lettersTo(erasure, isTheirs);
  if (theirs.length === 0) return [];
  const over = new Set(await erasure.store.endedOf(theirs.map(({ requestId }) => requestId)));
  return theirs.filter(({ requestId }) => over.has(requestId)).map(({ deliveryId }) => deliveryId);
}

/** How many these are of whom this names. */
export async function lettersHeld(erasure: Pick<ErasureDeps, 'outboxMails' | 'store'>, asked: Asked): Promise<number> {
  const customers = await erasure.store.customersOf(asked);
  const theirs = new Set(customers.flatMap(({ email }) => (email === null ? [] : [normalise('email', email)])));
  return (await lettersLeft(erasure, (address) => theirs.has(address))).length;
}

/** The same once nobody knows the address any more; none when the window is over. */
export async function lettersByFingerprint(erasure: ErasureDeps, requestId: string): Promise<string[]> {
  const isTheirs = await byFingerprint(erasure, requestId);
  return isTheirs ? lettersLeft(erasure, isTheirs) : [];
}

/** What requests of the person have written to them, this one and any other: each takes its own away, and none is a remnant. */
export async function lettersUnderWay(erasure: ErasureDeps, requestId: string): Promise<ReadonlySet<string>> {
  const isTheirs = await byFingerprint(erasure, requestId);
  const letters = isTheirs ? await lettersTo(erasure, isTheirs) : [];
  return new Set(letters.map(({ deliveryId }) => deliveryId));
}

async function byFingerprint(erasure: ErasureDeps, requestId: string): Promise<IsTheirs | null> {
  const key = await erasure.fingerprints.find(requestId);
  if (key === null) return null;
  const wanted = await erasure.store.wanted(requestId);
  return (address) => {
    const print = Buffer.from(erasure.fingerprint(key, 'email', address)).toString('hex');
    return wanted.get(print) === 'email';
  };
}

/** A mail has the domain in ASCII, a customer's row as it was given. */
function spellings(address: string): string[] {
  const email = normalise('email', address);
  const at = email.lastIndexOf('@') + 1;
  return [...new Set([email, email.slice(0, at) + domainToUnicode(email.slice(at))])];
}
