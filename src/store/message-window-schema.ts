import type { Generated, GeneratedAlways } from 'kysely';

/** The table of migration 0027, with what 0038 adds. */
export interface MessageWindowSchema {
  message_windows: {
    id: GeneratedAlways<string>;
    recipient_id: string;
    channel: 'mail' | 'slack';
    template: string;
    held_until: Generated<Date>;
    ends_at: Date;
    most: number;
    messages: Generated<number>;
    closed_at: Date | null;
    status: 'sending' | 'sent' | 'unknown' | 'failed' | null;
    sent_by: 'mail' | 'slack' | null;
    sender: string | null;
    attempts: Generated<number>;
    repeats: Generated<number>;
    next_at: Date | null;
    reason: string | null;
    provider_message_id: string | null;
    given_up_at: Date | null;
    updated_at: Generated<Date>;
  };
}
