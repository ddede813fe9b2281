/** The rules of privacy as data: what `policies/privacy.yaml` says, once it has been judged. */
import type { Calendar } from './calendar.ts';

/** What we hold of a person, by kind. Every column of the database that is about a customer belongs to one of them. */
export const CATEGORIES = [
  'identity',
  'contact',
  'conversations',
  'ticketFacts',
  'deliveries',
  'ratings',
  'consents',
  'requestRecord',
] as const;
export type Category = (typeof CATEGORIES)[number];

/** Art. 6(1) GDPR, (a) to (f). */
export const LEGAL_BASES = [
  'consent',
  'contract',
  'legalObligation',
  'vitalInterest',
  'publicTask',
  'legitimateInterest',
] as const;
export type LegalBasis = (typeof LEGAL_BASES)[number];

/** Art. 17(1) GDPR by its letters: why something has to be erased. */
export const GROUNDS = {
  noLongerNecessary: 'a',
  consentWithdrawn: 'b',
  objection: 'c',
  unlawful: 'd',
  duty: 'e',
  child: 'f',
} as const;
export type Ground = keyof typeof GROUNDS;

/** Art. 17(3) GDPR by its letters: why something may be kept all the same. */
export const EXCEPTIONS = {
  expression: 'a',
  legalObligation: 'b',
  publicHealth: 'c',
  archiving: 'd',
  legalClaims: 'e',
} as const;
export type Exception = keyof typeof EXCEPTIONS;

/** What starts the period of a duty to keep; of several tickets or consents the last one's. */
export const KEEP_EVENTS = [
  'ticketOpened',
  'ticketClosed',
  'lastActivity',
  'consentWithdrawn',
  'requestReceived',
] as const;
export type KeepEvent = (typeof KEEP_EVENTS)[number];

export interface KeepDuty {
  /** For the person: they are told. */
  readonly why: string;
  readonly statute: string;
  readonly exception: Exception;
  /** Such as `P6Y`. */
  readonly period: string;
  readonly from: KeepEvent;
}

export interface CategoryRule {
  /** For people: what this is. */
  readonly description: string;
  /** Every one on which we process it: consent withdrawn suffices only where it is the only one. */
  readonly legalBases: readonly LegalBasis[];
  /** The purposes whose consent carries it, where consent is a basis. */
  readonly purposes: readonly string[];
  /** The grounds of Art. 17(1) that can apply to it. */
  readonly grounds: readonly Ground[];
  readonly keep: readonly KeepDuty[];
}

export const APPROVALS = ['never', 'always', 'whenRefused'] as const;
export type Approval = (typeof APPROVALS)[number];

export const RECIPIENT_KINDS = ['slack', 'crm', 'webhook'] as const;
/** Whom we passed personal data to, and so have to tell of an erasure (Art. 19). */
export interface Recipient {
  readonly name: string;
  readonly kind: (typeof RECIPIENT_KINDS)[number];
  readonly categories: readonly Category[];
  readonly url?: string | undefined;
  /** The name of the setting that holds the secret; the secret itself is never here. */
  readonly secretEnv?: string | undefined;
}

export interface PrivacyPolicy {
  readonly controller: Calendar & {
    readonly name: string;
    readonly contact: string;
    /** With whom a person may lodge a complaint (Art. 77). */
    readonly complaint: { readonly authority: string; readonly url: string };
  };
  readonly officers: readonly { readonly id: string; readonly email: string; readonly mayApprove: boolean }[];
  readonly approval: Approval;
  /** What consent can be given for, each in words for people. */
  readonly purposes: Readonly<Record<string, string>>;
  readonly categories: Readonly<Record<Category, CategoryRule>>;
  /** Closed tickets are emptied so many days after their close; null: never. `daily`: what is due goes by itself, each night. */
  readonly retention: { readonly ticketsDaysAfterClose: number | null; readonly daily: boolean };
  readonly recipients: readonly Recipient[];
  readonly erasure: ErasureTimings;
}

export interface ErasureTimings {
  /** How long a code is good; 10 at most. */
  readonly codeMinutes: number;
  /** How long the person may stop a request that is proved; null: it is decided at once. */
  readonly coolingOffHours: number | null;
  /** Of a code; 5 at most. */
  readonly tries: number;
  readonly warnDays: number;
  readonly lookAgainDays: number;
  readonly perAddressAndDay: number;
  readonly perSourceAndDay: number;
}
