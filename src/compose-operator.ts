/** The concrete things that the commands of an operator work with. Apart from `compose.ts`: no provider's library is loaded for them. */
import type { DataConverter } from '@temporalio/common';
import { sql } from 'kysely';
import { createAuditHeads, joinAuditHeads } from './adapters/audit-heads.ts';
import { createLinks } from './adapters/links.ts';
import { createPeople } from './adapters/people.ts';
import { readTeam } from './adapters/team.ts';
import { findLinkSecret } from './addresses.ts';
import { askFirst } from './compose-database.ts';
import { flowAnswersBy } from './compose-flows.ts';
import { composeKeys } from './compose-keys.ts';
import { composePrivacy, type PrivacyDesk } from './compose-privacy.ts';
import type { Config } from './config.ts';
import type { Links } from './deps.ts';
import type { PresenceStore } from './deps-assignments.ts';
import type { MonthlyAuditReader } from './deps-audits.ts';
import type { FlowClient } from './deps-flow.ts';
import type { TaskClient } from './deps-tasks.ts';
import { KEY_MAKER } from './domain/access.ts';
import type { AuditActor, GuardedVerdict } from './domain/audit.ts';
import type { AuditAction } from './domain/audit-actions.ts';
import { StewardError } from './domain/errors.ts';
import type { JsonObject } from './domain/json.ts';
import { createHumanTasks, type HumanTasks } from './human-tasks.ts';
import { accountOf } from './officer.ts';
import { identifyAgent, type ShownAgent } from './own-key.ts';
import type { Secret } from './secret.ts';
import { createAuditLog } from './store/audit.ts';
import { findOpenGuards } from './store/audit-guard.ts';
import { type AuditReader, createAuditReader } from './store/audit-read.ts';
import { assertReached, verifyAudit } from './store/audit-verify.ts';
import { assertRole, type Database, loginOf, openDatabases, ping } from './store/database.ts';
import { createFlowDesk, type FlowDesk } from './store/flow-desk.ts';
import { createIncidentDesk, type IncidentDesk } from './store/incident-desk.ts';
import { createKeyStore, type KeyStore } from './store/keys.ts';
import { migrate } from './store/migrate.ts';
import { createMonthlyAuditReader } from './store/monthly-audits.ts';
import { createOfficerReader } from './store/officers.ts';
import { createParkedDesk, type ParkedDesk } from './store/parked-desk.ts';
import { createParkedMailDesk, type ParkedMailDesk } from './store/parked-mail-desk.ts';
import { createPresenceStore } from './store/presence.ts';
import { createReader, type Reader } from './store/read.ts';
import { createTaskDesk } from './store/task-desk.ts';
import { createWebhookDesk, type WebhookDesk } from './store/webhook-desk.ts';

export type { GuardedVerdict } from './domain/audit.ts';
export type { AuditFilter, AuditLine, ExportedLink } from './store/audit-read.ts';
export type { FlowDesk, PastTicket } from './store/flow-desk.ts';
export type { IncidentDesk, IncidentLine } from './store/incident-desk.ts';
export type { KeyRow, KeyStore } from './store/keys.ts';
export type { ParkedLine } from './store/parked.ts';
export type { BatchReport, ParkedDesk } from './store/parked-desk.ts';
export type { ParkedMailDesk } from './store/parked-mail-desk.ts';
export type { DeliveryLine, Reader, TicketLine, TicketSummary, TimelineLine } from './store/read.ts';
export type { EndpointLine, MessageLine, WebhookDesk, WebhookSelection } from './store/webhook-desk.ts';

export interface Operator {
  readonly privacy: PrivacyDesk;
  readonly read: Reader;
  readonly keys: KeyStore;
  readonly parkedBatches: ParkedDesk;
  readonly presence: PresenceStore;
  readonly webhooks: WebhookDesk;
  readonly incidents: IncidentDesk;
  readonly flows: FlowDesk;
  /** The file of the flow by which tickets go. */
  readonly flowFile: string;
  /** The client's answer to a Task by its token, with who gave it in the log. */
  readonly flowAnswers: (flows: Pick<FlowClient, 'answer'>) => FlowClient['answer'];
  readonly mails: ParkedMailDesk;
  /** Does the team's file name them? @throws StewardError InvalidPolicy */
  readonly isAgent: (id: string) => Promise<boolean>;
  /** By the people of the team's file. @throws StewardError InvalidPolicy */
  readonly tasks: (client: TaskClient) => Promise<{
    readonly tasks: HumanTasks;
    readonly by: AuditActor;
    /** Who sits here; null: no key is shown. @throws StewardError InvalidConfig: a key by which nobody can decide */
    readonly shown: () => Promise<ShownAgent | null>;
  }>;
  readonly links: Pick<Links, 'webUi'>;
  /** For what is said to Temporal. @throws StewardError InvalidConfig: the key-encryption key is missing, or another database's */
  readonly dataConverter: () => Promise<DataConverter>;
  readonly audit: AuditDesk;
  readonly reports: MonthlyAuditReader;
  readonly close: () => Promise<void>;
}

export interface AuditDesk extends Pick<AuditReader, 'list' | 'links'> {
  /** Logs that something was done here. @throws when it can't be logged */
  readonly note: (action: AuditAction, after: JsonObject) => Promise<void>;
  /** `heads`: other files than the one of the settings. @throws StewardError InvalidRequest: the log ends before `from` */
  readonly verify: (options: { readonly from: number; readonly heads: readonly string[] }) => Promise<GuardedVerdict>;
}

const ROLE = KEY_MAKER;
const MEND = 'Run `npm start` in another terminal';

/** API keys that are shown at the command line, and what signs links where a setting names it. */
export interface OperatorSecrets {
  readonly officerKey?: Secret | undefined;
  readonly agentKey?: Secret | undefined;
  readonly linkSecret?: Secret | undefined;
}

/** @throws StewardError Unavailable, with the address that does not answer and the mend. */
export async function composeOperator(
  config: Config,
  databaseUrl: Secret,
  { officerKey, agentKey, linkSecret }: OperatorSecrets = {},
): Promise<Operator> {
  const databases = openDatabases({ url: databaseUrl.reveal(), poolSize: 2 });
  const db = databases.as(ROLE);
  let actor: AuditActor;
  try {
    await assertReady(db, databaseUrl);
    actor = await loginOf(db);
  } catch (error) {
    await databases.close();
    throw error;
  }
  const { webUiUrl, namespace } = config.temporal;
  const { ring, dataConverter } = composeKeys({
    config,
    db: databases.as('steward_keys'),
    makeKek: false,
    clearText: 'refuse',
  });
  return {
    async dataConverter() {
      await ring.assertReady();
      return dataConverter;
    },
    read: createReader(db),
    keys: createKeyStore(db, actor, [actor.id, ...accountOf()]),
    parkedBatches: createParkedDesk(db, ring, actor),
    presence: createPresenceStore(db, actor),
    webhooks: createWebhookDesk(db, actor),
    incidents: createIncidentDesk(db, actor),
    flows: createFlowDesk(db, actor),
    flowFile: config.files.flow,
    flowAnswers(flows) {
      const answer = flowAnswersBy(db, flows);
      return (saying, said) => answer(actor, saying, said);
    },
    mails: createParkedMailDesk(db),
    isAgent: async (id) => (await readTeam(config.files.team, new Date())).agent(id) !== undefined,
    async tasks(client) {
      const team = await readTeam(config.files.team, new Date());
      const nameOf = (id: string) => team.agent(id)?.name ?? id;
      return {
        tasks: createHumanTasks({ desk: createTaskDesk(db), people: createPeople(team), client, nameOf }),
        by: actor,
        shown: () => identifyAgent(createOfficerReader(db), agentKey, (id) => team.agent(id) !== undefined),
      };
    },
    privacy: composePrivacy({
      db: databases.as('steward_officer'),
      policyFile: config.files.privacy,
      by: actor,
      officerKey,
      linkSecret: () => findLinkSecret(config, { linkSecret }),
    }),
    // No link of a customer is made here, so no secret is needed.
    links: createLinks({ secret: '', publicUrl: config.gateway.publicUrl, webUiUrl, namespace }),
    audit: auditDesk(databases.as('steward_auditor'), config, actor),
    reports: createMonthlyAuditReader(databases.as('steward_auditor')),
    async close() {
      await ring.close();
      await databases.close();
    },
  };
}

function auditDesk(db: Database, config: Config, actor: AuditActor): AuditDesk {
  const log = createAuditLog(db);
  return {
    ...createAuditReader(db),
    note: (action, after) => log.append([{ actor, action, object: 'audit', after }]),
    verify: async ({ from, heads }) => {
      const files = heads.length > 0 ? heads : [config.auditHeads];
      const kept = joinAuditHeads(files.map(createAuditHeads));
      await assertReached(db, kept, from);
      const openGuards = await findOpenGuards(db);
      const verdict = await verifyAudit(db, kept, { from });
      return { ...verdict, ok: verdict.ok && openGuards.length === 0, openGuards };
    },
  };
}

/** `steward migrate`, as the tables' owner. @throws StewardError Unavailable */
export async function migrateDatabase(databaseUrl: Secret): Promise<string[]> {
  await askFirst(databaseUrl, 'See that it runs', () => ping(databaseUrl.reveal()));
  return migrate(databaseUrl.reveal());
}

async function assertReady(db: Database, databaseUrl: Secret): Promise<void> {
  const { rows } = await askFirst(databaseUrl, MEND, () =>
    sql<{ ready: boolean }>`select to_regclass('tickets') is not null as ready`.execute(db),
  );
  if (rows[0]?.ready) {
    return assertRole(db, ROLE);
  }
  throw new StewardError(
    'Unavailable',
    `The database at ${new URL(databaseUrl.reveal()).host} has no tables of Steward yet. Run \`npm start\` once: it makes them.`,
  );
}
