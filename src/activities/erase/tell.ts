import { cancellationSignal } from '@temporalio/activity';
import { type ErasureDeps, noticeKey } from '../../deps-erasure.ts';
import type { Particulars, RecipientRow } from '../../deps-erasure-store.ts';
import { keptCategories } from '../../domain/erase.ts';
import { ProviderError } from '../../domain/errors.ts';
import type { Category } from '../../domain/privacy-policy.ts';
import { particularsOf, rowOf } from './request.ts';
import { destroySealed } from './sealed.ts';

export interface ToTell {
  readonly name: string;
  readonly kind: RecipientRow['kind'];
}

/**
 * Art. 19: everybody who was given the data is told, or stands as open where people see it. What a recipient has to be told lies under a
 * key of its own: a recipient that is silent holds up nobody's erasure, and is still asked while the window is open.
 */
export function erasureTellActivities({ erasure }: { readonly erasure: ErasureDeps }) {
  const { store, keys } = erasure;

  async function settle(requestId: string, name: string): Promise<void> {
    await destroySealed(keys, requestId, [noticeKey(requestId, name)]);
  }

  return {
    /** Those that are to be told, each with a row of its own from here on. */
    async recipientsToTell(requestId: string): Promise<ToTell[]> {
      const known = new Set((await store.recipients(requestId)).map(({ recipient }) => recipient));
      const particulars = await particularsOf(erasure, await rowOf(store, requestId));
      for (const { name, kind, ...recipient } of erasure.recipients) {
        if (known.has(name) || particulars === null || recipient.isGiven?.(particulars) === false) continue;
        if ((await erasedOf(erasure, requestId, recipient.categories)).length === 0) {
          // What we have to keep, as for a lawsuit, they keep as well.
          const reason = 'all that it was given is kept';
          await store.saveRecipient(requestId, {
            recipient: name,
            kind,
            status: 'nothing',
            attempts: 0,
            reason,
            notice: null,
          });
          continue;
        }
        const notice = await keys.seal(noticeKey(requestId, name), JSON.stringify(particulars));
        await store.saveRecipient(requestId, {
          recipient: name,
          kind,
          status: 'open',
          attempts: 0,
          reason: null,
          notice,
        });
      }
      return openOf(await store.recipients(requestId));
    },

    /** Tells one recipient. Its answer is written down, good or bad. @throws ProviderError where trying again can help */
    async tellRecipient(requestId: string, name: string): Promise<'told' | 'nothing' | 'open'> {
      const row = (await store.recipients(requestId)).find(({ recipient }) => recipient === name);
      if (row === undefined || row.status !== 'open') {
        await settle(requestId, name);
        return row?.status ?? 'nothing';
      }
      const recipient = erasure.recipients.find((one) => one.name === name);
      const notice = row.notice && (await keys.open(noticeKey(requestId, name), row.notice));
      if (recipient === undefined || !notice) {
        await store.saveRecipient(requestId, {
          ...row,
          // What it said last tells more than that nobody asks it any more.
          reason: recipient ? (row.reason ?? 'its time is over') : 'no longer configured',
        });
        return 'open';
      }
      const attempts = row.attempts + 1;
      await store.intend(requestId, 'tell', { recipient: name, attempt: attempts });
      try {
        const particulars = JSON.parse(notice) as Particulars;
        const categories = await erasedOf(erasure, requestId, recipient.categories);
        const status = await recipient.tell({ requestId, categories, particulars }, cancellationSignal());
        await store.saveRecipient(requestId, { ...row, status, attempts, reason: null, notice: null });
        await settle(requestId, name);
        return status;
      } catch (error) {
        if (!(error instanceof ProviderError)) throw error;
        await store.saveRecipient(requestId, { ...row, attempts, reason: error.reason });
        if (error.retryable) throw error;
        return 'open';
      }
    },

    /** The window is over: who has not answered by now stays open for people to see to, without what they were to be told. */
    async giveUpRecipients(requestId: string): Promise<void> {
      for (const row of await store.recipients(requestId)) {
        await settle(requestId, row.recipient);
        if (row.notice !== null) await store.saveRecipient(requestId, { ...row, notice: null });
      }
    },
  };
}

function openOf(rows: readonly RecipientRow[]): ToTell[] {
  return rows.filter(({ status }) => status === 'open').map(({ recipient, kind }) => ({ name: recipient, kind }));
}

/** Which of these the request erases. */
async function erasedOf({ store }: ErasureDeps, requestId: string, given: readonly Category[]): Promise<Category[]> {
  const { decision } = await rowOf(store, requestId);
  if (decision === null) return [];
  const kept = keptCategories(decision);
  return given.filter((category) => !kept.has(category));
}
