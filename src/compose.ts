/** Config -> Deps: the only place that constructs concrete things. */
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import { createAuditHeads } from './adapters/audit-heads.ts';
import { type AwsKeys, awsCredentials } from './adapters/aws.ts';
import { createComprehend } from './adapters/comprehend.ts';
import { createCustomerIds } from './adapters/customer-ids.ts';
import { createErasureSecrets } from './adapters/erasure-secrets.ts';
import { loadHelp } from './adapters/help-files.ts';
import { createLinks } from './adapters/links.ts';
import { createLocalAnalyser } from './adapters/local-analyser.ts';
import { createOutbox } from './adapters/outbox.ts';
import { createPagerDuty } from './adapters/pagerduty.ts';
import { createPeople } from './adapters/people.ts';
import { createSesClient, createSesMailer } from './adapters/ses.ts';
import { createSlackPoster } from './adapters/slack.ts';
import { createSlackCopies } from './adapters/slack-copies.ts';
import { createSlackDesk } from './adapters/slack-desk.ts';
import { createSlackDoor } from './adapters/slack-door.ts';
import { createSnsDoor } from './adapters/sns.ts';
import type { ReadSource } from './adapters/source-files.ts';
import { createStatuspage } from './adapters/statuspage.ts';
import type { Team } from './adapters/team.ts';
import { whileBusy } from './busy.ts';
import { createStewardClient, type StewardClient } from './client.ts';
import { composeAudits } from './compose-audits.ts';
import { composeCodec } from './compose-codec.ts';
import { prepareDatabase } from './compose-database.ts';
import { composeErasure, composeErasureRequests, deleteHistoryBy, isErasureRunningBy } from './compose-erasure.ts';
import { type ReadFiles, readFiles } from './compose-files.ts';
import { composeFlows, flowAnswersBy, flowStandingBy } from './compose-flows.ts';
import { composeHealing } from './compose-healing.ts';
import { composeHttp } from './compose-http.ts';
import { composeKeys } from './compose-keys.ts';
import { composePlans } from './compose-plans.ts';
import { composeRetention } from './compose-retention.ts';
import { createLiveRules, type LiveRules, type Rules, readRules } from './compose-rules.ts';
import { composeWebhooks } from './compose-webhooks.ts';
import type { Config } from './config.ts';
import type { Deps } from './deps.ts';
import type { AssignmentsDue } from './deps-assignments.ts';
import { ownLists } from './domain/list-mail.ts';
import type { PrivacyPolicy } from './domain/privacy-policy.ts';
import { respondersOf } from './domain/responders.ts';
import { logAsked } from './erasure-asked.ts';
import { type Reapplied, reapplyErasures, unapplied } from './erasure-reapply.ts';
import type { GatewayDeps } from './http/deps.ts';
import { createHumanTasks } from './human-tasks.ts';
import type { Secret } from './secret.ts';
import { createAssigner } from './store/assign.ts';
import { createAssignmentsDue } from './store/assignments-due.ts';
import { createAuditLog } from './store/audit.ts';
import { type Sequencer, startSequencer } from './store/audit-sequencer.ts';
import type { KeyRing } from './store/data-keys.ts';
import { type Database, type Databases, openDatabases } from './store/database.ts';
import { createDeliveryStore } from './store/deliveries.ts';
import { createErasureStore } from './store/erasures.ts';
import { createFeedbackStore } from './store/feedback.ts';
import type { DbRole } from './store/grants.ts';
import { createHelpStore } from './store/help.ts';
import { createTaskStore } from './store/human-tasks.ts';
import { createIntakeStore } from './store/intake.ts';
import { createKeyStore, type KeyStore } from './store/keys.ts';
import { createMonthlyAuditReader } from './store/monthly-audits.ts';
import { createNoticeStore } from './store/notices.ts';
import { createPageStore } from './store/pages.ts';
import { createParkedBatchStore } from './store/parked-batches.ts';
import { createParkedMailStore } from './store/parked-mails.ts';
import { agentsOff, createPresenceStore } from './store/presence.ts';
import { replaceRules, saveRules } from './store/rules.ts';
import { type SeedCustomer, saveCustomers } from './store/seed.ts';
import { createSlackCalls } from './store/slack-calls.ts';
import { createSnapshots } from './store/snapshots.ts';
import { createSummaryStore } from './store/summaries.ts';
import { createTaskDesk } from './store/task-desk.ts';
import { createTicketStore } from './store/tickets.ts';
import type { ClearText } from './temporal/codec.ts';
import { patient } from './temporal/patience.ts';

export type { SeedCustomer } from './store/seed.ts';

export interface Composed {
  /** A pool for each part of Steward that runs in this process, under its own role. */
  readonly databases: Databases;
  /** The worker's. */
  readonly db: Database;
  readonly deps: Deps;
  readonly team: Team;
  readonly rules: RulesAtWork;
  /** What in the files is lawful, and perhaps not meant. */
  readonly warnings: readonly string[];
  readonly keys: KeyStore;
  /** Where platforms' own events come in. */
  readonly sources: readonly ReadSource[];
  /** How everything that Temporal keeps is written and read. */
  readonly dataConverter: DataConverter;
  readonly workerDataConverter: DataConverter;
  readonly ring: KeyRing;
  /** Does the key-encryption key belong to this database? Makes it on first start. @throws StewardError InvalidConfig */
  readonly assertKeys: () => Promise<void>;
  /**
   * Brings the schema up to date, or sees that it is where only its owner may; the names of what was applied.
   * @param role of the part that is about to start. @throws StewardError Unavailable
   */
  readonly migrate: (role?: DbRole) => Promise<string[]>;
  /** Loads what is kept as files into the database: agents, help articles, who is told of tickets. */
  readonly loadFiles: () => Promise<void>;
  /** Customers as a CRM would know them, where there are none yet. */
  readonly seedCustomers: (customers: readonly SeedCustomer[]) => Promise<void>;
  /** Erases again whom a restored backup has brought back. Before anybody is let in. */
  readonly reapply: (temporal: Client) => Promise<readonly Reapplied[]>;
  /** How many erasures of the ledger this database knows nothing of. `patienceMs`: for a database that is busy; half a minute unless told. */
  readonly forgotten: (patienceMs?: number) => Promise<number>;
  /** Tickets whose workflows are to look for an agent. */
  readonly assignmentsDue: AssignmentsDue;
  /** Orders the audit log from now on, as long as no other process does. */
  readonly startSequencer: (onTrouble: (error: unknown) => void) => Sequencer;
  readonly close: () => Promise<void>;
}

/** The rules that are in force, and how to take over others. */
export interface RulesAtWork {
  readonly live: LiveRules;
  readonly read: () => Promise<Rules>;
  /** Writes down that they have changed, and what of them the database has. */
  readonly save: (next: Rules, changed: readonly string[]) => Promise<void>;
}

export interface Settled {
  readonly config: Config;
  readonly databaseUrl: Secret;
  readonly linkSecret: Secret;
  readonly slackToken?: Secret | undefined;
  readonly slackSigningSecret?: Secret | undefined;
  readonly pagerDutyKey?: Secret | undefined;
  /** Undefined: its SDK looks where AWS users keep theirs. */
  readonly aws?: AwsKeys | undefined;
  readonly assertionSecret?: Secret | undefined;
  /** Secrets by the names that policies give them. */
  readonly namedSecret?: ((name: string) => Secret | undefined) | undefined;
  /** In the place of the file. */
  readonly privacy?: PrivacyPolicy;
  /** Where they have been read already. */
  readonly files?: ReadFiles;
  /** What becomes of clear text where no setting says it. */
  readonly clearText?: ClearText;
}

/** @throws StewardError InvalidFlow, InvalidPolicy, InvalidTemplate: whatever is wrong with the files, before anything runs. */
export async function compose(settled: Settled, overrides: Partial<Deps> = {}): Promise<Composed> {
  const { config } = settled;
  const files = settled.files ?? (await readFiles(config.files));
  const databases = openDatabases({ url: settled.databaseUrl.reveal(), poolSize: config.database.poolSize });
  const db = databases.as('steward_worker');
  const { flow, warnings } = files.pinned;
  const rules = createLiveRules(files.rules);
  const { team } = rules;
  const transports = {
    mail: config.ses ? ('ses' as const) : ('outbox' as const),
    slack: config.slack ? ('slack' as const) : ('outbox' as const),
    pagerduty: config.pagerDuty ? ('pagerduty' as const) : ('outbox' as const),
  };
  const { ring, ...converters } = composeKeys({
    config,
    db: databases.as('steward_keys'),
    makeKek: true,
    clearText: settled.clearText ?? 'refuse',
  });
  const privacy = settled.privacy ?? files.privacy;
  const links = linksOf(settled);
  const { sources, templates } = files;
  const outbox = createOutbox({ dir: join(config.stateDir, 'outbox'), from: config.mailFrom });
  const slackSettings = slackOf(settled);
  const slack = slackSettings && createSlackPoster(slackSettings);
  const slackCopies = createSlackCopies(slack, ({ kind, id }) => {
    return (kind === 'contact' ? team.contact(id) : team.agent(id))?.slack ?? null;
  });
  const local = createLocalAnalyser();
  const assigner = createAssigner(db, team);
  const sending = { transports, automaticPerDay: config.automaticPerDay };
  const deliveries = createDeliveryStore(db, sending);
  const help = createHelpStore(db);
  const secretOf = secretsOf(settled);
  const webhooks = composeWebhooks(config, files.webhooks, db, secretOf);
  const http = composeHttp(files.http, secretOf);
  const credentials = awsCredentials(settled.aws);
  const shortTextLanguage = local.language;
  const comprehend = config.comprehend && createComprehend({ ...config.comprehend, credentials, shortTextLanguage });
  const ses = config.ses && createSesClient({ ...config.ses, credentials });
  const deps: Deps = {
    dataKeys: ring,
    audits: composeAudits(config, db, privacy),
    retention: composeRetention({ db, outbox, slack: slackCopies }),
    parkedBatches: createParkedBatchStore(db, ring),
    tasks: { store: createTaskStore(db), people: createPeople(team) },
    webhooks: webhooks.deps,
    healing: composeHealing({ rules: files.healing, db, comprehend, slack: slackSettings, ses }),
    ...composeFlows(db, sending),
    http: http.caller,
    notices: createNoticeStore(db, config.policyCheckMs),
    policyFiles: [config.files.team, config.files.sla, config.files.escalation],
    erasure: composeErasure({
      config,
      db,
      keys: ring,
      policy: privacy,
      linkSecret: settled.linkSecret.reveal(),
      outbox,
      slack: slackCopies,
      hasSlack: slack !== undefined,
      pageOf: links.erasurePage,
      secretOf,
    }),
    tickets: createTicketStore(db, {
      digests: createErasureSecrets(settled.linkSecret.reveal()).subjectDigests,
      assigner,
    }),
    deliveries,
    summaries: createSummaryStore(db),
    contexts: deliveries,
    help,
    snapshots: createSnapshots(db),
    directory: team,
    plans: composePlans(config, flow, rules),
    responders: {
      async of(level, assigneeId, at) {
        const off = await agentsOff(db);
        const agents = team.agents.map((agent) => ({ ...agent, onDuty: !off.has(agent.id) }));
        return respondersOf(level, { ...team, agents, rotas: rules.now.escalation.rotas }, assigneeId, at);
      },
    },
    templates,
    links,
    outbox,
    local,
    comprehend,
    status: config.statuspage && createStatuspage(config.statuspage),
    mailer: config.ses && ses && createSesMailer({ client: ses, ...config.ses }),
    slack,
    slackDesk: slackSettings && config.slack?.callsBack ? createSlackDesk(slackSettings) : undefined,
    pager:
      config.pagerDuty && createPagerDuty({ key: settled.pagerDutyKey?.reveal() ?? '', url: config.pagerDuty.url }),
    transports,
    audit: createAuditLog(db),
    ...overrides,
  };
  return {
    databases,
    db,
    deps,
    team,
    rules: {
      live: rules,
      read: () => readRules(config.files, new Date()),
      save: (next, changed) => replaceRules(db, rules.now, next, changed),
    },
    warnings,
    sources,
    ...converters,
    ring,
    assertKeys: () => whileBusy(ring.assertReady),
    keys: createKeyStore(databases.as('steward_operator'), { kind: 'system', id: 'start' }),
    migrate: (role = 'steward_worker') =>
      prepareDatabase(settled.databaseUrl, databases.as(role), { role, migrate: config.database.migrate }),
    seedCustomers: (customers) => saveCustomers(db, customers),
    loadFiles: async () => {
      http.load();
      const articles = await loadHelp(config.files.help);
      await whileBusy(() => saveRules(db, rules.now));
      await whileBusy(() => deps.flows.keep(flow));
      await whileBusy(() => webhooks.load());
      await whileBusy(() => help.replaceAll(articles));
    },
    reapply: (temporal) =>
      reapplyErasures({
        erasure: deps.erasure,
        keys: ring,
        deleteHistory: deleteHistoryBy(temporal.workflowService, config.temporal.namespace),
        isRunning: isErasureRunningBy(temporal.workflowService, config.temporal.namespace),
        tasks: {
          ofFlows: deps.tasks.store.ofFlows,
          callOff: createStewardClient(temporal, { taskQueue: config.taskQueue }).tasks.callOff,
        },
        by: { kind: 'system', id: 'start' },
      }),
    forgotten: async (patienceMs) => {
      const store = createErasureStore(databases.as('steward_gateway'));
      return (await whileBusy(() => unapplied({ store, ledger: deps.erasure.ledger }), patienceMs)).length;
    },
    assignmentsDue: createAssignmentsDue(db, assigner),
    startSequencer: (onTrouble) => startSequencer({ db, heads: createAuditHeads(config.auditHeads), onTrouble }),
    async close() {
      await ring.close();
      await databases.close();
    },
  };
}

/** What the gateway needs, on the same database, under its own role. */
export function composeGateway(
  settled: Settled,
  composed: Composed,
  temporal: Client,
  client: StewardClient,
  log: GatewayDeps['log'],
): GatewayDeps {
  const { namespace } = settled.config.temporal;
  const { snsTopics } = settled.config.gateway;
  const db = composed.databases.as('steward_gateway');
  const asked = patient(client, temporal);
  const answerFlowTask = flowAnswersBy(db, asked.flows);
  return {
    codec: composeCodec({ db, ring: composed.ring, temporal: settled.config.temporal, linkSecret: settled.linkSecret }),
    client: {
      ...asked,
      operateErasure: logAsked(
        {
          audit: createAuditLog(db),
          policy: composed.deps.erasure.policy,
          nobody: async () => ({ kind: 'system', id: 'gateway' }),
        },
        asked,
      ),
    },
    sources: new Map(composed.sources.map((read) => read(secretsOf(settled))).map((door) => [door.name, door])),
    answerFlowTask: (key, saying, said) => answerFlowTask({ kind: 'key', id: key.id }, saying, said),
    findFlow: async (name) => void (await composed.deps.plans.find(name, async (file) => file)),
    intake: createIntakeStore(db),
    sns: snsTopics.length > 0 ? createSnsDoor({ topics: snsTopics }) : undefined,
    feedback: createFeedbackStore(db),
    parkedMails: createParkedMailStore(db),
    policiesRefused: () => composed.rules.live.isRefused,
    flowStanding: flowStandingBy(db, composed.deps.plans.flow),
    ownLists: ownLists(settled.config.gateway.ownLists),
    isOurs: (email) => composed.team.hasEmail(email),
    presenceBy: (key) => createPresenceStore(db, { kind: 'key', id: key.id }),
    slack: slackDoorOf(settled, composed.team),
    slackCalls: createSlackCalls(db),
    nameOf: (agentId) => composed.team.agent(agentId)?.name,
    tasks: createHumanTasks({
      desk: createTaskDesk(db),
      people: createPeople(composed.team),
      client: asked.tasks,
      nameOf: (agentId) => composed.team.agent(agentId)?.name ?? agentId,
    }),
    pages: createPageStore(db),
    erasures: composeErasureRequests(
      {
        db,
        keys: composed.deps.dataKeys,
        policy: composed.deps.erasure.policy,
        linkSecret: settled.linkSecret.reveal(),
      },
      asked,
      {
        assertionSecret: settled.assertionSecret?.reveal(),
        secondFactor: settled.config.erasure.secondFactor,
      },
    ),
    privacy: composed.deps.erasure.policy,
    audits: createMonthlyAuditReader(db),
    links: linksOf(settled),
    trustedProxies: settled.config.gateway.trustedProxies,
    newCustomerId: createCustomerIds(settled.linkSecret.reveal()),
    pingTemporal: async () => {
      await temporal.workflowService.describeNamespace({ namespace });
    },
    log,
  };
}

function secretsOf({ namedSecret }: Settled) {
  return (name: string) => namedSecret?.(name)?.reveal();
}

function slackOf({ config, slackToken }: Settled) {
  return config.slack && { token: slackToken?.reveal() ?? '', apiUrl: config.slack.apiUrl };
}

function slackDoorOf(settled: Settled, team: Team) {
  const [slack, secret] = [slackOf(settled), settled.slackSigningSecret];
  return slack && secret ? createSlackDoor({ ...slack, signingSecret: secret.reveal(), team }) : undefined;
}

export function linksOf(settled: Pick<Settled, 'config' | 'linkSecret'>) {
  const { gateway, temporal } = settled.config;
  return createLinks({
    secret: settled.linkSecret.reveal(),
    publicUrl: gateway.publicUrl,
    webUiUrl: temporal.webUiUrl,
    namespace: temporal.namespace,
    replyTo: settled.config.replyTo,
  });
}
