/** A look at what we hold of a person, and what an erasure would make of it. It is a look at personal data: without its entry in the log, none. */
import { randomBytes } from 'node:crypto';
import type { AuditLog } from './deps.ts';
import type { HeldOfPerson } from './deps-erasure.ts';
import type { AuditActor } from './domain/audit.ts';
import type { Asked } from './domain/erase.ts';
import { factsOf, type KnownOfPerson } from './domain/erase-known.ts';
import { type Decision, decide } from './domain/erase-policy.ts';
import { type PreviewLine, previewOf } from './domain/erase-preview.ts';
import type { PrivacyPolicy } from './domain/privacy-policy.ts';

export interface PreviewParts {
  readonly policy: PrivacyPolicy;
  /** Counts by store and category, and the ids of the person's rows and tickets. */
  readonly held: (asked: Asked) => Promise<HeldOfPerson>;
  /** Letters of their earlier requests that lie in the outbox. */
  readonly letters: (asked: Asked) => Promise<number>;
  readonly known: (customerIds: readonly string[]) => Promise<KnownOfPerson>;
  readonly audit: AuditLog;
  readonly by: AuditActor;
}

export interface ErasurePreview {
  /** By which the log knows of this look. Random: of whom it was, it does not tell. */
  readonly reference: string;
  /** `nobody`: we hold nothing of them. */
  readonly verdict: Decision['verdict'] | 'nobody';
  /** A privacy officer would have to approve. */
  readonly approval: boolean;
  readonly lines: readonly PreviewLine[];
}

const MOST_TICKETS = 100;

export async function previewErasure(parts: PreviewParts, asked: Asked, now: Date): Promise<ErasurePreview> {
  const { policy, audit, by } = parts;
  const { customerIds, ticketIds, held: rowsHeld } = await parts.held(asked);
  const held = [...rowsHeld, { store: 'letters', category: 'contact' as const, count: await parts.letters(asked) }];
  const reference = `LOOK-${randomBytes(8).toString('hex')}`;
  // While the tickets are somebody's they say whose data was looked at; after an erasure nobody can tell, and this entry stays.
  const rows = held
    .filter(({ count }) => count > 0)
    .map(({ store, category, count }) => [`${store}.${category}`, count]);
  const after = { rows: Object.fromEntries(rows), tickets: ticketIds.slice(0, MOST_TICKETS) };
  await audit.append([{ actor: by, action: 'person.previewed', object: `person/${reference}`, why: 'erasure', after }]);
  const isNobody = customerIds.length === 0 && rowsHeld.every(({ count }) => count === 0);
  if (isNobody) return { reference, verdict: 'nobody', approval: false, lines: [] };
  const request = { ground: 'any' as const, receivedAt: now.toISOString() };
  const decision = decide(policy, factsOf(await parts.known(customerIds), policy.purposes, request), now);
  const lines = previewOf(
    held.filter(({ count }) => count > 0),
    decision,
  );
  const approval = decision.verdict !== 'denied' && decision.approval;
  return { reference, verdict: decision.verdict, approval, lines };
}
