import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { describe, expect, inject, it } from 'vitest';
import { temporaryDirectory } from '../support/directory.ts';
import { testFile } from '../support/files.ts';
import { envelope, useSteward } from '../support/steward.ts';
import { answered, entry, escalated, handleOf, kinds, messagesOf, until } from './support.ts';

const steward = useSteward();
const run = promisify(execFile);

interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The `temporal` command itself, as a person at a terminal runs it. */
async function temporal(...args: readonly string[]): Promise<Said> {
  const where = ['--address', inject('temporalAddress'), '--namespace', 'default', '--color', 'never'];
  // A home of its own: no profile of this machine's user counts.
  const home = await temporaryDirectory();
  const env = { HOME: home, PATH: process.env.PATH ?? '' };
  return run(inject('temporalBinary').path, [...args, ...where], { env }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: unknown) => error as Said,
  );
}

function start(workflowId: string, input: unknown): Promise<Said> {
  const file = testFile('ticket.json', input);
  return temporal(
    ...['workflow', 'start', '--type', 'supportTicket', '--task-queue', steward.taskQueue],
    ...['--workflow-id', workflowId, '--input-file', file],
  );
}

describe('temporal workflow start', () => {
  it('takes a ticket in as HTTP does', async () => {
    const event = envelope();
    const id = event.detail.ticketId;
    expect(await start(`ticket-${id}`, event)).toMatchObject({ code: 0 });
    await until(steward, id, { state: 'waitingForAgent', priority: 'HIGH', route: 'agent' });
    expect(await kinds(steward, id)).toEqual(['received', 'enriched', 'decided', 'escalated']);
    const again = await steward.post(event);
    expect(await again.json()).toMatchObject({ known: true });
  });

  it.each([
    ['a subject that is no text', { subject: 7 }, ['detail.subject: expected text, got a number']],
    [
      'no message and a score out of range',
      { message: '', sentimentScore: 3 },
      ['detail.message', 'detail.sentimentScore'],
    ],
    ['NUL in the message', { message: 'a\u0000b' }, ['detail.message']],
    ['a customer who is no id', { customerId: 'no id!' }, ['detail.customerId']],
  ])('with %s fails with InvalidTicket that names the fields', async (_what, wrong, named) => {
    const event = envelope();
    const id = event.detail.ticketId;
    expect(await start(`ticket-${id}`, { ...event, detail: { ...event.detail, ...wrong } })).toMatchObject({ code: 0 });
    const failure = await failureOf(`ticket-${id}`);
    expect(failure).toMatchObject({ type: 'InvalidTicket', nonRetryable: true });
    for (const name of named) expect(failure.message).toContain(name);
    expect(await steward.read.ticket(id)).toBeNull();
    // What an error says may quote what it met: the bare command shows that there is one.
    const shown = await temporal('workflow', 'result', '--workflow-id', `ticket-${id}`);
    expect(shown.code).not.toBe(0);
    expect(`${shown.stdout}${shown.stderr}`).toContain('Encoded failure');
  });

  it('with a wrong envelope leaves the ticket free for the mended one', async () => {
    const event = envelope();
    const id = event.detail.ticketId;
    await start(`ticket-${id}`, { ...event, detail: { ...event.detail, message: '' } });
    expect(await failureOf(`ticket-${id}`)).toMatchObject({ type: 'InvalidTicket' });
    const mended = await steward.post(event);
    expect([mended.status, await mended.json()]).toEqual([202, { ticketId: id, workflowId: `ticket-${id}` }]);
    await until(steward, id, { state: 'waitingForAgent' });
    const again = await steward.steward.submit(event);
    expect(again).toMatchObject({ known: true });
  });

  it('that was ended by hand before its end is not begun anew: its ticket is known', async () => {
    const id = await escalated(steward);
    await handleOf(steward, id).terminate('by hand');
    expect((await steward.post(envelope({ ticketId: id }))).status).toBe(200);
    // Past the gateway's look at the store: the workflow itself finds out.
    await steward.steward.submit(envelope({ ticketId: id }));
    expect(await handleOf(steward, id).result()).toEqual({ ticketId: id, outcome: 'known' });
    expect(await messagesOf(steward, id)).toHaveLength(1);
  });

  it.each([[null], ['text'], [7], [[]], [{}]])('with %j for an envelope fails with InvalidTicket', async (input) => {
    const workflowId = `ticket-${randomBytes(4).toString('hex')}`;
    await start(workflowId, input);
    expect(await failureOf(workflowId)).toMatchObject({ type: 'InvalidTicket' });
  });

  it('without any input fails with InvalidTicket', async () => {
    const workflowId = `ticket-${randomBytes(4).toString('hex')}`;
    const args = ['--type', 'supportTicket', '--task-queue', steward.taskQueue, '--workflow-id', workflowId];
    await temporal('workflow', 'start', ...args);
    expect(await failureOf(workflowId)).toMatchObject({ type: 'InvalidTicket' });
  });

  it('under a workflow id that is not the ticket’s fails with InvalidTicket, and leaves the ticket free', async () => {
    const event = envelope();
    const id = event.detail.ticketId;
    const wrong = `wrong-${id}`;
    await start(wrong, event);
    expect(await failureOf(wrong)).toMatchObject({
      type: 'InvalidTicket',
      message: `detail.ticketId: is "${id}", so the workflow id must be "ticket-${id}", not "${wrong}"`,
      details: [[{ field: 'detail.ticketId', message: expect.stringContaining(`"ticket-${id}"`) }]],
    });
    expect((await steward.post(event)).status).toBe(202);
    await until(steward, id, { state: 'waitingForAgent' });
  });

  it('of a ticket that is known ends as known', async () => {
    const id = await escalated(steward);
    await handleOf(steward, id).terminate('gone');
    const event = envelope({ ticketId: id });
    expect(await start(`ticket-${id}`, event)).toMatchObject({ code: 0 });
    expect(await handleOf(steward, id).result()).toEqual({ ticketId: id, outcome: 'known' });
    expect(await messagesOf(steward, id)).toHaveLength(1);
  });
});

describe('temporal workflow signal', () => {
  it('is heard, with and without input', async () => {
    const id = await answered(steward);
    const signal = (name: string, ...input: string[]) =>
      temporal('workflow', 'signal', '--workflow-id', `ticket-${id}`, '--name', name, ...input);
    const said = await signal('customerReplied', '--input', JSON.stringify({ message: 'From a terminal' }));
    expect(said).toMatchObject({ code: 0 });
    await until(steward, id, { state: 'waitingForAgent' });
    expect(await signal('resolved')).toMatchObject({ code: 0 });
    await until(steward, id, { state: 'solved' });
    expect((await messagesOf(steward, id)).at(-1)).toMatchObject({ body: 'From a terminal' });
  });

  it('that says nonsense is ignored, on the timeline', async () => {
    const id = await escalated(steward);
    await temporal('workflow', 'signal', '--workflow-id', `ticket-${id}`, '--name', 'rated', '--input', '"five"');
    expect(await entry(steward, id, 'ignored')).toMatchObject({ facts: { event: 'rated' } });
  });
});

describe('temporal workflow update execute', () => {
  const update = (id: string, name: string, input: object) =>
    temporal(
      ...['workflow', 'update', 'execute', '--workflow-id', `ticket-${id}`],
      ...['--name', name, '--input', JSON.stringify(input)],
    );

  it('is done; its answer is encrypted, and the bare command says so', async () => {
    const id = await escalated(steward);
    const said = await update(id, 'claim', { agentId: 'dev' });
    expect(said.stderr).toContain('binary/encrypted');
    await until(steward, id, { state: 'inProgress', assigneeId: 'dev' });
  });

  it('that is unlawful is told which kind of wrong it is', async () => {
    const id = await escalated(steward);
    await steward.steward.resolve(id, { agentId: 'ana' });
    const said = await update(id, 'claim', { agentId: 'dev' });
    expect(said.code).not.toBe(0);
    expect(said.stderr).toContain('UnlawfulTransition');
  });

  it('with a wrong payload is told that it is wrong', async () => {
    const id = await escalated(steward);
    const said = await update(id, 'reply', { agentId: 'dev' });
    expect(said.code).not.toBe(0);
    expect(said.stderr).toContain('InvalidRequest');
  });
});

interface Failure {
  readonly type: string;
  readonly message: string;
}
async function failureOf(workflowId: string): Promise<Failure> {
  const handle = steward.temporal.client.workflow.getHandle(workflowId);
  const error = await handle.result().then(
    () => new Error('it did not fail'),
    (error: unknown) => error,
  );
  return (error as { cause: Failure }).cause;
}
