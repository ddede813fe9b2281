/** What Temporal keeps of a ticket, looked at as it lies there. */
import { Client } from '@temporalio/client';
import { describe, expect, it } from 'vitest';
import { createStewardClient } from '../../src/client.ts';
import { ticketWorkflowId } from '../../src/contract.ts';
import { seal } from '../../src/temporal/codec.ts';
import { bundleWorkflows, startWorkers } from '../../src/temporal/workers.ts';
import { flowBySubject, smallTeam } from '../support/flow.ts';
import { textsOf } from '../support/history.ts';
import { outcome } from '../support/outcome.ts';
import { useProviders } from '../support/providers.ts';
import { envelope, type TestSteward, useSteward } from '../support/steward.ts';
import { entry, escalated, expectNoFailedTask, handleOf, messagesOf, until } from './support.ts';

const providers = useProviders();
const files = { STEWARD_FLOW: flowBySubject(), STEWARD_TEAM: smallTeam() };
const steward = useSteward({ settings: () => ({ ...providers.settings('ses', 'slack'), ...files }) });
const strict = useSteward({ settings: () => ({ STEWARD_CLEAR_TEXT: 'refuse' }) });

/** Somebody with the address of Temporal and nothing else: what they send is in clear. */
const stranger = (of: TestSteward) => new Client({ connection: of.temporal.connection }).workflow;
const flagsOf = (of: TestSteward, id: string) =>
  of.composed.db
    .selectFrom('data_keys')
    .select(['subject_id', 'clear_text', 'refuses_clear_text'])
    .where('name', '=', ticketWorkflowId(id))
    .executeTakeFirstOrThrow();

/** Whatever of these stands in the text, also as Base64 has it at any of its three offsets. */
function marksIn(text: string, marks: readonly string[]): string[] {
  return marks.filter((mark) => {
    const forms = [0, 1, 2].map((offset) => {
      const base64 = Buffer.concat([Buffer.alloc(offset), Buffer.from(mark)]).toString('base64');
      return base64.slice(offset === 0 ? 0 : offset + 1, -4);
    });
    return [mark, ...forms].some((form) => text.includes(form));
  });
}

describe('a history', () => {
  it('holds no clear text: arguments, results, signals, updates, failures, summaries, memo', async () => {
    providers.aws.rejected.add('canary.mail@customer.example');
    providers.slack.failNext('500', { action: 'chat.postMessage' }, 4);
    const event = envelope({
      subject: 'Escalate',
      message: 'canary-message',
      customerName: 'Canary Name',
      customerEmail: 'canary.mail@customer.example',
      customerId: 'CUST-canary-id',
    });
    const id = event.detail.ticketId;
    await steward.steward.submit(event);
    await entry(steward, id, 'parked');
    await steward.steward.operate(id, 'retry', {});
    await until(steward, id, { state: 'waitingForAgent' });
    await steward.steward.tell(id, 'customerReplied', { message: 'canary-signal' });
    await steward.steward.claim(id, { agentId: 'canary-agent' });
    await steward.steward.reply(id, { agentId: 'canary-agent', message: 'canary-update' });
    await expect(steward.steward.claim(id, { agentId: 'not an id' })).rejects.toMatchObject({ code: 'InvalidRequest' });
    await steward.steward.resolve(id, { agentId: 'canary-agent' });
    const described = await handleOf(steward, id).describe();
    await handleOf(steward, id).cancel();
    await handleOf(steward, id)
      .result()
      .catch(() => {});

    const marks = ['canary', 'Canary', 'InvalidRequest:', 'MessageRejected', 'support-escalation', 'attempt 1 of'];
    // Names in policies and flows, which are nobody's.
    const ours = ['StartAt', 'ProviderFailed:', 'the ticket is closed', 'Silence', 'reopen window'];
    const { lying, read } = await textsOf(steward, ticketWorkflowId(id));
    expect(marksIn(read, [...marks.slice(0, 1), 'StartAt', 'attempt 1 of'])).toHaveLength(3);
    expect(marksIn(lying, [...marks, ...ours])).toEqual([]);
    const raw = await steward.temporal.client.workflowService.describeWorkflowExecution({
      namespace: 'default',
      execution: { workflowId: ticketWorkflowId(id) },
    });
    expect(described.memo).toEqual({ source: event.source });
    const memo = Buffer.from(raw.workflowExecutionInfo?.memo?.fields?.source?.data ?? []).toString('latin1');
    expect(marksIn(memo, [event.source])).toEqual([]);
    expect(raw.executionConfig?.userMetadata?.summary?.metadata?.encoding?.toString()).toBe('binary/encrypted');
    await expectNoFailedTask(steward, id);
  }, 60_000);

  it('of a ticket whose customer is known is kept under a key that names them', async () => {
    const event = envelope();
    await steward.steward.submit(event);
    await until(steward, event.detail.ticketId, {});
    expect(await flagsOf(steward, event.detail.ticketId)).toEqual({
      subject_id: event.detail.customerId,
      clear_text: false,
      refuses_clear_text: false,
    });
  });

  it('with clear text in it is flagged, where clear text is taken', async () => {
    const event = envelope();
    const id = event.detail.ticketId;
    const options = { workflowId: ticketWorkflowId(id), taskQueue: steward.taskQueue, args: [event] };
    await stranger(steward).start('supportTicket', options);
    await until(steward, id, {});
    expect(await flagsOf(steward, id)).toMatchObject({ clear_text: true, refuses_clear_text: false });
  });
});

describe('T10: clear text where it is refused', () => {
  it('starts no flow', async () => {
    const args = [{ flow: 'support-escalation', input: {} }];
    const options = { workflowId: 'flow-in-clear', taskQueue: strict.taskQueue, args };
    await stranger(strict).start('runFlow', options);
    const end = await strict.steward.flows.end('in-clear');
    expect(end).toMatchObject({ error: 'InvalidRequest', cause: expect.stringContaining('came in clear text') });
  });

  it('starts no ticket', async () => {
    const event = envelope();
    const id = event.detail.ticketId;
    const options = { workflowId: ticketWorkflowId(id), taskQueue: strict.taskQueue, args: [event] };
    await stranger(strict).start('supportTicket', options);
    await expect(handleOf(strict, id).result()).rejects.toMatchObject({
      cause: { type: 'InvalidTicket', message: expect.stringContaining('clear text') },
    });
    expect(await strict.read.ticket(id)).toBeNull();
    expect(await flagsOf(strict, id)).toMatchObject({ clear_text: true, refuses_clear_text: true });
    // The id is free for the same ticket, rightly sent.
    await strict.steward.submit(event);
    await until(strict, id, { state: 'waitingForAgent' });
  });

  it('by a signal is put on the timeline and ignored, by an update is rejected, and the ticket goes on', async () => {
    const id = await escalated(strict);
    const handle = stranger(strict).getHandle(ticketWorkflowId(id));
    await handle.signal('customerReplied', { message: 'in clear' });
    expect(await entry(strict, id, 'ignored')).toMatchObject({
      facts: { event: 'customerReplied', why: expect.stringContaining('clear text, which is not taken here') },
    });
    for (const name of ['resolved', 'reopened']) await handle.signal(name, {});
    await entry(strict, id, 'ignored', 3);
    // Why it was rejected is encrypted, like all that is said of a ticket.
    await expect(handle.executeUpdate('claim', { args: [{ agentId: 'dev' }] })).rejects.toThrow('binary/encrypted');
    await until(strict, id, { state: 'waitingForAgent' });
    expect(await messagesOf(strict, id)).toHaveLength(1);
    await strict.steward.claim(id, { agentId: 'dev' });
    await until(strict, id, { state: 'inProgress', assigneeId: 'dev' });
    await strict.restartWorkers();
    await strict.steward.tell(id, 'customerReplied', { message: 'encrypted' });
    await entry(strict, id, 'customerReplied');
    await expectNoFailedTask(strict, id);
  });
});

describe('T5: a key that was shredded', () => {
  it('lets no ticket begin and none be told anything', async () => {
    const event = envelope();
    const id = event.detail.ticketId;
    await steward.composed.deps.dataKeys.shred([ticketWorkflowId(id)], null);
    await expect(steward.steward.submit(event)).rejects.toMatchObject({ code: 'KeyShredded' });
    expect((await steward.post(event)).status).toBe(410);
    await expect(steward.steward.tell(id, 'reopened', {})).rejects.toMatchObject({ code: 'KeyShredded' });
  });

  it('before its ticket was begun ends the workflow as KeyShredded, with nothing of it kept', async () => {
    const event = envelope({ message: 'canary-erased' });
    const workflowId = ticketWorkflowId(event.detail.ticketId);
    const taskQueue = `${steward.taskQueue}-later`;
    await createStewardClient(steward.temporal.client, { taskQueue }).submit(event);
    await steward.composed.deps.dataKeys.shred([workflowId], null);
    const { deps, workerDataConverter: dataConverter } = steward.composed;
    const { connection } = steward.temporal;
    const bundle = await bundleWorkflows();
    const later = await startWorkers({
      ...{ connection, namespace: 'default', taskQueue, deps, dataConverter, bundle, rates: {} },
    });
    try {
      const failed = await handleOf(steward, event.detail.ticketId)
        .result()
        .catch((error: unknown) => error);
      expect(failed).toMatchObject({ cause: { type: 'KeyShredded' } });
      await expectNoFailedTask(steward, event.detail.ticketId);
      expect(await steward.read.ticket(event.detail.ticketId)).toBeNull();
    } finally {
      await later.stop();
    }
  });

  it('leaves the system’s own workflows readable', async () => {
    const [codec] = steward.composed.dataConverter.payloadCodecs ?? [];
    const context = { type: 'workflow', namespace: 'default', workflowId: 'erasure-1' } as const;
    const payload = { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from('"an id"') };
    const sealed = (await codec?.encode([payload], context)) ?? [];
    await steward.composed.deps.dataKeys.shred(['erasure-1', 'ticket-of-the-subject'], null);
    expect(await codec?.decode(sealed, context)).toMatchObject([{ data: payload.data }]);
  });
});

describe('what was sealed for another ticket, as by a command with the wrong header', () => {
  it('is put on the timeline of the ticket that it was sent to, which goes on', async () => {
    const [id, other] = [await escalated(steward), await escalated(steward)];
    const place = { namespace: 'default', workflowId: ticketWorkflowId(other) };
    const data = Buffer.from(JSON.stringify({ message: 'Hello', source: 'test', eventId: 'e1' }));
    const clear = { metadata: { encoding: Buffer.from('json/plain') }, data };
    const sealedForOther = seal(await steward.composed.ring.toSeal(place.workflowId), place, clear);
    await steward.temporal.connection.workflowService.signalWorkflowExecution({
      namespace: 'default',
      workflowExecution: { workflowId: ticketWorkflowId(id) },
      signalName: 'customerReplied',
      input: { payloads: [sealedForOther] },
    });
    expect((await entry(steward, id, 'ignored'))?.facts).toMatchObject({
      event: 'customerReplied',
      why: expect.stringContaining('sealed for another workflow'),
    });
    await steward.steward.claim(id, { agentId: 'ana' });
    await until(steward, id, { state: 'inProgress' });
    await expectNoFailedTask(steward, id);
  });
});

describe('what is corrupt', () => {
  it('fails the task of its own workflow, again and again, and holds up no other', async () => {
    const id = await escalated(steward);
    const workflowId = ticketWorkflowId(id);
    // Sealed for another namespace, as by somebody's own codec.
    const key = await steward.composed.ring.toSeal(workflowId);
    const data = Buffer.from(JSON.stringify({ message: 'Hello', source: 'test', eventId: 'e1' }));
    const clear = { metadata: { encoding: Buffer.from('json/plain') }, data };
    const poison = seal(key, { namespace: 'elsewhere', workflowId }, clear);
    await steward.temporal.connection.workflowService.signalWorkflowExecution({
      namespace: 'default',
      workflowExecution: { workflowId },
      signalName: 'customerReplied',
      input: { payloads: [poison] },
    });
    await outcome(async () => {
      const { events } = await handleOf(steward, id).fetchHistory();
      expect((events ?? []).some((event) => event.workflowTaskFailedEventAttributes)).toBe(true);
    });
    const other = await escalated(steward);
    await steward.steward.claim(other, { agentId: 'ana' });
    await until(steward, other, { state: 'inProgress' });
    await handleOf(steward, id).terminate('poisoned by the test');
  });
});
