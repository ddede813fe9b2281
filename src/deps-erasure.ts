/** The outside world as an erasure sees it, beside what tickets use. */

import type { ErasureRow, ErasureStore, LedgerEntry, Particulars, RecipientRow } from './deps-erasure-store.ts';
import type { DataKeys, SubjectDigests } from './deps-keys.ts';
import type { KeyRole } from './domain/access.ts';
import type { AskedVia, ProvedBy } from './domain/erase.ts';
import type { Held } from './domain/erase-preview.ts';
import type { Identity } from './domain/identity.ts';

import type { Category, PrivacyPolicy } from './domain/privacy-policy.ts';

/** The key of what one recipient has still to be told. */
export function noticeKey(requestId: string, recipient: string): string {
  return `erasure-notice/${requestId}/${recipient}`;
}

/** The name of a request's own key. */
export function requestKey(requestId: string): string {
  return `erasure-request/${requestId}`;
}

/** A file of ours that may hold words of people. */
export interface OwnFile {
  readonly name: string;
  /** As it lies there. */
  readonly text: string;
  /** Of a mail, what it says once it is decoded. */
  readonly mail?: MailWords;
}

export interface MailWords {
  /** All headers but the subject. */
  readonly head: string;
  /** The subject, and whatever is in its parts. */
  readonly words: string;
}

/** What we hold of a person, in counts, and by which rows and tickets. */
export interface HeldOfPerson {
  readonly customerIds: readonly string[];
  readonly ticketIds: readonly string[];
  readonly held: readonly Held[];
}

/** The gateway's half. */
export interface ErasureIntake {
  /** Counts this request into each bucket of today; false when one is over its limit. */
  countRequest(buckets: readonly { readonly bucket: Uint8Array; readonly limit: number }[]): Promise<boolean>;
  /** Logs that a wish came under the id of another's request, or of one that is over. */
  refuseReuse(id: string, wish: { readonly via: AskedVia; readonly by: Identity | null }): Promise<void>;
  /** Takes the platform's word for this request; false when another request has had it. */
  spendAssertion(digest: Uint8Array, id: string, until: Date): Promise<boolean>;
  create(request: {
    id: string;
    via: AskedVia;
    sealed: Uint8Array;
    dueAt: Date;
    requester: Identity | null;
    voucher: Identity | null;
    assertedAt: Date | null;
    /** What proves it from the beginning, without a code. */
    provedBy: Exclude<ProvedBy, 'code'> | null;
  }): Promise<{ readonly known: boolean }>;
  row(id: string): Promise<ErasureRow | null>;
  /** Counts one try and gives the digest to compare with; null when there is no try left, no code, or it is too late. */
  tryCode(id: string, tries: number): Promise<Uint8Array | null>;
  prove(id: string, by: ProvedBy): Promise<void>;
  recipients(id: string): Promise<readonly RecipientRow[]>;
}

/** What the database knows of an officer at the command line. */
export interface OfficerReader {
  /** Whom PostgreSQL has let in: the session's own user, whatever role the connection has taken on. */
  login(): Promise<string>;
  /** By the SHA-256 of the key, in hex; null when there is no such key, or it is revoked. */
  key(hash: string): Promise<{ readonly id: string; readonly role: KeyRole; readonly agent: string | null } | null>;
}

/** Keys of the fingerprints, one per request, outside of every database. */
export interface FingerprintKeys {
  /** The request's key, made when it is not there. */
  make(requestId: string): Promise<Uint8Array>;
  /** Null once it is destroyed. */
  find(requestId: string): Promise<Uint8Array | null>;
  destroy(requestId: string): Promise<void>;
}

/** What was erased, outside of the databases: a restored backup knows nothing of it. */
export interface ErasureLedger {
  append(entry: LedgerEntry): Promise<void>;
  read(): Promise<readonly LedgerEntry[]>;
}

/** Somebody who was given personal data and is told that it is to go. @throws ProviderError */
export interface Recipient {
  readonly name: string;
  readonly kind: 'slack' | 'crm' | 'webhook';
  /** What it was given. */
  readonly categories: readonly Category[];
  /** False: it was given nothing of this person, and is not named to them. Absent: it is always asked. */
  readonly isGiven?: (particulars: Particulars) => boolean;
  tell(notice: Notice, signal: AbortSignal): Promise<'told' | 'nothing'>;
}

export interface Notice {
  readonly requestId: string;
  /** Of what the recipient was given, what is erased; never empty. */
  readonly categories: readonly Category[];
  readonly particulars: Particulars;
  /** Set where it was kept at the erasure, and goes now. */
  readonly later?: true;
}

export interface ErasureDeps {
  readonly store: ErasureStore;
  readonly keys: DataKeys;
  readonly policy: PrivacyPolicy;
  /** In the code's place or beside it: must the platform vouch for the person as well? */
  readonly secondFactor: boolean;
  readonly fingerprints: FingerprintKeys;
  readonly ledger: ErasureLedger;
  readonly recipients: readonly Recipient[];
  /** HMAC of a code with the pepper and its request. */
  readonly codeDigest: (requestId: string, code: string) => Uint8Array;
  readonly newCode: () => string;
  readonly newSubjectRef: () => string;
  readonly subjectDigests: SubjectDigests;
  /** Today's limit buckets of an address. */
  readonly limitBuckets: (email: string) => readonly Uint8Array[];
  /** Keyed with the request's fingerprint key. */
  readonly fingerprint: (key: Uint8Array, kind: string, value: string) => Uint8Array;
  /** The request's private page. */
  readonly pageOf: (requestId: string) => string;
  /** Mails that lie as files, of the deliveries that are wanted, and whom they are to. */
  readonly outboxMails: (
    isWanted: (deliveryId: string) => boolean,
  ) => AsyncIterable<{ readonly deliveryId: string; readonly to: string }>;
  /** How many files there were. `before` hears of them while they are still there, and where it throws they stay. */
  readonly removeFromOutbox: (
    deliveryIds: readonly string[],
    before: (files: number) => Promise<void>,
  ) => Promise<number>;
  /** Leaves these mails their words, and takes out whom they are to; how many there were. `before` as with `removeFromOutbox`. */
  readonly forgetAddressee: (
    deliveryIds: readonly string[],
    before: (mails: number) => Promise<void>,
  ) => Promise<number>;
  /** Files of ours that may hold words of people. */
  readonly files: () => AsyncIterable<OwnFile>;
}
