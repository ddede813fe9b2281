/**
 * Which part of Steward may do what with which table: one page, applied after every migration by apply-grants.ts. A new table gets a
 * line here; a test tries every verb of every role on it. Nobody but the owner may TRUNCATE or change tables.
 */
import { KEY_MAKER } from '../domain/access.ts';

export const DB_ROLES = [
  'steward_gateway',
  'steward_worker',
  /** Data keys, and nothing that they open; what becomes of them it may log. */
  'steward_keys',
  /** The `steward` command. */
  'steward_operator',
  /** Those of its commands that look a person up, tell or change what is known of them, and ask for their erasure. */
  'steward_officer',
  /** Reads what was done, never what people wrote or who they are. */
  'steward_auditor',
] as const;
export type DbRole = (typeof DB_ROLES)[number];

export type Verb = 'select' | 'insert' | 'update' | 'delete';
/** On the whole table, or on some of its columns: `update (revoked_at)`. */
export type Right = Verb | `${Exclude<Verb, 'delete'>} (${string})`;
export type TableGrants = Readonly<Partial<Record<DbRole, readonly Right[]>>>;

const EVERYBODY_READS: TableGrants = {
  steward_gateway: ['select'],
  steward_worker: ['select'],
  steward_keys: ['select'],
  steward_operator: ['select'],
  steward_officer: ['select'],
  steward_auditor: ['select'],
};

const ASKED =
  'id, kind, question, form, audience, quorum, barred, otherwise, due_at, ticket_id, workflow_id, first_run_id, occasion, requester, asked_by';

/**
 * Who acts writes it down; who looks on reads it. Nobody changes it or takes it away, and which entry it is, and of when, the database says:
 * whoever could name `id` or `at` could put an entry into the past.
 */
const MAY_LOG = ['insert (actor_kind, actor_id, action, object, why, before, after)'] as const;

export const GRANTS: Readonly<Record<string, TableGrants>> = {
  // Personal data.
  customers: {
    // Whose mail is it, and are they erased? The name is not asked for.
    steward_gateway: ['select (id, email, known_from, created_at, frozen_at, erased_at, kept_by)'],
    steward_worker: ['select', 'insert', 'update', 'delete'],
    // To lock a row is to be able to change it: a column that never changes.
    steward_officer: ['select', 'update (created_at)'],
  },
  messages: {
    steward_gateway: ['select', 'insert'],
    steward_worker: ['select', 'insert', 'update'],
    steward_officer: ['select', 'update (subject, body, mail_id, new_words)'],
  },

  // Mails for which nobody has answered yet.
  parked_mails: {
    steward_gateway: ['select', 'insert', 'delete'],
    steward_worker: ['select', 'delete'],
    // Who wrote, and what, only the gateway's own page tells, by a key.
    steward_operator: ['select (id, reason, at)'],
    steward_officer: ['select'],
  },
  tickets: {
    steward_gateway: ['select'],
    steward_worker: ['select', 'insert', 'update'],
    steward_operator: ['select'],
    steward_officer: ['select', 'update (emptied_at)'],
  },
  timeline: {
    steward_worker: ['select', 'insert', 'update', 'delete'],
    steward_operator: ['select'],
    steward_officer: ['select'],
  },
  events: {
    steward_gateway: ['select', 'insert'],
    steward_worker: ['select', 'insert', 'update'],
    steward_officer: ['select'],
  },
  held_events: {
    steward_gateway: ['insert'],
    steward_worker: ['select', 'delete'],
    steward_officer: ['select'],
  },
  ratings: {
    steward_gateway: ['select', 'insert', 'update'],
    steward_worker: ['select', 'insert', 'update'],
    steward_officer: ['select'],
  },
  deliveries: {
    // Which ticket does this mail answer?
    // And what the provider says of one afterwards.
    steward_gateway: [
      'select (id, ticket_id, recipient_kind, recipient_id, transport, template, status, attempts, provider_message_id)',
      'update (status, reason, updated_at)',
    ],
    steward_worker: ['select', 'insert', 'update'],
    steward_operator: ['select'],
    steward_officer: ['select', 'update (provider_message_id, facts)'],
  },
  // What flows without a ticket told somebody.
  run_messages: {
    steward_gateway: [
      'select (id, recipient_kind, recipient_id, transport, status, attempts, provider_message_id)',
      'update (status, reason, updated_at)',
    ],
    steward_worker: ['select', 'insert', 'update'],
    steward_officer: ['select', 'update (provider_message_id)'],
  },
  // Too many messages of one kind come as one.
  message_windows: {
    steward_worker: ['select', 'insert', 'update'],
    steward_operator: ['select'],
    steward_officer: ['select'],
  },
  // What the mail provider says, and who gets no mail.
  sns_messages: { steward_gateway: ['select', 'insert', 'update (finished_at)', 'delete'] },
  // Calls of Slack that were taken.
  slack_calls: { steward_gateway: ['select', 'insert', 'delete'] },
  suppressions: {
    steward_gateway: ['select', 'insert', 'update (reason)'],
    steward_worker: ['select', 'delete'],
    steward_officer: ['select', 'delete'],
  },
  // Who is there is theirs to say, by whichever door.
  agents: {
    steward_gateway: ['select (id, presence, presence_at)', 'update (presence, presence_at)'],
    steward_worker: ['select', 'insert', 'update', 'delete'],
    steward_operator: ['select', 'update (presence, presence_at)'],
  },
  assignments: { steward_worker: ['select', 'insert'], steward_officer: ['select'] },
  waiting_tickets: {
    steward_worker: ['select', 'insert', 'update', 'delete'],
    steward_operator: ['select'],
    steward_officer: ['select'],
  },
  sla_clocks: {
    steward_worker: ['select', 'insert', 'update', 'delete'],
    steward_operator: ['select'],
    steward_officer: ['select'],
  },
  sla_rules: { steward_worker: ['select', 'insert'], steward_operator: ['select'] },
  snapshots: { steward_worker: ['select', 'insert', 'update'] },

  consents: { steward_worker: ['select', 'update', 'delete'], steward_officer: ['select', 'insert', 'update'] },
  // Triggers see to it that a line stays as it was, but for the name in it.
  consent_history: {
    steward_worker: ['select', 'update (customer_id, evidence)'],
    steward_officer: ['select', 'insert'],
  },
  legal_holds: {
    steward_worker: ['select', 'update (customer_id)'],
    steward_officer: ['select', 'insert', 'update (lifted_by, lifted_at)'],
  },

  // What the operator gave is the worker's to open.
  parked_batches: {
    steward_worker: ['select', 'update (given, taken_at, ending, ended_at)'],
    steward_operator: [
      'select (id, act, fingerprint, per_second, started_by, started_at, taken_at, ending, ended_at)',
      'insert (id, act, fingerprint, per_second, given, started_by)',
    ],
  },
  parked_batch_items: {
    steward_worker: ['select', 'insert', 'update'],
    steward_operator: ['select'],
    steward_officer: ['select'],
  },

  // What people are asked to decide: anybody of ours asks, and the task's workflow says what became of it.
  human_tasks: {
    steward_gateway: ['select', `insert (${ASKED})`],
    steward_worker: ['select', 'insert', 'update (delegates, delegated_at, ending, outcome, decided_by, ended_at)'],
    steward_operator: ['select', `insert (${ASKED})`],
    steward_officer: ['select'],
  },
  human_task_decisions: {
    steward_gateway: ['select'],
    steward_worker: ['select', 'insert'],
    steward_operator: ['select'],
    steward_officer: ['select'],
  },
  human_task_messages: { steward_worker: ['select', 'insert', 'update'], steward_officer: ['select'] },

  // Triggers write the messages of tickets, by their owner's right.
  webhook_endpoints: {
    steward_worker: ['select', 'insert', 'update'],
    steward_operator: ['select', 'update (disabled_at, disabled_why, failures, opened_at, probe_at, pause_ms)'],
  },
  webhook_messages: {
    steward_worker: ['select', 'update (status, attempts, next_at, reason, settled_at)', 'delete'],
    steward_operator: [
      'select',
      'insert (endpoint, type, facts)',
      'update (status, attempts, next_at, due_from, reason, settled_at)',
    ],
    steward_officer: ['select'],
  },

  // Providers that fail. An operator may end an incident.
  provider_circuits: {
    steward_worker: ['select', 'insert', 'update'],
    steward_operator: ['select', 'update (failures, successes)'],
  },
  provider_incidents: {
    steward_worker: ['select', 'insert', 'update'],
    steward_operator: ['select', 'update (closed_at, closed_by, watched_until)'],
  },
  incident_messages: { steward_worker: ['select', 'insert', 'update'], steward_operator: ['select'] },
  // What the admins are told of beside them.
  notices: { steward_worker: ['select', 'insert', 'update'] },
  notice_messages: { steward_worker: ['select', 'insert', 'update'] },
  degraded_tickets: {
    steward_worker: ['select', 'insert', 'update', 'delete'],
    steward_operator: ['select'],
    steward_officer: ['select'],
  },

  // What happens to tickets. Who deploys writes a line; nobody changes one.
  flow_versions: {
    steward_worker: ['select', 'insert', 'update (read_at)'],
    steward_operator: ['select', 'insert (name, version, definition)'],
  },
  flow_deployments: {
    steward_gateway: ['select (name, number, kind, version, base_version)'],
    steward_worker: ['select', 'insert'],
    steward_operator: ['select', 'insert'],
  },

  // Requests to be forgotten. The gateway writes them down and counts; what they lead to is the worker's.
  erasures: {
    steward_gateway: [
      'select',
      'insert (id, via, state, sealed, due_at, requested_by, requester, voucher, asserted_at, proved_at, proved_by)',
      'update (code_attempts, code_digest, proved_at, proved_by)',
    ],
    steward_worker: ['select', 'insert', 'update'],
    steward_officer: [
      'select',
      'insert (id, via, state, sealed, due_at, requested_by, requester, voucher, asserted_at, proved_at, proved_by)',
      'update (code_attempts, code_digest, proved_at, proved_by)',
    ],
    steward_auditor: ['select (id, via, state, received_at, due_at, extended_to, outcome, ended_at, erased_at)'],
  },
  erasure_steps: {
    // A step that is begun again counts on.
    steward_worker: ['select', 'insert', 'update (receipt)'],
    steward_officer: ['select'],
    steward_auditor: ['select'],
  },
  erasure_recipients: {
    steward_gateway: ['select'],
    steward_worker: ['select', 'insert', 'update'],
    steward_officer: ['select'],
  },
  erasure_mails: { steward_worker: ['select', 'insert', 'update'], steward_officer: ['select'] },
  erasure_fingerprints: { steward_worker: ['select', 'insert'] },
  erasure_findings: {
    steward_worker: ['select', 'insert'],
    steward_officer: ['select'],
    steward_auditor: ['select'],
  },
  erasure_assertions: {
    steward_gateway: ['select', 'insert', 'update (until)', 'delete'],
    steward_worker: ['select', 'delete'],
  },
  request_limits: {
    steward_gateway: ['select', 'insert', 'update (count)', 'delete'],
    steward_worker: ['select', 'delete'],
    steward_officer: ['select', 'insert', 'update (count)', 'delete'],
  },

  data_keys: {
    steward_keys: ['select', 'insert', 'update'],
    // Which requests of the ledger are done? That a key is destroyed, and never the key.
    steward_gateway: ['select (name, shredded_at)'],
    // Whose is the key? Which are a person's? Making and destroying them is the key ring's.
    steward_worker: ['select', 'insert (name, subject_id, named_as, created_at)', 'update (subject_id, named_as)'],
    // Is there such a workflow?
    steward_operator: ['select (name)'],
    steward_officer: ['select'],
  },

  audit_entries: {
    steward_gateway: MAY_LOG,
    steward_worker: ['select', ...MAY_LOG],
    // That a key is destroyed.
    steward_keys: MAY_LOG,
    steward_operator: MAY_LOG,
    steward_officer: MAY_LOG,
    // That somebody looked is an entry too.
    steward_auditor: ['select', ...MAY_LOG],
  },
  // The worker orders the entries. A new one gets into the list of those without a position by a trigger, under its owner's right.
  audit_chain: { steward_worker: ['select', 'insert'], steward_auditor: ['select'] },
  audit_unplaced: { steward_worker: ['select', 'delete'], steward_auditor: ['select'] },

  // Reports stand as they were given out.
  monthly_audits: {
    steward_gateway: ['select'],
    steward_worker: ['select', 'insert'],
    steward_auditor: ['select'],
  },
  monthly_audit_runs: {
    steward_gateway: ['select'],
    steward_worker: ['select', 'insert'],
    steward_auditor: ['select'],
  },
  monthly_audit_mails: { steward_worker: ['select', 'insert', 'update'] },

  help_articles: { steward_worker: ['select', 'insert', 'update', 'delete'] },
  help_words: { steward_worker: ['select', 'insert', 'delete'] },
  help_small_talk: { steward_worker: ['select', 'insert', 'delete'] },

  api_keys: {
    // Only who is shown keys compares hashes (a command by an agent's own), and only a person at a command makes them.
    steward_gateway: ['select (id, name, hash, role, agent_id, revoked_at)'],
    [KEY_MAKER]: ['select (id, name, hash, role, agent_id, created_at, revoked_at)', 'insert', 'update (revoked_at)'],
    // Whose is the key that an officer shows at the command line?
    steward_officer: ['select (id, hash, role, agent_id, revoked_at)'],
    steward_auditor: ['select (id, name, role, agent_id, created_at, revoked_at)'],
  },
  // Is the schema up to date?
  migrations: EVERYBODY_READS,
};

/** Functions of ours, by name, and who calls them. Those of triggers need nobody: PostgreSQL asks for no right when a trigger fires. */
export const FUNCTIONS: Readonly<Record<string, readonly DbRole[]>> = {
  help_words_in: ['steward_worker'],
  audit_changed: ['steward_worker'],
  audit_list_unplaced: [],
  audit_refuse_change: [],
  consent_history_stays: [],
  webhook_ticket_changed: [],
  webhook_ticket_answered: [],
  degraded_ticket_noted: [],
  task_names_customer: ['steward_gateway', 'steward_operator'],
};
