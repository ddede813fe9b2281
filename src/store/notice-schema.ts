import type { Generated, GeneratedAlways } from 'kysely';
import type { Way } from '../domain/circuit.ts';
import type { NoticeKind, NoticeOccasion } from '../domain/notice.ts';

/** The tables of migration 0034. */
export interface NoticeSchema {
  notices: {
    id: GeneratedAlways<string>;
    kind: NoticeKind;
    subject: string;
    reason: string;
    began_at: Generated<Date>;
    seen_at: Generated<Date>;
    ended_at: Date | null;
    over_at: Date | null;
    watched_until: Generated<Date>;
  };
  notice_messages: {
    notice_id: string;
    occasion: NoticeOccasion;
    recipient_id: string;
    channel: Way;
    status: 'sending' | 'sent' | 'unknown' | 'failed';
    attempts: Generated<number>;
    reason: string | null;
    updated_at: Generated<Date>;
  };
}
