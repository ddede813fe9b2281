/** Word to the admins about what waits in a list for somebody to look. */
import type { Deps } from '../deps.ts';
import { type Notice, type NoticeOccasion, noticeData } from '../domain/notice.ts';
import { quietUntil } from '../domain/quiet.ts';
import { beating } from './beat.ts';
import { type AdminWord, type TellParts, tellOne } from './tell-admins.ts';

export type NoticeParts = TellParts & Pick<Deps, 'notices' | 'policyFiles'>;

/** Beyond the workflow's longest pause: then whoever is at it has died. */
const WATCHED_MS = 720_000;

interface Of {
  readonly noticeId: string;
}
export interface NoticeTold {
  readonly notice: Notice;
  readonly occasion: NoticeOccasion;
  /** By everybody who is to hear it. */
  readonly isHeard: boolean;
}

export function noticeActivities(deps: NoticeParts) {
  const { notices } = deps;
  return {
    /** Tells the admins what there is to tell now, each once; that it is over those who heard that it began. */
    tellNotice: ({ noticeId }: Of): Promise<NoticeTold> =>
      beating(async () => {
        await notices.watch(noticeId, WATCHED_MS);
        const notice = await notices.get(noticeId);
        const occasion = notice.endedAt === null ? 'began' : 'ended';
        if (notice.isOver) return { notice, occasion, isHeard: true };
        const word = await wordOf(deps, notice, occasion);
        let unheard = 0;
        for (const id of deps.directory.admins) {
          if (occasion === 'ended' && !(await notices.isTold(noticeId, 'began', id))) continue;
          if (isQuiet(deps, id) || !(await tellOne(deps, word, id))) unheard += 1;
        }
        return { notice, occasion, isHeard: unheard === 0 };
      }),

    restNotice: ({ noticeId, occasion }: Of & { readonly occasion: NoticeOccasion }): Promise<void> =>
      beating(() => notices.rest(noticeId, occasion)),
  };
}

/** None of it is worth anybody's night. */
function isQuiet({ directory }: NoticeParts, id: string): boolean {
  const quiet = directory.agent(id)?.quiet;
  return quiet != null && quietUntil(Date.now(), quiet) !== null;
}

async function wordOf(
  { notices, policyFiles }: NoticeParts,
  notice: Notice,
  occasion: NoticeOccasion,
): Promise<AdminWord> {
  const noticeId = notice.id;
  return {
    name: `notice-${noticeId}`,
    occasion,
    template: `notice-${occasion}`,
    data: noticeData(notice, notice.kind === 'mails' ? await notices.parkedMails() : {}, policyFiles),
    ledger: {
      isTold: (recipientId) => notices.isTold(noticeId, occasion, recipientId),
      begin: (to) => notices.beginMessage({ noticeId, occasion, ...to }),
      finish: (to, outcome) => notices.finishMessage({ noticeId, occasion, ...to }, outcome),
    },
  };
}
