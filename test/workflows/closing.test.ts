import { WorkflowFailedError } from '@temporalio/client';
import { CancelledFailure } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import { flowBySubject, smallTeam } from '../support/flow.ts';
import { outcome } from '../support/outcome.ts';
import { useProviders } from '../support/providers.ts';
import { json } from '../support/stand-ins/server.ts';
import { useSteward } from '../support/steward.ts';
import { entry, escalated, expectNoFailedTask, handleOf, kinds, messagesOf, until } from './support.ts';

const providers = useProviders();

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

describe('a request to cancel while something is under way', () => {
  const steward = useSteward({
    settings: () => ({
      ...providers.settings('ses', 'slack'),
      STEWARD_FLOW: flowBySubject(),
      STEWARD_TEAM: smallTeam(),
    }),
  });
  const MAIL = { action: 'SendRawEmail' };
  const busy = async () => {
    const id = await escalated(steward, { subject: 'Escalate', customerEmail: 'ada@customer.example' });
    await outcome(async () => {
      const statuses = (await steward.read.deliveries(id)).map(({ status }) => status);
      expect(statuses).toEqual(['sent', 'sent']);
    });
    return id;
  };
  const cancelled = async (id: string) => {
    await handleOf(steward, id).cancel();
    await expect(handleOf(steward, id).result()).rejects.toBeInstanceOf(WorkflowFailedError);
    expect(await steward.read.ticket(id)).toMatchObject({ state: 'closed', needsAttention: false });
    await expectNoFailedTask(steward, id);
    const reply = (await steward.read.deliveries(id)).find(({ template }) => template === 'agent-reply');
    expect(reply).toMatchObject({ status: 'failed' });
  };

  it('ends a message between its retries, which is given up', async () => {
    const id = await busy();
    providers.aws.failNext('429', MAIL, 4);
    await steward.steward.reply(id, { agentId: 'ana', message: 'It works again.' });
    await outcome(async () => {
      const [reply] = (await steward.read.deliveries(id)).filter(({ template }) => template === 'agent-reply');
      expect(reply?.attempts).toBeGreaterThan(0);
    });
    await cancelled(id);
  });

  it('ends a parked message, and answers whoever asks', async () => {
    const id = await busy();
    const refusal = { __type: 'MessageRejected', message: 'Email address is not verified.' };
    providers.aws.answerNext(json(400, refusal, { 'x-amzn-errortype': 'MessageRejected' }), MAIL);
    await steward.steward.reply(id, { agentId: 'ana', message: 'It works again.' });
    await entry(steward, id, 'parked');
    await cancelled(id);
    expect(await steward.steward.describe(id)).toMatchObject({ state: 'closed', parked: [] });
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

  it('is let in: the ticket is opened again, in an episode of its own', async () => {
    const id = await escalated(steward);
    await steward.steward.resolve(id, { agentId: 'ana' });
    const row = await holdRow(id);
    // Both quick tries are over when the step is scheduled as a normal activity: its task is done, and the closing still to come.
    await outcome(async () => {
      const { pendingActivities } = (await handleOf(steward, id).describe()).raw;
      expect(pendingActivities?.map((activity) => activity.activityType?.name)).toEqual(['takeEvent']);
    });
    await steward.steward.tell(id, 'customerReplied', { message: 'One more thing.' });
    await row.release();
    await until(steward, id, { state: 'waitingForAgent', episode: 2 });
    expect((await messagesOf(steward, id)).map((line) => line.body)).toContain('One more thing.');
    await steward.steward.resolve(id, { agentId: 'ana' });
    expect(await handleOf(steward, id).result()).toMatchObject({ outcome: 'closed' });
    const way = await kinds(steward, id);
    const closed = way.indexOf('closed');
    expect(closed).toBeGreaterThan(0);
    expect(way.slice(closed)).toEqual(['closed', 'customerReplied', 'escalated', 'resolved', 'closed']);
  });
});
