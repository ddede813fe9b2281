/** What the commands of the privacy officer work with. */

import { createErasureSecrets } from './adapters/erasure-secrets.ts';
import { readPrivacyPolicy } from './adapters/privacy-policy.ts';
import { flowRunId } from './contract-flow.ts';
import type { AuditActor } from './domain/audit.ts';
import type { Identity } from './domain/identity.ts';
import type { JsonObject } from './domain/json.ts';
import type { Who } from './domain/person.ts';
import { type ExportTables, type PersonExport, personExport, type RunWords } from './domain/person-export.ts';
import type { PrivacyPolicy } from './domain/privacy-policy.ts';
import { identifyOfficer } from './officer.ts';
import type { Secret } from './secret.ts';
import { createAuditLog } from './store/audit.ts';
import { type ConsentStore, createConsentStore } from './store/consents.ts';
import type { Database } from './store/database.ts';
import { createHoldStore, type HoldStore } from './store/holds.ts';
import { createOfficerReader } from './store/officers.ts';
import { personRows } from './store/person-rows.ts';
import { type RetentionBatch, type RetentionOrder, retentionBatch } from './store/retention.ts';
import { countRuns } from './store/retention-runs.ts';
import { createSuppressionStore, type SuppressionStore } from './store/suppressions.ts';

export type { ConsentRegister } from './store/consents.ts';
export type { PlacedHold } from './store/holds.ts';
export type { RetentionBatch, RetentionOrder } from './store/retention.ts';

export interface DueForRetention extends RetentionBatch {
  /** Runs of flows of which nothing was heard since; whether they are over, Temporal knows. */
  readonly runs: { readonly runs: number; readonly held: number };
}

export interface PrivacyDesk {
  /** @throws StewardError InvalidPolicy */
  readonly policy: () => Promise<PrivacyPolicy>;
  readonly consents: ConsentStore;
  readonly holds: HoldStore;
  /** Who sits here, as far as they show it. @throws StewardError InvalidConfig: an API key that is none, or whose role may not decide */
  readonly identify: (label: string) => Promise<Identity>;
  readonly suppressions: SuppressionStore;
  readonly dueForRetention: (order: Omit<RetentionOrder, 'dryRun'>) => Promise<DueForRetention>;
  /** Logs a look at personal data, in counts, before it is shown. @throws when it can't be logged */
  readonly looked: (action: 'consent.shown' | 'hold.listed', after: JsonObject) => Promise<void>;
  /** @throws StewardError CustomerUnknown; Unavailable: there is no link secret, by which runs for them are found */
  readonly exportPerson: (who: Who, now: Date, runWords: ReadRuns) => Promise<PersonExport>;
}
/** Of these workflows; asked only where there is one. */
export type ReadRuns = (workflowIds: readonly string[]) => Promise<readonly RunWords[]>;

export interface PrivacyParts {
  readonly db: Database;
  readonly policyFile: string;
  /** Whom the audit log names. */
  readonly by: AuditActor;
  readonly officerKey?: Secret | undefined;
  /** Finds what digests of runs are keyed with. @throws StewardError Unavailable */
  readonly linkSecret: () => Promise<Secret>;
}

export function composePrivacy({ db, policyFile, by, officerKey, linkSecret }: PrivacyParts): PrivacyDesk {
  const policy = () => readPrivacyPolicy(policyFile);
  return {
    policy,
    consents: createConsentStore(db, by),
    holds: createHoldStore(db),
    identify: (label) => identifyOfficer(createOfficerReader(db), officerKey, label),
    suppressions: createSuppressionStore(db, by),
    // What is counted goes by the workflow alone, with keys, files and histories.
    dueForRetention: async (order) => ({
      ...(await retentionBatch(db, { ...order, dryRun: true }, by)),
      runs: await countRuns(db, order),
    }),
    looked: (action, after) => {
      const object = action === 'consent.shown' ? 'consent' : 'hold';
      return createAuditLog(db).append([{ actor: by, action, object, after }]);
    },
    async exportPerson(who, now, runWords) {
      const { subjectDigests } = createErasureSecrets((await linkSecret()).reveal());
      const found = await personRows(db, subjectDigests, who);
      const ids = Object.values(found.rows).flatMap(runsIn);
      const runs = ids.length === 0 ? [] : await runWords(ids);
      const exported = personExport(await policy(), { ...found, runs }, now);
      // Before it is given out. Whose it was is told by counts and the tickets' ids alone: the log outlives the person's data.
      await createAuditLog(db).append([
        { actor: by, action: 'person.exported', object: 'person', after: extentOf(exported) },
      ]);
      return exported;
    },
  };
}

const MOST_TICKETS = 100;

/** Names of keys are ids of workflows. */
function runsIn({ data_keys: keys = [] }: ExportTables): string[] {
  return keys.map(({ name }) => String(name)).filter((name) => flowRunId(name) !== undefined);
}

function extentOf({ categories, runs }: PersonExport): JsonObject {
  const tickets = categories.flatMap(({ tables }) => (tables.tickets ?? []).map((row) => String(row.id)));
  const count = (tables: PersonExport['categories'][number]['tables']) =>
    Object.values(tables).reduce((sum, rows) => sum + rows.length, 0);
  return {
    rows: Object.fromEntries(categories.map(({ category, tables }) => [category, count(tables)])),
    tickets: tickets.slice(0, MOST_TICKETS),
    ...(runs.length === 0
      ? {}
      : { runs: [...new Set(runs.map(({ workflowId }) => workflowId))].slice(0, MOST_TICKETS) }),
  };
}
