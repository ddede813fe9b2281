import type { Generated, GeneratedAlways, JSONColumnType } from 'kysely';
import type { KeyRole } from '../domain/access.ts';
import type { RecipientKind } from '../domain/delivery.ts';
import type { Json, JsonObject } from '../domain/json.ts';
import type { Presence } from '../domain/presence.ts';
import type { Category } from '../domain/privacy-policy.ts';
import type { ParkedReason } from '../domain/receipt.ts';
import type { Metric } from '../domain/sla.ts';
import type { ClockRow } from '../domain/sla-row.ts';
import type { ErasureSchema } from './erasure-schema.ts';
import type { FlowSchema } from './flow-schema.ts';
import type { HealingSchema } from './healing-schema.ts';
import type { HumanTaskSchema } from './human-task-schema.ts';
import type { MessageWindowSchema } from './message-window-schema.ts';
import type { MonthlyAuditSchema } from './monthly-audit-schema.ts';
import type { NoticeSchema } from './notice-schema.ts';
import type { ParkedSchema } from './parked-schema.ts';
import type { RunMessageSchema } from './run-message-schema.ts';
import type { WebhookSchema } from './webhook-schema.ts';

/** The tables as Kysely sees them; `migrations/` is the source. */
export interface Schema
  extends ErasureSchema,
    FlowSchema,
    HealingSchema,
    HumanTaskSchema,
    MessageWindowSchema,
    MonthlyAuditSchema,
    NoticeSchema,
    ParkedSchema,
    RunMessageSchema,
    WebhookSchema {
  customers: {
    id: string;
    name: string | null;
    email: string | null;
    phone: string | null;
    tier: string | null;
    known_from: 'crm' | 'ticket' | 'held';
    first_ticket_id: string | null;
    created_at: Generated<Date>;
    erasure_id: string | null;
    frozen_at: Date | null;
    erased_at: Date | null;
    kept_by: Generated<string | null>;
  };
  tickets: {
    id: string;
    source: string;
    customer_id: string;
    run_id: string;
    flow: string;
    channel: string | null;
    linked_to: string | null;
    platform_score: number | null;
    envelope_tier: string | null;
    state: string;
    route: string;
    priority: string | null;
    tier: string | null;
    assignee_id: string | null;
    weight: Generated<number>;
    episode: Generated<number>;
    needs_attention: Generated<boolean>;
    facts: JSONColumnType<JsonObject>;
    revision: Generated<number>;
    opened_at: Date;
    updated_at: Date;
    emptied_at: Date | null;
  };
  messages: {
    id: GeneratedAlways<string>;
    ticket_id: string;
    origin: string;
    author: 'customer' | 'bot' | 'agent';
    author_id: string | null;
    subject: string | null;
    body: string;
    internal: Generated<boolean>;
    at: Generated<Date>;
    mail_id: string | null;
    new_words: string | null;
  };
  parked_mails: {
    id: string;
    reason: ParkedReason;
    sender: string | null;
    mail: string | null;
    provider_id: string;
    at: Generated<Date>;
  };
  timeline: {
    ticket_id: string;
    seq: number;
    at: Date;
    kind: string;
    actor: string;
    facts: JSONColumnType<JsonObject>;
  };
  events: { source: string; event_id: string; ticket_id: string; taken_at: Generated<Date> };
  held_events: {
    source: string;
    event_id: string;
    ticket_id: string;
    type: string;
    message_id: string | null;
    agent_id: string | null;
    score: number | null;
    held_at: Generated<Date>;
  };
  deliveries: {
    id: GeneratedAlways<string>;
    ticket_id: string;
    occasion: string;
    recipient_kind: RecipientKind;
    recipient_id: string;
    channel: string;
    transport: string;
    template: string;
    message_id: string | null;
    facts: JSONColumnType<JsonObject>;
    status: string;
    attempts: Generated<number>;
    repeats: Generated<number>;
    reason: string | null;
    provider_message_id: string | null;
    window_id: string | null;
    created_at: Generated<Date>;
    updated_at: Generated<Date>;
  };
  agents: {
    id: string;
    skills: JSONColumnType<JsonObject>;
    capacity: number;
    on_duty: boolean;
    presence: Generated<Presence>;
    presence_at: Generated<Date>;
    last_assigned_at: Date | null;
  };
  assignments: {
    ticket_id: string;
    occasion: string;
    agent_id: string | null;
    relaxed: Generated<Json>;
    at: Generated<Date>;
  };
  waiting_tickets: {
    id: GeneratedAlways<string>;
    ticket_id: string;
    needs: Json;
    weight: number;
    priority: string | null;
    since: Date;
    queued_at: Date;
    agent_id: string | null;
    relaxed: Generated<Json>;
  };
  sla_clocks: {
    ticket_id: string;
    id: string;
    metric: Metric;
    episode: number;
    status: ClockRow['status'];
    policy: string | null;
    rules: string;
    started_at: Date;
    target_ms: string | null;
    paused_ms: string;
    due_at: Date | null;
    warned_at: Date | null;
    breached_at: Date | null;
    ended_at: Date | null;
    derivation: string;
    revision: number;
    written_at: Date;
  };
  sla_rules: { version: string; rules: JSONColumnType<JsonObject>; first_read_at: Generated<Date> };
  slack_calls: { digest: Buffer; taken_at: Generated<Date> };
  suppressions: {
    id: GeneratedAlways<string>;
    customer_id: string;
    reason: 'bounced' | 'complained';
    since: Generated<Date>;
  };
  ratings: { ticket_id: string; episode: number; score: number; at: Generated<Date> };
  snapshots: { source: string; body: JSONColumnType<JsonObject>; at: Date };
  api_keys: {
    id: string;
    name: string;
    hash: string;
    role: KeyRole;
    agent_id: string | null;
    created_at: Generated<Date>;
    revoked_at: Date | null;
  };
  consents: {
    customer_id: string;
    purpose: string;
    status: 'granted' | 'withdrawn';
    at: Date;
    source: string;
    evidence: string | null;
  };
  consent_history: {
    id: GeneratedAlways<string>;
    customer_id: string;
    purpose: string;
    status: 'granted' | 'withdrawn';
    at: Date;
    source: string;
    evidence: string | null;
    recorded_at: Generated<Date>;
  };
  legal_holds: {
    id: string;
    customer_id: string;
    category: Category | 'all';
    why: string;
    until: Date | null;
    placed_by: string;
    placed_at: Generated<Date>;
    lifted_by: string | null;
    lifted_at: Date | null;
  };
  data_keys: {
    name: string;
    id: Generated<string>;
    subject_id: string | null;
    named_as: Buffer[] | null;
    wrapped: Uint8Array | null;
    kek_id: string | null;
    clear_text: Generated<boolean>;
    refuses_clear_text: Generated<boolean>;
    created_at: Generated<Date>;
    shredded_at: Date | null;
  };
  help_articles: { id: string; language: string; title: string; body: string; hash: string };
  help_words: { language: string; word: string; article_id: string; named: boolean };
  help_small_talk: { language: string; word: string };
  audit_entries: {
    id: GeneratedAlways<string>;
    at: Generated<Date>;
    actor_kind: string;
    actor_id: string;
    action: string;
    object: string;
    why: string | null;
    before: JSONColumnType<JsonObject> | null;
    after: JSONColumnType<JsonObject> | null;
  };
  audit_chain: { position: string; entry_id: string; hash: Buffer };
  audit_unplaced: { entry_id: string };
}
