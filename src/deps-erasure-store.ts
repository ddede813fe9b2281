/** What PostgreSQL does for an erasure. */
import type { LostSlackMessage } from './deps-messages.ts';
import type { AuditActor } from './domain/audit.ts';
import type { IntentOf, WhatOf } from './domain/audit-actions.ts';
import type {
  Asked,
  AskedVia,
  ErasureOutcome,
  ErasureState,
  KeptEnd,
  MadeDecision,
  ProvedBy,
  Store,
} from './domain/erase.ts';
import type { ErasureFacts } from './domain/erase-facts.ts';
import type { CategoryDecision } from './domain/erase-policy.ts';
import type { Digest } from './domain/fingerprint.ts';
import type { Identity } from './domain/identity.ts';
import type { KeptReview } from './domain/measure-kept.ts';
import type { KnownPerson } from './domain/names-person.ts';
import type { Category, PrivacyPolicy } from './domain/privacy-policy.ts';

export interface ErasureRow {
  readonly id: string;
  readonly via: AskedVia;
  readonly state: ErasureState;
  readonly outcome: ErasureOutcome | null;
  readonly receivedAt: Date;
  readonly dueAt: Date;
  readonly extendedTo: Date | null;
  readonly sealed: Uint8Array;
  readonly particulars: Uint8Array | null;
  readonly codeExpiresAt: Date | null;
  readonly codesSent: number;
  readonly codeAttempts: number;
  readonly provedAt: Date | null;
  readonly provedBy: ProvedBy | null;
  /** When the platform vouched for the person, if it did. */
  readonly assertedAt: Date | null;
  readonly decision: MadeDecision | null;
  readonly approval: 'approved' | 'refused' | null;
  readonly ruledBy: string | null;
  /** Why an officer refused; the person is told. */
  readonly rulingReason: string | null;
  readonly extensionReason: string | null;
  /** Who asked for the person, where it was not they themself. */
  readonly requester: Identity | null;
  /** The officer whose word stands in for the proof. */
  readonly voucher: Identity | null;
  /** The request that goes on in its place. */
  readonly supersededBy: string | null;
  readonly subjectRef: string | null;
  readonly endedAt: Date | null;
  /** When keys and histories were gone. */
  readonly erasedAt: Date | null;
  /** What it keeps to this day, and what of that has ended since. */
  readonly stillKept: readonly Category[];
  readonly keptEnded: readonly KeptEnd[];
}

/** What is known of the person, until the shred. Sealed in `erasures.particulars`. */
export interface Particulars {
  readonly customerIds: readonly string[];
  readonly emails: readonly string[];
  readonly phones: readonly string[];
  readonly name: string | null;
  /** Provider's message ids, `channel:timestamp`. */
  readonly slack: readonly string[];
  /** Messages in Slack whose id nobody has; missing in those of before. */
  readonly slackLost?: readonly LostSlackMessage[];
}

/** The workflow's half of the store. Everything is idempotent. */
export interface ErasureStore {
  row(id: string): Promise<ErasureRow | null>;
  /** Those of these requests that have ended. */
  endedOf(ids: readonly string[]): Promise<readonly string[]>;
  setState(id: string, state: ErasureState): Promise<void>;
  /** A new code: the old one is void. The tries are the request's, and do not begin anew. */
  setCode(id: string, digest: Uint8Array, expiresAt: Date): Promise<void>;
  /** The person's rows, by address (case does not matter) or id; erased ones are nobody's. */
  customersOf(
    asked: Asked,
  ): Promise<readonly { readonly id: string; readonly email: string | null; readonly name: string | null }[]>;
  /** What the person is known by, while their rows and the request tell it. */
  knownBy(id: string, asked: Asked): Promise<KnownPerson>;
  /**
   * Takes the person's rows for this request, all or none. `behind`: the request that has one of them. Where the person has proved this
   * one, another that has these rows alone, by an officer's word that nobody has approved, is superseded by it and gives them up.
   */
  takeTurn(id: string, asked: Asked): Promise<{ readonly found: number; readonly behind: string | null }>;
  /** Requests in whose place this one goes on, and which have not ended yet. */
  supersededBy(id: string): Promise<readonly string[]>;
  /** Purposes: those of the policy; a consent that nobody ever gave is `never`. */
  decisionFacts(id: string, purposes: PrivacyPolicy['purposes']): Promise<ErasureFacts>;
  /** All that another request had taken, whose workflow is gone; that one ends as abandoned, and its row tells of nobody. */
  takeOver(from: string, id: string): Promise<void>;
  saveDecision(id: string, decision: MadeDecision): Promise<void>;
  /** Has something of the person gone already? */
  hasEmptied(id: string): Promise<boolean>;
  /** What was decided no longer holds: a legal hold came in between. */
  replaceDecision(id: string, decision: MadeDecision): Promise<void>;
  /**
   * No new ticket from here on. What came since their rows were taken and is theirs goes with them: rows of the address that was asked for, or
   * that the code has proved.
   */
  freeze(id: string, asked: Asked): Promise<void>;
  /** Keeps what has to be known of the person later, once: when nothing is sent any more, and nothing is emptied yet. */
  remember(id: string, seal: (particulars: Particulars) => Promise<Uint8Array>): Promise<void>;
  /** The addresses of the person's rows, while they tell one. */
  emailsOf(id: string): Promise<readonly string[]>;
  /** Tickets of the person that are not closed. */
  openTickets(id: string): Promise<readonly string[]>;
  /** For tickets whose workflow ended without closing them. */
  closeTickets(id: string): Promise<void>;
  /** Does anything that we keep speak of them, though they are no customer? */
  isSpokenOf(asked: Asked, digests: readonly Uint8Array[]): Promise<boolean>;
  /** Makes them one. */
  takeIn(asked: Asked, digests: readonly Uint8Array[]): Promise<void>;
  /** Requests of more than an hour ago that were proved and have not ended, from behind this one on. */
  proved(after: string, limit: number): Promise<readonly string[]>;
  /** By what the person's rows say they are known, while they tell it. */
  namesOf(id: string): Promise<Pick<Particulars, 'customerIds' | 'emails'>>;
  /** Workflows that spoke of them before we knew them are theirs from here on, by the digests of what they are known by. */
  adoptKeys(id: string, digests: readonly Uint8Array[]): Promise<void>;
  /** Workflows of more than a day ago that spoke of somebody whom we still don't know, by the key's id from behind this one on. */
  namedLater(after: string, limit: number): Promise<readonly NamedLater[]>;
  /** Nothing is left of these workflows that anybody could be found in. */
  forgetNames(workflowIds: readonly string[]): Promise<void>;
  /** Every workflow whose history speaks of the person. */
  workflows(id: string): Promise<readonly { readonly workflowId: string; readonly clearText: boolean }[]>;
  /** The random name of the person, given once. */
  subjectRef(id: string, fresh: string): Promise<string>;
  /** A batch of a store; `left`: there is more. */
  emptyStore(
    id: string,
    store: Store,
    keep: ReadonlySet<string>,
    limit: number,
  ): Promise<{ readonly rows: number; readonly left: boolean }>;
  /** Of what the erasure kept: by what others know the person, as far as their rows still tell it, and what stands in Slack. */
  leftToTell(id: string): Promise<Particulars>;
  /** Nothing of what was kept stands in Slack any more. */
  forgetSlack(id: string): Promise<void>;
  /** Deliveries of the person's tickets whose message lies as a file in the outbox. */
  outboxDeliveries(id: string): Promise<readonly OutboxDelivery[]>;
  /**
   * Logged before an effect that can't be taken back; `by` the request's workflow unless told. Not once more where the step has its receipt:
   * done again by who did not hear that it was done, it has no effect, and no outcome would follow.
   */
  intend(
    id: string,
    step: IntentOf<'erasure'>,
    facts: Readonly<Record<string, unknown>>,
    by?: AuditActor,
  ): Promise<void>;
  /** What came of it: counts. */
  done(id: string, step: WhatOf<'erasure'>, counts: Readonly<Record<string, number>>, by?: AuditActor): Promise<void>;
  /** The same, if an intent is without its outcome: whoever logged it may have died over the effect, and nothing be left to do. */
  settle(
    id: string,
    step: IntentOf<'erasure'>,
    outcome: WhatOf<'erasure'>,
    counts: Readonly<Record<string, number>>,
    by?: AuditActor,
  ): Promise<void>;
  receipt(id: string, step: WhatOf<'erasure'>, receipt: Readonly<Record<string, unknown>>): Promise<void>;
  /** A receipt of all that the log has counted so far, however often the step was begun. */
  receiptOf(id: string, step: WhatOf<'erasure'>, counted: Counted): Promise<void>;
  recipients(id: string): Promise<readonly RecipientRow[]>;
  saveRecipient(id: string, row: RecipientRow): Promise<void>;
  /** Marks a mail `sending`; false when it went out already. */
  beginMail(id: string, occasion: string): Promise<boolean>;
  finishMail(id: string, occasion: string): Promise<void>;
  /** Logs that it did not go out, by the code of what came between; it stays `sending`. */
  failMail(id: string, occasion: string, code: string): Promise<void>;
  saveFingerprints(
    id: string,
    prints: readonly { readonly kind: string; readonly fingerprint: Uint8Array }[],
  ): Promise<void>;
  /** Compares what is in the database with what is looked for. `kept`: the categories that the decision keeps. */
  search(
    id: string,
    kept: ReadonlySet<string>,
    digest: Digest,
    alive: (place: string) => void,
  ): Promise<readonly Finding[]>;
  /** Of these deliveries, those that were made after the person was frozen. */
  deliveriesSince(id: string, deliveryIds: readonly string[]): Promise<readonly string[]>;
  /** The request's fingerprints in hex, with their kind. */
  wanted(id: string): Promise<ReadonlyMap<string, string>>;
  saveFindings(id: string, look: Look, findings: readonly Finding[]): Promise<void>;
  /** What was left, as it was found. */
  findings(id: string): Promise<readonly Remnant[]>;
  /** The person's rows are free again: refused, or not proved. */
  release(id: string): Promise<void>;
  end(id: string, outcome: ErasureOutcome): Promise<void>;
  /** Requests of more than a day ago that nobody has proved and that have not ended, as they do when the time of their code is over; from behind this one on. */
  unproved(after: string, limit: number): Promise<readonly string[]>;
  /** Ended requests that still keep something, from behind this one on. */
  stillKeeping(after: string, limit: number): Promise<readonly string[]>;
  /** Who has the person's rows: another request of theirs, the erasure, or the erasure while the person is a customer again. */
  holderOf(id: string): Promise<'erasure' | 'cameBack' | 'anotherRequest' | 'nobody'>;
  /** No new ticket while a kept row is renamed; and again, whether it was or not. */
  freezeKept(id: string): Promise<void>;
  thawKept(id: string): Promise<void>;
  /** Writes down, once, that a category is no longer kept. False: it was not any more. */
  endKept(id: string, category: Category, how: KeptEnd['how'], by: AuditActor): Promise<boolean>;
  /** Logs what a night found of what is still kept, where the last one found something else. */
  keptReviewed(id: string, review: KeptReview, by: AuditActor): Promise<void>;
  /**
   * Those of these requests that this database has not erased: it knows nothing of them, or their own keys, the last of all, are there, or
   * it still keeps what has ended.
   */
  unapplied(entries: readonly Pick<LedgerEntry, 'requestId' | 'kept'>[]): Promise<readonly string[]>;
  /** In a restored database: finds the person of a ledger's entry again, and freezes them. */
  restore(entry: LedgerEntry, by: AuditActor, digest: Digest | null): Promise<void>;
  /** Sealed things of the request are of no more use. */
  markErased(id: string): Promise<void>;
  /** False: another officer was quicker. @throws StewardError OwnRequest */
  rule(id: string, ruling: 'approved' | 'refused', by: Identity, reason: string | null): Promise<boolean>;
  /** False: it is proved already, or has ended. */
  vouch(id: string, by: Identity): Promise<boolean>;
  extend(id: string, to: Date, reason: string, by: Identity): Promise<void>;
  /** `by` null: it was said to Temporal itself, which shows us nobody. */
  logStepAnswer(id: string, act: 'retry' | 'skip', step: string, by: Identity | null): Promise<void>;
  forgetLimits(buckets: readonly Uint8Array[]): Promise<void>;
}

/** A key, and the workflow whose it is. */
export interface NamedLater {
  readonly id: string;
  readonly workflowId: string;
}

export interface OutboxDelivery {
  readonly deliveryId: string;
  /** To the person, not to one of us. */
  readonly toPerson: boolean;
}

export interface Counted {
  /** Which entries of the request count. */
  readonly actions: readonly WhatOf<'erasure'>[];
  /** Of one store only. */
  readonly store?: Store;
  /** What it says where there are none. */
  readonly none: Readonly<Record<string, number>>;
}

export type Look = 'atOnce' | 'later';

/**
 * `left`: a remnant. `back`: the person came again after the erasure. `kept`: words that the decision keeps speak of them. Only the first is
 * something that should not be there.
 */
export type FindingIs = 'left' | 'back' | 'kept';

/** Where something of the person was found: nothing in it tells who they are. */
export interface Finding {
  readonly store: 'postgres' | 'files' | 'temporal';
  /** A table's column, a file's name, a list. */
  readonly place: string;
  readonly kind: string;
  readonly is: FindingIs;
  /** Rows, files, workflows. */
  readonly count: number;
}

/** A finding that was written down. `count`: null where the look is from before it was counted. */
export interface Remnant {
  readonly look: Look;
  readonly store: string;
  readonly place: string;
  readonly kind: string;
  readonly count: number | null;
}

export interface RecipientRow {
  readonly recipient: string;
  readonly kind: 'slack' | 'crm' | 'webhook';
  readonly status: 'open' | 'told' | 'nothing';
  readonly attempts: number;
  readonly reason: string | null;
  /** Sealed under `noticeKey`; null once it is of no more use. */
  readonly notice: Uint8Array | null;
}

export interface LedgerEntry {
  readonly requestId: string;
  readonly subjectRef: string;
  /** ISO 8601. */
  readonly at: string;
  /** Names of the keys that were shredded; of `ticket-…` the tickets too. */
  readonly keys: readonly string[];
  readonly kept: readonly CategoryDecision[];
  /** Of no use to anybody without the request's fingerprint key. */
  readonly fingerprints: readonly { readonly kind: string; readonly hex: string }[];
}
