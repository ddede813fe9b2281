import type { Generated } from 'kysely';
import type { RunOutcome } from '../deps-audits.ts';
import type { Difference, WorkflowsSeen } from '../domain/measure.ts';

/** The tables of migration 0009. */
export interface MonthlyAuditSchema {
  monthly_audits: {
    month: string;
    figures: string;
    sha256: Buffer;
    html: string;
    workflows: WorkflowsSeen;
    made_at: Generated<Date>;
  };
  monthly_audit_runs: {
    month: string;
    run_id: string;
    outcome: RunOutcome;
    differences: readonly Difference[];
    at: Generated<Date>;
  };
  monthly_audit_mails: {
    month: string;
    officer_id: string;
    occasion: string;
    status: 'sending' | 'sent';
    attempts: Generated<number>;
    updated_at: Generated<Date>;
  };
}
