/** What the admins are told of beside tickets and incidents, and whom we told. */
import type { Begun, MessageOutcome } from './deps-healing.ts';
import type { Way } from './domain/circuit.ts';
import type { Notice, NoticeOccasion, ParkedCounts } from './domain/notice.ts';

export interface NoticeMessage {
  readonly noticeId: string;
  readonly occasion: NoticeOccasion;
  readonly recipientId: string;
  readonly channel: Way;
}

export interface NoticeStore {
  /** An edit of the policies is not taken over. Said again and again, as long as it is so. */
  policiesRefused(reason: string): Promise<void>;
  /** Looks what has begun and what is over. Those of which somebody has to hear; each is given to one who asks. */
  wanting(): Promise<readonly string[]>;
  /** @throws StewardError InvalidRequest for one that is not there */
  get(noticeId: string): Promise<Notice>;
  /** Mails that wait now, by why. */
  parkedMails(): Promise<ParkedCounts>;
  /** Somebody is at it for so long. */
  watch(noticeId: string, ms: number): Promise<void>;
  isTold(noticeId: string, occasion: NoticeOccasion, recipientId: string): Promise<boolean>;
  /** Before a message. `again`: it was begun before, and nobody knows whether it went out. */
  beginMessage(message: NoticeMessage): Promise<Begun>;
  finishMessage(message: NoticeMessage, outcome: MessageOutcome): Promise<void>;
  /** Nothing more is to be said on this occasion. */
  rest(noticeId: string, occasion: NoticeOccasion): Promise<void>;
}
