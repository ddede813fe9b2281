/** What the commands of the privacy officer work with. */
import { readPrivacyPolicy } from './adapters/privacy-policy.ts';
import type { Who } from './domain/person.ts';
import { type PersonExport, personExport } from './domain/person-export.ts';
import type { PrivacyPolicy } from './domain/privacy-policy.ts';
import { type ConsentStore, createConsentStore } from './store/consents.ts';
import type { Database } from './store/database.ts';
import { createHoldStore, type HoldStore } from './store/holds.ts';
import { personRows } from './store/person-rows.ts';
import { type RetentionBatch, type RetentionOrder, retentionBatch } from './store/retention.ts';

export type { ConsentRegister } from './store/consents.ts';
export type { PlacedHold } from './store/holds.ts';
export type { RetentionBatch, RetentionOrder } from './store/retention.ts';

export interface PrivacyDesk {
  /** @throws StewardError InvalidPolicy */
  readonly policy: () => Promise<PrivacyPolicy>;
  readonly consents: ConsentStore;
  readonly holds: HoldStore;
  readonly retention: (order: RetentionOrder) => Promise<RetentionBatch>;
  /** @throws StewardError CustomerUnknown */
  readonly exportPerson: (who: Who, now: Date) => Promise<PersonExport>;
}

export function composePrivacy(db: Database, policyFile: string): PrivacyDesk {
  const policy = () => readPrivacyPolicy(policyFile);
  return {
    policy,
    consents: createConsentStore(db),
    holds: createHoldStore(db),
    retention: (order) => retentionBatch(db, order),
    async exportPerson(who, now) {
      return personExport(await policy(), await personRows(db, who), now);
    },
  };
}
