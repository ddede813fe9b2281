import type { Generated, GeneratedAlways } from 'kysely';
import type { RunMessageStatus } from '../deps-run-messages.ts';
import type { Channel, RecipientKind, Transport } from '../domain/delivery.ts';

/** The table of migration 0041. */
export interface RunMessageSchema {
  run_messages: {
    id: GeneratedAlways<string>;
    workflow_id: string;
    first_run_id: string;
    occasion: string;
    recipient_kind: RecipientKind;
    recipient_id: string;
    channel: Channel;
    transport: Transport;
    status: RunMessageStatus;
    not_before: Date | null;
    attempts: Generated<number>;
    repeats: Generated<number>;
    reason: string | null;
    provider_message_id: string | null;
    created_at: Generated<Date>;
    updated_at: Generated<Date>;
  };
}
