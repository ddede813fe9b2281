/** What goes wrong and waits in a list for somebody to look: the admins hear once when it begins, and once when it is over. */
import type { Problem } from './errors.ts';
import type { JsonObject } from './json.ts';
import { PARKED_REASONS, type ParkedReason } from './receipt.ts';
import { sayTime } from './say-time.ts';

/**
 * `webhook`: an endpoint takes nothing. `mails`: some that came in wait for a person. `policies`: an edit is not taken over. `summaries`: mails
 * to our own people that stand for many may not have arrived. `canary`: one of a flow has ended, which is told once and over with it.
 */
export type NoticeKind = 'webhook' | 'mails' | 'policies' | 'summaries' | 'canary';
export const NOTICE_OCCASIONS = ['began', 'ended'] as const;
export type NoticeOccasion = (typeof NOTICE_OCCASIONS)[number];

/** Times in epoch ms. */
export interface Notice {
  readonly id: string;
  readonly kind: NoticeKind;
  /** The endpoint's name; of a canary flow, version and number; else empty. */
  readonly subject: string;
  readonly reason: string;
  readonly beganAt: number;
  readonly endedAt: number | null;
  /** Nothing more is told of it. */
  readonly isOver: boolean;
}

export type ParkedCounts = Readonly<Partial<Record<ParkedReason, number>>>;

/** What the templates speak of. `policyFiles`: where the policies lie that may be edited while we run. */
export function noticeData(
  { id, kind, subject, reason, beganAt, endedAt }: Notice,
  parked: ParkedCounts,
  policyFiles: readonly string[],
): JsonObject {
  return {
    facts: {
      notice: id,
      kind,
      subject,
      reason,
      files: policyFiles.join(' '),
      since: sayTime(beganAt),
      until: endedAt === null ? '' : sayTime(endedAt),
      mails: Object.values(parked).reduce((sum, count) => sum + count, 0),
      why: PARKED_REASONS.flatMap((why) => (parked[why] ? `${parked[why]} ${why}` : [])).join(', '),
    },
  };
}

/** Which files are refused, and for how much; what stands in them is the log's to tell. */
export function sayRefusedFiles(problems: readonly Problem[]): string {
  const counts = new Map<string, number>();
  for (const { file = 'the policies' } of problems) counts.set(file, (counts.get(file) ?? 0) + 1);
  return [...counts].map(([file, count]) => `${file}: ${count} error${count === 1 ? '' : 's'}`).join(', ');
}

/** For the Temporal Web UI. */
export function sayNotice({ kind, subject, reason, endedAt }: Notice): string {
  const what = {
    webhook: `Webhook ${subject}`,
    mails: 'Parked mails',
    policies: 'Policies',
    summaries: 'Summaries',
    canary: `Canary ${subject}`,
  }[kind];
  return `${what}: ${reason}${endedAt === null ? '' : ' (over)'}`;
}
