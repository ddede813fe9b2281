import { type ErasureDeps, requestKey } from '../../deps-erasure.ts';
import { keptOf } from '../../domain/erase.ts';
import { StewardError } from '../../domain/errors.ts';
import { deleteHistories } from '../histories.ts';
import { mailFile } from './mail-file.ts';
import { removeFiles } from './outbox.ts';
import { rowOf } from './request.ts';

const SHREDDED_AT_ONCE = 500;

export interface DeletedHistories {
  readonly deleted: number;
  /** Of them, those that had clear text in them: what the shred alone would not have reached. */
  readonly clearText: number;
}

export function erasureShredActivities({ erasure }: { readonly erasure: ErasureDeps }) {
  const { store, keys, ledger } = erasure;
  return {
    /** Destroys the keys of the person's workflows and of the request itself. The ledger outside of the database knows first. */
    async shredKeys(requestId: string): Promise<void> {
      const { decision, subjectRef } = await rowOf(store, requestId);
      if (decision === null || subjectRef === null) {
        throw new StewardError('InvalidRequest', `request ${requestId} is not as far as the shred`);
      }
      const names = [...(await store.workflows(requestId)).map(({ workflowId }) => workflowId), requestKey(requestId)];
      await store.intend(requestId, 'shred', { keys: names.length });
      const at = new Date().toISOString();
      if (!(await ledger.read()).some((entry) => entry.requestId === requestId)) {
        const fingerprints = [...(await store.wanted(requestId))].map(([hex, kind]) => ({ kind, hex }));
        await ledger.append({ requestId, subjectRef, at, keys: names, kept: keptOf(decision), fingerprints });
      }
      for (let i = 0; i < names.length; i += SHREDDED_AT_ONCE)
        await keys.shred(names.slice(i, i + SHREDDED_AT_ONCE), null);
      await removeFiles(erasure, requestId, [mailFile(requestId, 'code'), mailFile(requestId, 'cooling')]);
      await store.receipt(requestId, 'shred', { keys: names.length });
    },

    /** Deletes the histories and looks until the server knows none of them any more, neither by id nor in its lists. */
    async deleteHistories(requestId: string): Promise<DeletedHistories> {
      const workflows = await store.workflows(requestId);
      if (workflows.length > 0) await store.intend(requestId, 'deleteHistories', { histories: workflows.length });
      await deleteHistories(workflows.map(({ workflowId }) => workflowId));
      const receipt = { deleted: workflows.length, clearText: workflows.filter((w) => w.clearText).length };
      await store.receipt(requestId, 'deleteHistories', receipt);
      return receipt;
    },
  };
}
