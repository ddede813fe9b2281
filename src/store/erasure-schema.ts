import type { Generated } from 'kysely';
import type { Look } from '../deps-erasure-store.ts';
import type { AskedVia, ErasureOutcome, ErasureState, KeptEnd, MadeDecision, ProvedBy } from '../domain/erase.ts';
import type { Category } from '../domain/privacy-policy.ts';

/** The tables of migrations 0008, 0011, 0013 and 0017. */
export interface ErasureSchema {
  erasures: {
    id: string;
    via: AskedVia;
    state: ErasureState;
    received_at: Generated<Date>;
    requested_by: string | null;
    requester: string[] | null;
    voucher: string[] | null;
    superseded_by: string | null;
    sealed: Buffer;
    code_digest: Buffer | null;
    code_expires_at: Date | null;
    code_attempts: Generated<number>;
    codes_sent: Generated<number>;
    proved_at: Date | null;
    asserted_at: Date | null;
    proved_by: ProvedBy | null;
    due_at: Date;
    extended_to: Date | null;
    extension_reason: string | null;
    decision: MadeDecision | null;
    approval: 'approved' | 'refused' | null;
    ruled_by: string | null;
    ruling_reason: string | null;
    subject_ref: string | null;
    particulars: Buffer | null;
    outcome: ErasureOutcome | null;
    ended_at: Date | null;
    erased_at: Date | null;
    still_kept: Generated<Category[]>;
    kept_ended: Generated<KeptEnd[]>;
  };
  erasure_steps: { erasure_id: string; step: string; receipt: unknown; at: Generated<Date> };
  erasure_recipients: {
    erasure_id: string;
    recipient: string;
    kind: 'slack' | 'crm' | 'webhook';
    status: 'open' | 'told' | 'nothing';
    attempts: number;
    reason: string | null;
    notice: Buffer | null;
    updated_at: Generated<Date>;
  };
  erasure_fingerprints: { erasure_id: string; kind: string; fingerprint: Buffer };
  erasure_findings: { erasure_id: string; look: Look; store: string; place: string; kind: string; at: Generated<Date> };
  erasure_mails: {
    erasure_id: string;
    occasion: string;
    status: 'sending' | 'sent';
    attempts: Generated<number>;
    updated_at: Generated<Date>;
  };
  erasure_assertions: { digest: Buffer; erasure_id: string; until: Date };
  request_limits: { bucket: Buffer; day: Date; count: number };
}
