/** The concrete things of the monthly audit. */
import { join } from 'node:path';
import { createAuditFiles } from './adapters/audit-files.ts';
import { createAuditHeads } from './adapters/audit-heads.ts';
import type { Config } from './config.ts';
import type { MonthlyAuditDeps } from './deps-audits.ts';
import type { PrivacyPolicy } from './domain/privacy-policy.ts';
import { renderAudit } from './http/pages/audits.tsx';
import type { Database } from './store/database.ts';
import { createMeasureStore } from './store/measure.ts';
import { createMonthlyAuditStore } from './store/monthly-audits.ts';

export function composeAudits(config: Config, db: Database, policy: PrivacyPolicy): MonthlyAuditDeps {
  return {
    store: createMonthlyAuditStore(db),
    measure: createMeasureStore(db, createAuditHeads(config.auditHeads)),
    policy,
    render: renderAudit,
    publish: createAuditFiles(join(config.stateDir, 'audits')),
    pageOf: (month) => `${config.gateway.publicUrl}/audits/${month}`,
  };
}
