import { WorkflowFailedError } from '@temporalio/client';
import { CancelledFailure } from '@temporalio/common';
import { sql } from 'kysely';
import { describe, expect, it, vi } from 'vitest';
import { outcome } from '../support/outcome.ts';
import { useSteward } from '../support/steward.ts';
import { entry, escalated, expectNoFailedTask, handleOf, kinds, messagesOf, until } from './support.ts';

vi.setConfig({ testTimeout: 60_000 });

/** `temporal.api.enums.v1.WorkflowTaskFailedCause` */
const UNHANDLED_COMMAND = 1;

describe('a request to cancel', () => {
  const steward = useSteward();

  it('closes the ticket, says so on its timeline, and ends the workflow as cancelled', async () => {
    const id = await escalated(steward);
    await handleOf(steward, id).cancel();
    await expect(handleOf(steward, id).result()).rejects.toSatisfy(
      (error: unknown) => error instanceof WorkflowFailedError && error.cause instanceof CancelledFailure,
    );
    expect(await steward.read.ticket(id)).toMatchObject({ state: 'closed' });
    expect(await entry(steward, id, 'closed')).toMatchObject({ actor: 'operator', facts: { why: 'cancelled' } });
    await expectNoFailedTask(steward, id);
  });
});

describe('a message that meets the closing', () => {
  const steward = useSteward({ settings: () => ({ STEWARD_REOPEN_WINDOW_MS: '500' }) });

  /** Keeps everybody from writing the ticket's row, as a moment under load does, until `release` is called. */
  async function holdRow(id: string): Promise<{ release: () => Promise<void> }> {
    let letGo = () => {};
    const released = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    let holding = Promise.resolve();
    await new Promise<void>((begun) => {
      holding = steward.composed.db.transaction().execute(async (tx) => {
        await tx.selectFrom('tickets').select('id').where('id', '=', id).forUpdate().execute();
        begun();
        await released;
      });
    });
    return {
      release() {
        letGo();
        return holding;
      },
    };
  }

  async function writesThatWait(): Promise<number> {
    const { rows } = await sql<{ n: number }>`select count(*)::integer as n from pg_stat_activity
      where wait_event_type = 'Lock' and datname = current_database()`.execute(steward.composed.db);
    return rows[0]?.n ?? 0;
  }

  it('is let in: the ticket is opened again, in an episode of its own', async () => {
    const id = await escalated(steward);
    await steward.steward.resolve(id, { agentId: 'ana' });
    const row = await holdRow(id);
    await outcome(async () => expect(await writesThatWait()).toBeGreaterThan(0));
    await steward.steward.tell(id, 'customerReplied', { message: 'One more thing.' });
    await row.release();
    await until(steward, id, { state: 'waitingForAgent', episode: 2 });
    expect((await messagesOf(steward, id)).map((line) => line.body)).toContain('One more thing.');
    await steward.steward.resolve(id, { agentId: 'ana' });
    expect(await handleOf(steward, id).result()).toMatchObject({ outcome: 'closed' });
    expect((await kinds(steward, id)).slice(-3)).toEqual(['escalated', 'resolved', 'closed']);
    // The server itself refuses to end a workflow that has just been told something, and has its last task done again.
    const { events } = await handleOf(steward, id).fetchHistory();
    const failed = (events ?? []).flatMap((event) => event.workflowTaskFailedEventAttributes ?? []);
    expect(failed.filter(({ cause }) => cause !== UNHANDLED_COMMAND)).toEqual([]);
  });
});
