/** Keys as everybody else sees them. */
import type { AuditEntry } from './domain/audit.ts';

/** What wraps the data keys: a file with us, a key management service elsewhere. */
export interface KeyEncryption {
  /** Tells this key from others; stands beside what it has wrapped. */
  readonly id: string;
  /** Bound to the name: moved to another it does not unwrap. */
  wrap(dek: Uint8Array, name: string): Promise<Uint8Array>;
  unwrap(wrapped: Uint8Array, name: string): Promise<Uint8Array>;
}

/** Data keys, one per name; a name is a workflow id, or `erasure-request/<id>` and the like. Wrapped by the key-encryption key. */
export interface DataKeys {
  /** Encrypts under the key of this name, which is made when it is not there. @throws StewardError KeyShredded */
  seal(name: string, text: string): Promise<Uint8Array>;
  /** Null once the key is shredded. @throws StewardError PayloadCorrupt when it is damaged or belongs to another name */
  open(name: string, sealed: Uint8Array): Promise<string | null>;
  /**
   * Destroys the keys of these names for good and evicts them here; every other process hears of it within 60 s. A tombstone stays, also
   * for names that never had a key, so that none can be made for them later. Again: nothing more. `entry`: written with it, with how many
   * `keys` there were, or none is destroyed; null where the log has the intent already, for what is done outside of the database as well.
   */
  shred(names: readonly string[], entry: AuditEntry | null): Promise<{ readonly destroyed: number }>;
}

/** By what a customer is known. */
export interface KeySubject {
  readonly customerId?: string;
  readonly email?: string;
}

/**
 * One digest for each thing that a customer is known by, under a secret that no database has: by them a workflow's key is found again once the
 * customer is known whom it spoke of.
 */
export type SubjectDigests = (who: KeySubject) => readonly Uint8Array[];
