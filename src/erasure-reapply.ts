/**
 * After a backup was restored: those who were erased since are there again. The ledger outside of the databases knows which tickets were
 * theirs, and the erasure is done again before anybody is let in.
 */
import { endCategories } from './activities/erase/kept.ts';
import { emptyOutbox, type OutboxParts } from './activities/erase/outbox.ts';
import { whileBusy } from './busy.ts';
import { ticketWorkflowId } from './contract.ts';
import { flowRunId } from './contract-flow.ts';
import type { ErasureDeps } from './deps-erasure.ts';
import type { LedgerEntry } from './deps-erasure-store.ts';
import type { DataKeys } from './deps-keys.ts';
import type { TaskClient, TaskStore } from './deps-tasks.ts';
import type { AuditActor } from './domain/audit.ts';
import { STORES } from './domain/erase.ts';
import { isPartly } from './domain/erase-policy.ts';

export interface ReapplyParts {
  readonly erasure: OutboxParts & Pick<ErasureDeps, 'ledger' | 'fingerprints' | 'fingerprint'>;
  readonly keys: Pick<DataKeys, 'shred'>;
  /** Deletes a workflow's history, with every run; one that is not there is fine. */
  readonly deleteHistory: (workflowId: string) => Promise<void>;
  readonly tasks: Pick<TaskStore, 'ofFlows'> & Pick<TaskClient, 'callOff'>;
  /** Who has it done again, for the audit log. */
  readonly by: AuditActor;
  /** Is the erasure's workflow still there to end it? */
  readonly isRunning: (requestId: string) => Promise<boolean>;
}

export interface Reapplied {
  readonly requestId: string;
  readonly keys: number;
  readonly rows: number;
}

const BATCH = 500;

/** Entries of the ledger that this database knows nothing of. Of one whose keys are gone the rows are empty: it is only not at its end. */
export async function unapplied({
  store,
  ledger,
}: Pick<ErasureDeps, 'ledger'> & { readonly store: Pick<ErasureDeps['store'], 'unapplied'> }): Promise<LedgerEntry[]> {
  // Of a request that ended something later, the last line counts.
  const entries = [...new Map((await ledger.read()).map((entry) => [entry.requestId, entry])).values()];
  if (entries.length === 0) return [];
  const left = new Set(await store.unapplied(entries));
  return entries.filter(({ requestId }) => left.has(requestId));
}

/** Does every erasure again that a restored database has forgotten. May be done at any time, and again. */
export async function reapplyErasures(parts: ReapplyParts): Promise<Reapplied[]> {
  const done: Reapplied[] = [];
  for (const entry of await whileBusy(() => unapplied(parts.erasure)))
    done.push(await whileBusy(() => reapply(parts, entry)));
  return done;
}

async function reapply(parts: ReapplyParts, entry: LedgerEntry): Promise<Reapplied> {
  const { store } = parts.erasure;
  const { requestId } = entry;
  const known = await store.row(requestId);
  const done = known?.erasedAt ? { requestId, keys: 0, rows: 0 } : await eraseAgain(parts, entry);
  // What it kept then, and the ledger says has ended since.
  const row = await store.row(requestId);
  const kept = new Set(entry.kept.map(({ category }) => category));
  const ended = row?.stillKept.filter((category) => !kept.has(category)) ?? [];
  if (row && ended.length > 0) await endCategories(parts.erasure, row, ended, parts.by);
  return done;
}

async function eraseAgain(parts: ReapplyParts, entry: LedgerEntry): Promise<Reapplied> {
  const { erasure, keys, deleteHistory, by, isRunning } = parts;
  const { requestId } = entry;
  const { store } = erasure;
  const key = await erasure.fingerprints.find(requestId);
  await store.restore(entry, by, key && ((kind, value) => erasure.fingerprint(key, kind, value)));
  const keep = new Set<string>(entry.kept.map(({ category }) => category));
  await emptyOutbox(erasure, requestId, keep, await store.emailsOf(requestId), by);
  let rows = 0;
  for (const name of STORES) {
    for (let left = true; left; ) {
      const emptied = await store.emptyStore(requestId, name, keep, BATCH);
      rows += emptied.rows;
      left = emptied.left;
    }
  }
  // All that the database knows of them now, and what the ledger names: the backup may be older than some of it.
  const names = new Set([...entry.keys, ...(await store.workflows(requestId)).map(({ workflowId }) => workflowId)]);
  const all = [...names];
  const histories = all.filter((name) => !name.includes('/'));
  await store.intend(requestId, 'reapply', { keys: all.length, histories: histories.length }, by);
  let destroyed = 0;
  for (let i = 0; i < all.length; i += BATCH) destroyed += (await keys.shred(all.slice(i, i + BATCH), null)).destroyed;
  for (const name of histories) await deleteHistory(name);
  await closeTickets(parts, requestId, histories);
  await store.done(requestId, 'reapplied', { rows, keys: destroyed, histories: histories.length }, by);
  await store.markErased(requestId);
  // Nobody else will: the restored database is all that knows of it.
  if (!(await isRunning(requestId))) await store.end(requestId, isPartly(entry.kept) ? 'partlyErased' : 'erased');
  return { requestId, keys: all.length, rows };
}

/**
 * Tickets that ran when the backup was made run no more, and nobody else says so to their rows. People need not decide any more what their
 * flows asked; before the histories are gone, a ticket that was restored with them would go on by that.
 */
async function closeTickets(
  { erasure: { store }, tasks }: ReapplyParts,
  requestId: string,
  histories: readonly string[],
): Promise<void> {
  const open = await store.openTickets(requestId);
  const flows = [...open.map(ticketWorkflowId), ...histories.filter((name) => flowRunId(name) !== undefined)];
  for (const { taskId, workflowId } of await tasks.ofFlows(flows)) await tasks.callOff(taskId, workflowId);
  await store.closeTickets(requestId);
}
