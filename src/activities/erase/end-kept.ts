import { randomUUID } from 'node:crypto';
import { CancelledFailure, Context } from '@temporalio/activity';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { ERASURE_WORKFLOW, erasureStart, erasureWorkflowId } from '../../contract.ts';
import type { Deps } from '../../deps.ts';
import type { AuditActor, AuditEntry } from '../../domain/audit.ts';
import { decide } from '../../domain/erase-policy.ts';
import { type KeptReview, keptReasons } from '../../domain/measure-kept.ts';
import type { Category } from '../../domain/privacy-policy.ts';
import { beating } from '../beat.ts';
import { each, here, isForgotten, isRunning } from '../engine.ts';
import { endCategories, endedBy, type TellLater } from './kept.ts';
import { abandon, rowOf } from './request.ts';
import { tellLater } from './tell-later.ts';

export interface KeptStep {
  /** Categories that were kept, and whose reason has ended. */
  readonly ended: number;
  /** Requests that still keep something. */
  readonly kept: number;
  /** Requests about which nothing could be decided: nothing was touched. */
  readonly unclear: number;
  /** Why, of the first of them; labels of the policy. */
  readonly fault: string | null;
  /** Where the next batch begins; null: this was the last one. */
  readonly next: string | null;
}

const BATCH = 500;
/** Attempts of a batch in which something failed; afterwards it is told as unclear. */
const TRIES = 6;
const MOST_PAGES = 20;
const LOOKED_AT_ONCE = 20;
const FIRST_ID = '00000000-0000-0000-0000-000000000000';

/** In batches: most of them run, and which of them does not is not known by the row. */
async function* everyOne(read: (after: string, limit: number) => Promise<readonly string[]>): AsyncGenerator<string> {
  for (let after = ''; ; ) {
    const ids = await read(after, BATCH);
    yield* ids;
    if (ids.length < BATCH) return;
    after = ids.at(-1) ?? '';
  }
}

export function erasureKeptActivities({ erasure, audit }: Pick<Deps, 'erasure' | 'audit'>) {
  const { store, policy } = erasure;

  /** What has ended by now; denied: nothing is known for certain, so nothing has. */
  async function dueOf(requestId: string): Promise<{ due: Category[]; fault: string | null; review: KeptReview }> {
    const row = await rowOf(store, requestId);
    const decision = decide(policy, await store.decisionFacts(requestId, policy.purposes), new Date());
    if (decision.verdict === 'denied') {
      return { due: [], fault: decision.errors.join('; '), review: { state: 'unclear' } };
    }
    const review = { state: 'decided', kept: keptReasons(decision, row.stillKept) } as const;
    return { due: endedBy(row, decision), fault: null, review };
  }

  async function endOne(requestId: string, by: AuditActor, beat: () => void) {
    const holder = await store.holderOf(requestId);
    if (holder === 'anotherRequest') {
      await store.keptReviewed(requestId, { state: 'anotherRequest' }, by);
      return { ended: 0, fault: null };
    }
    const row = await rowOf(store, requestId);
    const { cancellationSignal } = Context.current();
    const tell: TellLater = (goes) => beating(() => tellLater(erasure, row, goes, by, cancellationSignal));
    if (holder === 'nobody') return { ended: await endCategories(erasure, row, row.stillKept, by), fault: null };
    try {
      const first = await dueOf(requestId);
      if (first.due.length === 0) {
        await store.keptReviewed(requestId, first.review, by);
        return { ended: 0, fault: first.fault };
      }
      // No ticket of theirs begins while their row gets another name; and then once more: a hold or a ticket may have come in between.
      if (first.due.includes('identity') && holder === 'erasure') await store.freezeKept(requestId);
      const { due, fault, review } = await dueOf(requestId);
      const ended = due.length > 0 ? await endCategories(erasure, row, due, by, beat, tell) : 0;
      await store.keptReviewed(requestId, review, by);
      return { ended, fault };
    } finally {
      await store.thawKept(requestId);
    }
  }

  /** Somebody has terminated its workflow before the person had proved anything: nobody else would end it, and it has their address. */
  async function endLost(beat: () => void): Promise<void> {
    for await (const id of everyOne(store.unproved)) {
      beat();
      if (await isRunning(erasureWorkflowId(id))) continue;
      await abandon(erasure, id, id);
      await store.end(id, 'abandoned');
    }
  }

  /** The same of one that is proved: it begins anew, and does what is left. */
  async function goOn(beat: () => void): Promise<void> {
    const { client, taskQueue } = here();
    for await (const id of everyOne(store.proved)) {
      beat();
      if (await isRunning(erasureWorkflowId(id))) continue;
      await client.workflow.start(ERASURE_WORKFLOW, { ...erasureStart(id), taskQueue }).catch((error: unknown) => {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      });
    }
  }

  /** What is kept so that somebody is found in a history goes when Temporal has forgotten that one. Of very many some, others each night. */
  async function forgetNames(): Promise<void> {
    for (const first of [randomUUID(), FIRST_ID]) {
      let after: string | undefined = first;
      for (let page = 0; after !== undefined && page < MOST_PAGES; page++) after = await forgetPage(after);
    }
  }

  /** Behind which key the next page begins. */
  async function forgetPage(after: string): Promise<string | undefined> {
    const found = await store.namedLater(after, BATCH);
    const gone: string[] = [];
    await each(found, LOOKED_AT_ONCE, async ({ workflowId }) => {
      if (await isForgotten(workflowId)) gone.push(workflowId);
    });
    await store.forgetNames(gone);
    return found.length < BATCH ? undefined : found.at(-1)?.id;
  }

  /** One after the other; what fails to the end must not keep what others are promised. */
  async function tidyUp(tasks: readonly ((beat: () => void) => Promise<void>)[]): Promise<void> {
    const { heartbeat, info } = Context.current();
    for (const task of tasks) {
      await task(() => heartbeat(task.name)).catch((error: unknown) => {
        if (error instanceof CancelledFailure || info.attempt < TRIES) throw error;
      });
    }
  }

  return {
    /** A batch of erasures that still keep something, from behind this request on: what has no reason left goes. */
    async endKept(after: string): Promise<KeptStep> {
      const { heartbeat, info } = Context.current();
      const by = { kind: 'workflow' as const, id: info.workflowExecution?.workflowId ?? 'retention' };
      if (after === '') await tidyUp([endLost, goOn]);
      const ids = await store.stillKeeping(after, BATCH);
      const tally = { ended: 0, kept: 0, unclear: 0, fault: null as string | null };
      const thrown: unknown[] = [];
      for (const id of ids) {
        const beat = () => heartbeat(id);
        beat();
        const { ended, fault } = await endOne(id, by, beat).catch(async (error: unknown) => {
          if (error instanceof CancelledFailure) throw error;
          thrown.push(error);
          if (info.attempt >= TRIES) await store.keptReviewed(id, { state: 'unclear' }, by);
          return { ended: 0, fault: `${id}: ${error instanceof Error ? error.name : 'Error'}` };
        });
        tally.ended += ended;
        if ((await rowOf(store, id)).stillKept.length > 0) tally.kept += 1;
        if (fault !== null) {
          tally.unclear += 1;
          tally.fault ??= fault;
        }
      }
      // Only now: what fails for one request must not keep the others' data. The next night comes to it again.
      if (thrown.length > 0 && info.attempt < TRIES) throw thrown[0];
      if (ids.length > 0) await audit.append([reviewed(by, { requests: ids.length, ...tally })]);
      const next = ids.length === BATCH ? (ids.at(-1) ?? null) : null;
      if (next === null) await tidyUp([forgetNames]);
      return { ...tally, next };
    },
  };
}

/** That a night has looked. What was wrong, the workflow tells: its words are made for whoever mends it, and not to be kept. */
function reviewed(
  actor: AuditActor,
  { fault: _, ...counts }: Omit<KeptStep, 'next'> & { requests: number },
): AuditEntry {
  return { actor, action: 'retention.keptReviewed', object: 'retention', after: counts };
}
