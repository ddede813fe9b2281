/** What the admins hear of beside tickets and incidents. That it began, and that it is over, is read from what is so in the database. */
import { type RawBuilder, sql } from 'kysely';
import type { Begun } from '../deps-healing.ts';
import type { NoticeStore } from '../deps-notices.ts';
import { StewardError } from '../domain/errors.ts';
import type { NoticeKind } from '../domain/notice.ts';
import type { ParkedReason } from '../domain/receipt.ts';
import { insertAuditFrom } from './audit.ts';
import type { Database } from './database.ts';

/** Somebody who was to begin with it and did not: another one is. */
const BEGIN_WITHIN = sql`interval '10 seconds'`;
/** One that fails again at once has not come back. */
const CALM = sql`interval '1 minute'`;
/** Of mails that wait, and of summaries in doubt, is told once; those that come after this long are news. */
const RENEWED = sql`interval '1 day'`;

/** Nothing goes out to it: its circuit is open, or its receiver said that it is gone. */
const TAKES_NOTHING = sql`e.active and (e.opened_at is not null or e.disabled_at is not null)`;

/** Policies of which no worker has said in so many looks that they are wrong are right again. */
const POLICY_CHECKS = 6;

/** @param policyCheckMs how often each worker looks at the policies */
export function createNoticeStore(db: Database, policyCheckMs: number): NoticeStore {
  const policiesMs = POLICY_CHECKS * policyCheckMs;
  return {
    async policiesRefused(reason) {
      await sql`with begun as (insert into notices as n (kind, subject, reason) values ('policies', '', ${reason})
          on conflict (kind, subject) where ended_at is null do update set seen_at = now(), reason = excluded.reason
          returning n.*, xmax = 0 as fresh),
        fresh as (select * from begun where fresh)
        ${BEGAN}`.execute(db);
    },

    async wanting() {
      await endThose(db, policiesMs);
      await beginThose(db);
      const { rows } = await sql<{ id: string }>`update notices set watched_until = now() + ${BEGIN_WITHIN}
        where over_at is null and watched_until <= now() returning id`.execute(db);
      return rows.map(({ id }) => id);
    },

    async get(noticeId) {
      const row = await db
        .selectFrom('notices')
        .select(['id', 'kind', 'subject', 'reason', 'began_at', 'ended_at', 'over_at'])
        .where('id', '=', noticeId)
        .executeTakeFirst();
      if (!row) throw new StewardError('InvalidRequest', `there is no notice ${noticeId}`);
      const { began_at, ended_at, over_at, ...notice } = row;
      const times = { beganAt: began_at.getTime(), endedAt: ended_at?.getTime() ?? null };
      return { ...notice, ...times, isOver: over_at !== null };
    },

    async parkedMails() {
      const { rows } = await sql<{ reason: ParkedReason; count: number }>`
        select reason, count(*)::integer as count from parked_mails group by reason`.execute(db);
      return Object.fromEntries(rows.map(({ reason, count }) => [reason, count]));
    },

    async watch(noticeId, ms) {
      await sql`update notices set watched_until = now() + make_interval(secs => ${ms / 1000})
        where id = ${noticeId} and over_at is null`.execute(db);
    },

    async isTold(noticeId, occasion, recipientId) {
      const { rows } = await sql`select 1 from notice_messages where notice_id = ${noticeId} and occasion = ${occasion}
        and recipient_id = ${recipientId} and status = 'sent' limit 1`.execute(db);
      return rows.length > 0;
    },

    async beginMessage({ noticeId, occasion, recipientId, channel }) {
      const { rows } = await sql<{ was: Begun }>`
        with before as (select status from notice_messages where notice_id = ${noticeId} and occasion = ${occasion}
          and recipient_id = ${recipientId} and channel = ${channel} for update),
        begun as (insert into notice_messages as m (notice_id, occasion, recipient_id, channel, status)
          values (${noticeId}, ${occasion}, ${recipientId}, ${channel}, 'sending')
          on conflict (notice_id, occasion, recipient_id, channel) do update
            set status = 'sending', attempts = m.attempts + 1, updated_at = now() where m.status <> 'sent' returning m.*),
        audit as (${insertAuditFrom(
          'notice.intent',
          sql`'workflow', 'notice-' || notice_id, 'notice/' || notice_id, occasion, null::jsonb,
          jsonb_build_object('to', recipient_id, 'channel', channel) from begun`,
        )})
        select coalesce((select case status when 'sent' then 'sent' when 'failed' then 'send' else 'again' end from before),
          'send') as was`.execute(db);
      return rows[0]?.was ?? 'send';
    },

    async finishMessage({ noticeId, occasion, recipientId, channel }, outcome) {
      const reason = outcome.status === 'sent' ? null : outcome.reason;
      await sql`with finished as (update notice_messages set status = ${outcome.status}, reason = ${reason}, updated_at = now()
          where notice_id = ${noticeId} and occasion = ${occasion} and recipient_id = ${recipientId}
            and channel = ${channel} and status <> 'sent' returning *)
        ${insertAuditFrom(
          'notice.outcome',
          sql`'workflow', 'notice-' || notice_id, 'notice/' || notice_id, occasion, null::jsonb,
          jsonb_build_object('to', recipient_id, 'channel', channel, 'status', status) from finished`,
        )}`.execute(db);
    },

    async rest(noticeId, occasion) {
      // One that ended over the telling of its beginning is to be told of again.
      await sql`update notices set over_at = case when ${occasion} = 'ended' then now() end,
        watched_until = case when ended_at is null then 'infinity'::timestamptz else now() end
        where id = ${noticeId} and over_at is null`.execute(db);
    },
  };
}

const BEGAN = insertAuditFrom(
  'notice.began',
  sql`'system', 'worker', 'notice/' || id, reason, null::jsonb,
  jsonb_build_object('kind', kind, 'subject', subject) from fresh`,
);

async function beginThose(db: Database): Promise<void> {
  await sql`with found as (
      select 'webhook' as kind, e.name as subject, coalesce(e.disabled_why, e.last_failure, 'it failed') as reason
        from webhook_endpoints e where ${TAKES_NOTHING}
      union all select 'mails', '', 'mails wait for somebody to look' where exists (select 1 from parked_mails)
      union all select 'summaries', '', string_agg(m.id || ' to ' || m.recipient_id, ', ' order by m.id) from message_windows m
        where m.given_up_at > coalesce((select max(began_at) from notices where kind = 'summaries'), '-infinity')
        having count(*) > 0),
    fresh as (insert into notices (kind, subject, reason) select kind, subject, reason from found f
      where not exists (select 1 from notices n where n.kind = f.kind and n.subject = f.subject and n.ended_at is null)
      on conflict (kind, subject) where ended_at is null do nothing returning *)
    ${BEGAN}`.execute(db);
}

async function endThose(db: Database, policiesMs: number): Promise<void> {
  const isOver: Readonly<Record<NoticeKind, RawBuilder<unknown>>> = {
    webhook: sql`not exists (select 1 from webhook_endpoints e where e.name = n.subject
      and (${TAKES_NOTHING} or e.active and e.last_failure_at > now() - ${CALM}))`,
    mails: sql`(not exists (select 1 from parked_mails) or ${IS_OLD})`,
    // All have heard, or can't be reached.
    canary: sql`n.watched_until = 'infinity'`,
    policies: sql`n.seen_at < now() - make_interval(secs => ${policiesMs / 1000})`,
    summaries: sql`n.began_at < now() - ${RENEWED}`,
  };
  const over = Object.entries(isOver).map(([kind, is]) => sql`n.kind = ${kind} and ${is}`);
  // What the next one tells of too is not told to be over, nor what nothing ever mends.
  await sql`with ended as (update notices n set ended_at = now(), watched_until = now(),
      over_at = case when n.kind in ('summaries', 'canary') or n.kind = 'mails' and exists (select 1 from parked_mails) then now() end
      where n.ended_at is null and (${sql.join(over, sql` or `)}) returning *)
    ${insertAuditFrom(
      'notice.ended',
      sql`'system', 'worker', 'notice/' || id, null::text, null::jsonb,
      jsonb_build_object('kind', kind, 'subject', subject) from ended`,
    )}`.execute(db);
}

/** Those that came later are news, and another notice tells of all. */
const IS_OLD = sql`exists (select 1 from parked_mails m where m.at >= n.began_at + ${RENEWED})`;
