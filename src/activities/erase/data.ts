import { ticketWorkflowId } from '../../contract.ts';
import { flowRunId } from '../../contract-flow.ts';
import { type ErasureDeps, requestKey } from '../../deps-erasure.ts';
import type { TaskDeps } from '../../deps-tasks.ts';
import { keptCategories, type Store } from '../../domain/erase.ts';
import { StewardError } from '../../domain/errors.ts';
import { normalise } from '../../domain/fingerprint.ts';
import { each, here, isRunning, pause, unlessGone } from '../engine.ts';
import { withdrawAt } from '../human-task.ts';
import { lettersByFingerprint } from './letters.ts';
import { mailFile } from './mail-file.ts';
import { emptyOutbox, removeFiles } from './outbox.ts';
import { askedOf, particularsOf, rowOf } from './request.ts';

export interface DataParts {
  readonly erasure: ErasureDeps;
  readonly tasks: TaskDeps;
}

/** How long a ticket may take to close by itself before its workflow is ended the hard way. */
const DRAIN_MS = 20_000;
const LOOK_EVERY_MS = 200;
const AT_ONCE = 20;
/** Rows in one transaction: short enough that nobody waits for it. */
const BATCH = 500;

/** Steps on the person's data itself. Each may be done again at any time. */
export function erasureDataActivities({ erasure, tasks }: DataParts) {
  const { store, keys } = erasure;

  /** The workflow ids of all flows that ran for the person, those among them that began before we knew the person. */
  async function runsOf(requestId: string): Promise<string[]> {
    const known = (await particularsOf(erasure, await rowOf(store, requestId))) ?? (await store.namesOf(requestId));
    await store.adoptKeys(requestId, [
      ...known.customerIds.flatMap((customerId) => erasure.subjectDigests({ customerId })),
      ...known.emails.flatMap((email) => erasure.subjectDigests({ email })),
    ]);
    const all = (await store.workflows(requestId)).map(({ workflowId }) => workflowId);
    return all.filter((workflowId) => flowRunId(workflowId) !== undefined);
  }

  async function runningOf(workflowIds: readonly string[]): Promise<string[]> {
    const running: string[] = [];
    await each(workflowIds, AT_ONCE, async (workflowId) => {
      if (await isRunning(workflowId)) running.push(workflowId);
    });
    return running;
  }

  return {
    async freezeSubject(requestId: string): Promise<void> {
      await store.freeze(requestId, await askedOf(erasure, await rowOf(store, requestId)));
    },

    async rememberSubject(requestId: string): Promise<void> {
      await store.remember(requestId, (particulars) => keys.seal(requestKey(requestId), JSON.stringify(particulars)));
    },

    /**
     * Ends the person's running tickets and flows: a workflow that is asked to cancel closes its ticket. One that does not, because a message
     * of it is stuck, is terminated, and its row closed here. People need not decide any more what their flows asked.
     */
    async drainTickets(requestId: string): Promise<{ closed: number; terminated: number }> {
      const { client, heartbeat } = here();
      const open = await store.openTickets(requestId);
      const runs = await runsOf(requestId);
      const ids = [...open.map(ticketWorkflowId), ...(await runningOf(runs))];
      const handles = ids.map((id) => client.workflow.getHandle(id));
      const running = new Set(handles);
      if (ids.length > 0) await store.intend(requestId, 'cancel', { workflows: ids.length });
      await each(handles, AT_ONCE, (handle) => unlessGone(() => handle.cancel()));
      const end = Date.now() + DRAIN_MS;
      while (running.size > 0 && Date.now() < end) {
        for (const handle of running) {
          heartbeat(running.size);
          if (!(await isRunning(handle.workflowId))) running.delete(handle);
        }
        if (running.size > 0) await pause(LOOK_EVERY_MS);
      }
      if (running.size > 0) await store.intend(requestId, 'terminate', { workflows: running.size });
      for (const handle of running) await unlessGone(() => handle.terminate('its customer is being erased'));
      // Before their rows are closed: what is done again finds by these what there was.
      for (const { taskId, workflowId } of await tasks.store.ofFlows([...open.map(ticketWorkflowId), ...runs])) {
        await withdrawAt(taskId, workflowId);
      }
      await store.closeTickets(requestId);
      const counts = { closed: ids.length - running.size, terminated: running.size };
      if (ids.length > 0) await store.done(requestId, 'drained', counts);
      else {
        // Whoever began it was killed, and what was to end has ended by itself since.
        await store.settle(requestId, 'terminate', 'drained', counts);
        await store.settle(requestId, 'cancel', 'drained', counts);
      }
      await store.receiptOf(requestId, 'drain', { actions: ['drained'], none: { closed: 0, terminated: 0 } });
      return counts;
    },

    /** Empties one store, in batches, but for the categories that are kept. */
    async emptyStore(requestId: string, name: Store): Promise<void> {
      const { heartbeat } = here();
      const row = await rowOf(store, requestId);
      const { decision } = row;
      if (decision === null) throw new StewardError('InvalidRequest', `request ${requestId} has no decision yet`);
      const keep = keptCategories(decision);
      await store.subjectRef(requestId, erasure.newSubjectRef());
      if (name === 'outbox') {
        const emails = (await particularsOf(erasure, row))?.emails ?? [];
        await emptyOutbox(erasure, requestId, keep, emails);
        await store.receiptOf(requestId, 'erase:outbox', {
          actions: ['filesRemoved', 'filesMasked'],
          none: { files: 0, masked: 0 },
        });
        return;
      }
      for (;;) {
        const { left } = await store.emptyStore(requestId, name, keep, BATCH);
        heartbeat(name);
        if (!left) break;
      }
      await store.receiptOf(requestId, `erase:${name}`, { actions: ['emptied'], store: name, none: { [name]: 0 } });
    },

    /** What looking again will search for, keyed with a key that lies outside of the databases. */
    async takeFingerprints(requestId: string): Promise<void> {
      const row = await rowOf(store, requestId);
      const kept = keptCategories(row.decision ?? { categories: [] });
      const known = await particularsOf(erasure, row);
      // Shredded: this step was done, and its answer lost.
      if (known === null) return;
      const key = await erasure.fingerprints.make(requestId);
      const print = (kind: string) => (value: string) => ({
        kind,
        fingerprint: erasure.fingerprint(key, kind, normalise(kind, value)),
      });
      // What is kept is there by right, and is not looked for.
      const contact = !kept.has('contact');
      await store.saveFingerprints(requestId, [
        ...(contact ? known.emails.map(print('email')) : []),
        ...(kept.has('identity') ? [] : known.customerIds.map(print('customerId'))),
        ...(contact ? known.phones.map(print('phone')) : []),
      ]);
      const askedBy = [...known.emails, ...known.customerIds];
      await store.forgetLimits(askedBy.flatMap((value) => erasure.limitBuckets(value)));
    },

    async markErased(requestId: string): Promise<void> {
      await store.markErased(requestId);
    },

    /** The window is over: nobody can look for the person any more, not even we. */
    async closeWindow(requestId: string): Promise<void> {
      // Who asked twice was told by the second request that nothing is left. While there is a key: by it their letters are found.
      const letters = await lettersByFingerprint(erasure, requestId);
      await removeFiles(erasure, requestId, [
        ...letters,
        mailFile(requestId, 'outcome'),
        mailFile(requestId, 'extension'),
      ]);
      await store.intend(requestId, 'closeWindow', { fingerprintKeys: 1 });
      await erasure.fingerprints.destroy(requestId);
      await store.receipt(requestId, 'closeWindow', { fingerprintKeys: 1 });
    },
  };
}
