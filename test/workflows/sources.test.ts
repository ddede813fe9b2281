import { describe, expect, it } from 'vitest';
import { createStewardClient } from '../../src/client.ts';
import { TICKET_WORKFLOW, ticketWorkflowId } from '../../src/contract.ts';
import { envelope, useSteward } from '../support/steward.ts';
import { handleOf } from './support.ts';

const steward = useSteward();

/** On a task queue that nobody works on: what is started there is never written down. */
const NOBODY = 'test-nobody';
const early = () => createStewardClient(steward.temporal.client, { taskQueue: NOBODY });

describe('the same ticket id from two sources, the first not written down yet', () => {
  it('is a conflict for the second: nothing is lost without a word', async () => {
    const event = envelope();
    await early().submit(event);
    const other = { ...event, source: 'other.platform' };
    const refused = await steward.post(other);
    expect([refused.status, await refused.json()]).toEqual([
      409,
      expect.objectContaining({
        code: 'TicketConflict',
        detail: expect.stringContaining('"other.platform" another id'),
      }),
    ]);
    await expect(early().submit(other)).rejects.toMatchObject({ code: 'TicketConflict' });
    expect(await early().submit(event)).toMatchObject({ known: true });
    await handleOf(steward, event.detail.ticketId).terminate('the test is over');
  });

  it('is known for the second where the first was started by hand and says nothing of its source', async () => {
    const event = envelope();
    const workflowId = ticketWorkflowId(event.detail.ticketId);
    const { workflow } = steward.temporal.client;
    await workflow.start(TICKET_WORKFLOW, { workflowId, taskQueue: NOBODY, args: [event] });
    const answer = await steward.post({ ...event, source: 'other.platform' });
    expect([answer.status, await answer.json()]).toEqual([200, expect.objectContaining({ known: true })]);
    await handleOf(steward, event.detail.ticketId).terminate('the test is over');
  });
});

describe('the memo of a ticket’s workflow', () => {
  it('holds the source and nothing else', async () => {
    const event = envelope();
    await early().submit(event);
    const { memo } = await handleOf(steward, event.detail.ticketId).describe();
    expect(memo).toEqual({ source: 'support.platform' });
    await handleOf(steward, event.detail.ticketId).terminate('the test is over');
  });
});
