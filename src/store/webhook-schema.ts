import type { Generated, GeneratedAlways, JSONColumnType } from 'kysely';
import type { JsonObject } from '../domain/json.ts';
import type { WebhookMessage, WebhookStatus } from '../domain/webhook.ts';

/** The tables of migration 0019. */
export interface WebhookSchema {
  webhook_endpoints: {
    name: string;
    events: string[];
    sources: string[] | null;
    active: boolean;
    disabled_at: Date | null;
    disabled_why: string | null;
    failures: Generated<number>;
    opened_at: Date | null;
    probe_at: Date | null;
    pause_ms: string | null;
    last_success_at: Date | null;
    last_failure_at: Date | null;
    last_failure: string | null;
    held_until: Date | null;
  };
  webhook_messages: {
    id: GeneratedAlways<string>;
    message_id: Generated<string>;
    endpoint: string;
    ticket_id: string | null;
    type: WebhookMessage['type'];
    facts: JSONColumnType<JsonObject>;
    at: Generated<Date>;
    status: Generated<WebhookStatus>;
    attempts: Generated<number>;
    next_at: Generated<Date>;
    due_from: Generated<Date>;
    reason: string | null;
    settled_at: Date | null;
  };
}
