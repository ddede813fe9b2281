import { type ErasureDeps, requestKey } from '../../deps-erasure.ts';
import { keptOf } from '../../domain/erase.ts';
import { StewardError } from '../../domain/errors.ts';
import { here, pause, unlessGone } from './engine.ts';
import { mailFile } from './mail-file.ts';
import { rowOf } from './request.ts';

const SHREDDED_AT_ONCE = 500;
/** Deletions that the server works at together. */
const DELETED_AT_ONCE = 50;
/** The server acknowledges a deletion in about 30 s; past this it is parked. */
const ABSENT_WITHIN_MS = 10 * 60_000;
const LOOK_EVERY_MS = 500;

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
      const at = new Date().toISOString();
      if (!(await ledger.read()).some((entry) => entry.requestId === requestId)) {
        const fingerprints = [...(await store.wanted(requestId))].map(([hex, kind]) => ({ kind, hex }));
        await ledger.append({ requestId, subjectRef, at, keys: names, kept: keptOf(decision), fingerprints });
      }
      await store.intend(requestId, 'shred', { keys: names.length });
      for (let i = 0; i < names.length; i += SHREDDED_AT_ONCE) await keys.shred(names.slice(i, i + SHREDDED_AT_ONCE));
      await erasure.removeFromOutbox([mailFile(requestId, 'code')]);
      await store.receipt(requestId, 'shred', { keys: names.length });
    },

    /** Deletes the histories and looks until the server knows none of them any more, neither by id nor in its lists. */
    async deleteHistories(requestId: string): Promise<DeletedHistories> {
      const { client, heartbeat, namespace } = here();
      const workflows = await store.workflows(requestId);
      const end = Date.now() + ABSENT_WITHIN_MS;
      const left = new Set(workflows.map(({ workflowId }) => workflowId));
      const each = async (act: (workflowId: string) => Promise<void>) => {
        const line = [...left];
        await Promise.all(
          Array.from({ length: DELETED_AT_ONCE }, async () => {
            for (let next = line.shift(); next !== undefined; next = line.shift()) {
              heartbeat(left.size);
              await act(next);
            }
          }),
        );
      };
      const remove = async (workflowId: string) => {
        await unlessGone(async () => {
          // Of every run: one that failed and was sent again has several.
          const workflowExecution = { workflowId };
          await client.workflowService
            .deleteWorkflowExecution({ namespace, workflowExecution })
            .catch((error: unknown) => {
              if (!isNotFound(error)) throw error;
            });
        });
      };
      await each(remove);
      while (left.size > 0) {
        await each(async (workflowId) => {
          if (await isAbsent(client, workflowId)) left.delete(workflowId);
          // Another run of the same id: deleted by itself.
          else await remove(workflowId);
        });
        if (left.size === 0) break;
        if (Date.now() > end)
          throw new StewardError('Unavailable', `${left.size} histories are still there after 10 minutes`);
        await pause(LOOK_EVERY_MS);
      }
      const receipt = { deleted: workflows.length, clearText: workflows.filter((w) => w.clearText).length };
      await store.receipt(requestId, 'deleteHistories', receipt);
      return receipt;
    },
  };
}

type Client = ReturnType<typeof here>['client'];

async function isAbsent(client: Client, workflowId: string): Promise<boolean> {
  if ((await unlessGone(() => client.workflow.getHandle(workflowId).describe())) !== undefined) return false;
  const { count } = await client.workflow.count(`WorkflowId = '${workflowId.replaceAll("'", "''")}'`);
  return count === 0;
}

const NOT_FOUND = 5;
function isNotFound(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === NOT_FOUND;
}
