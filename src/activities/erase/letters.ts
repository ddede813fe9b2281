import { domainToUnicode } from 'node:url';
import type { ErasureDeps } from '../../deps-erasure.ts';
import { normalise } from '../../domain/fingerprint.ts';
import { TO_PERSON } from './mail-file.ts';

const LETTER = new RegExp(`^(ERA-[0-9a-f]{16})-(?:${TO_PERSON.join('|')})$`);

/**
 * Letters to the person that requests of theirs left in the outbox, of those requests that have ended: what a running one wrote is its own
 * to remove. Who has asked before is written down nowhere else. `isTheirs` is asked for addresses in their one spelling.
 */
export async function lettersLeft(
  { outboxMails, store }: Pick<ErasureDeps, 'outboxMails' | 'store'>,
  isTheirs: (address: string) => boolean,
): Promise<string[]> {
  const theirs: { deliveryId: string; requestId: string }[] = [];
  for await (const { deliveryId, to } of outboxMails((id) => LETTER.test(id))) {
    const requestId = LETTER.exec(deliveryId)?.[1];
    if (requestId !== undefined && spellings(to).some(isTheirs)) theirs.push({ deliveryId, requestId });
  }
  if (theirs.length === 0) return [];
  const over = new Set(await store.endedOf(theirs.map(({ requestId }) => requestId)));
  return theirs.filter(({ requestId }) => over.has(requestId)).map(({ deliveryId }) => deliveryId);
}

/** The same once nobody knows the address any more; none when the window is over. */
export async function lettersByFingerprint(erasure: ErasureDeps, requestId: string): Promise<string[]> {
  const key = await erasure.fingerprints.find(requestId);
  if (key === null) return [];
  const wanted = await erasure.store.wanted(requestId);
  return lettersLeft(erasure, (address) => {
    const print = Buffer.from(erasure.fingerprint(key, 'email', address)).toString('hex');
    return wanted.get(print) === 'email';
  });
}

/** A mail has the domain in ASCII, a customer's row as it was given. */
function spellings(address: string): string[] {
  const email = normalise('email', address);
  const at = email.lastIndexOf('@') + 1;
  return [...new Set([email, email.slice(0, at) + domainToUnicode(email.slice(at))])];
}
