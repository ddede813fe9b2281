import type { ParkedReason } from '../domain/receipt.ts';
import { type Context, type JsonOption, sayJson } from './context.ts';
import { sayTable, sayTime } from './say.ts';

/** Mails that came in and wait for an operator, the newest first; who wrote them the API alone tells. */
export async function listMails(context: Context, options: JsonOption): Promise<void> {
  const mails = await (await context.operator()).mails.list();
  if (options.json) return sayJson(context, mails);
  if (mails.length === 0) return context.out('No mail waits: each that came in is a ticket, or was a machine’s.\n');
  const rows = mails.map(({ id, reason, at }) => [id, sayTime(at), `${reason}: ${WORDS[reason]}`]);
  context.out(`${sayTable([['MAIL', 'SINCE (UTC)', 'WHY'], ...rows])}\n`);
  context.out('GET /v1/mails/MAIL reads one, POST /v1/mails/MAIL/release takes it, DELETE /v1/mails/MAIL drops it.\n');
}

const WORDS: Readonly<Record<ParkedReason, string>> = {
  virus: 'SES found one',
  spam: 'SES says so',
  forged: 'not from whom it says',
  unproved: 'nothing speaks for its sender',
  refused: 'it can’t be read, or become a ticket',
  elsewhere: 'only SES has its content',
  bulk: 'by a list that is none of ours, to many, or by who wants no automatic answer',
  ours: 'one of your own people answers a mail that told them of a ticket',
};
