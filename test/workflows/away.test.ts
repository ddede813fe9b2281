import { WorkflowNotFoundError } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { isAway } from '../../src/http/away.ts';
import { useDatabase } from '../support/database.ts';
import { type OwnPostgres, type OwnTemporal, startOwnPostgres, startOwnTemporal } from '../support/own-servers.ts';
import { makeRunDirectory, removeRunDirectory } from '../support/run-directory.ts';
import { envelope, startTestSteward, type TestSteward } from '../support/steward.ts';
import {
  about,
  entry,
  escalated,
  expectNoFailedTask,
  handleOf,
  kinds,
  messagesOf,
  PATIENCE,
  question,
  until,
} from './support.ts';

type Running = TestSteward & { stop(): Promise<void> };

async function expectAway(response: Response): Promise<void> {
  expect(response.status).toBe(503);
  expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(response.headers.get('content-type')).toContain('application/problem+json');
  expect(await response.json()).toMatchObject({ code: 'Unavailable' });
}

async function startFlow({ app, apiKey }: TestSteward): Promise<Response> {
  const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json', 'idempotency-key': 'e7' };
  return app.request('/v1/flows/shipment-delay/runs', { method: 'POST', headers, body: '{}' });
}

describe('PostgreSQL away', () => {
  const own = {} as { dir: string; postgres: OwnPostgres; steward: Running };
  beforeAll(async () => {
    own.dir = await makeRunDirectory();
    own.postgres = await startOwnPostgres(own.dir);
    own.steward = await startTestSteward(own.postgres.url);
  });
  afterAll(async () => {
    await own.steward?.stop();
    await own.postgres?.current.stop();
    await removeRunDirectory(own.dir);
  });

  it('is said with 503 and Retry-After, nothing is half done, and every ticket goes on afterwards', async () => {
    const { steward, postgres } = own;
    const open = await escalated(steward);
    const [refused, direct] = [envelope(), question({ customerEmail: 'ada@customer.example' })];
    await postgres.current.kill();
    try {
      await expectAway(await steward.post(refused));
      await expectAway(await steward.post(about(open, 'ticket.replied', 'e1', { message: 'Hello?' })));
      const page = await steward.app.request('/support', { method: 'POST', body: new URLSearchParams({ token: 'x' }) });
      expect(page.status).toBeLessThan(500);
      expect((await steward.app.request('/readyz')).status).toBe(503);
      const described = await handleOf(steward, refused.detail.ticketId)
        .describe()
        .catch((error: unknown) => error);
      expect(described).toBeInstanceOf(WorkflowNotFoundError);

      // Whoever has Temporal and the ticket's key at hand goes on talking to it; a new one has no key yet.
      await expect(steward.steward.submit(direct)).rejects.toSatisfy(isAway);
      await steward.steward.tell(open, 'customerReplied', { message: 'Meanwhile', eventId: 'e2', source: 'direct' });
      expect(await steward.steward.describe(open)).toMatchObject({ state: 'waitingForAgent' });
    } finally {
      await postgres.restart();
    }
    const claimed = steward.steward.claim(open, { agentId: 'dev' });
    await steward.steward.submit(direct);
    await entry(steward, open, 'customerReplied');
    expect(await claimed).toMatchObject({ assigneeId: 'dev' });
    await until(steward, direct.detail.ticketId, { state: 'waitingForCustomer', route: 'bot' });

    expect((await steward.post(refused)).status).toBe(202);
    expect((await steward.post(about(open, 'ticket.replied', 'e1', { message: 'Hello?' }))).status).toBe(202);
    await entry(steward, open, 'customerReplied', 2);
    expect((await messagesOf(steward, open)).map((line) => line.body).sort()).toEqual([
      'Hello?',
      "I can't access my account.",
      'Meanwhile',
    ]);
    await until(steward, refused.detail.ticketId, { state: 'waitingForAgent' });
    for (const id of [open, direct.detail.ticketId, refused.detail.ticketId]) {
      await expectNoFailedTask(steward, id);
      const seqs = (await steward.read.timeline(id)).map((line) => line.seq);
      expect(seqs).toEqual(seqs.map((_, i) => i + 1));
    }
  }, 90_000);

  it('while an update is under way: the caller gets the answer when it is back', async () => {
    const { steward, postgres } = own;
    const id = await escalated(steward);
    await postgres.current.kill();
    const answer = steward.steward.reply(id, { agentId: 'ana', message: 'Sent into the dark.' });
    answer.catch(() => {});
    try {
      // The step has given up on the quick way when it is scheduled as a normal activity.
      await vi.waitFor(async () => {
        const { pendingActivities } = (await handleOf(steward, id).describe()).raw;
        expect(pendingActivities?.map((activity) => activity.activityType?.name)).toEqual(['takeEvent']);
      }, PATIENCE);
      expect(await steward.steward.describe(id)).toMatchObject({ state: 'waitingForAgent' });
    } finally {
      await postgres.restart();
    }
    expect(await answer).toMatchObject({ state: 'waitingForCustomer' });
    expect((await kinds(steward, id)).filter((kind) => kind === 'agentReplied')).toHaveLength(1);
    expect((await messagesOf(steward, id)).filter((line) => line.author === 'agent')).toHaveLength(1);
  }, 90_000);
});

describe('Temporal away', () => {
  const database = useDatabase();
  const own = {} as { dir: string; temporal: OwnTemporal; steward: Running };
  beforeAll(async () => {
    own.dir = await makeRunDirectory();
    own.temporal = await startOwnTemporal(own.dir);
    own.steward = await startTestSteward(database.url, {
      settings: () => ({ TEMPORAL_ADDRESS: own.temporal.address, STEWARD_SOLVE_AFTER_SILENCE_MS: '3000' }),
    });
  });
  afterAll(async () => {
    await own.steward?.stop();
    await own.temporal?.current.stop();
    await removeRunDirectory(own.dir);
  });

  it('is said with 503 and Retry-After, nothing is half done, and every ticket goes on afterwards', async () => {
    const { steward, temporal } = own;
    const open = await escalated(steward);
    const event = question();
    const id = event.detail.ticketId;
    await temporal.current.kill();
    try {
      const [run, ticket, reply, ready] = await Promise.all([
        startFlow(steward),
        steward.post(event),
        steward.post(about(open, 'ticket.replied', 'e1', { message: 'Hello?' })),
        steward.app.request('/readyz'),
      ]);
      await expectAway(run);
      await expectAway(ticket);
      await expectAway(reply);
      expect(ready.status).toBe(503);
      expect(await steward.read.ticket(id)).toBeNull();
      expect(await messagesOf(steward, open)).toHaveLength(1);
      // An event before its ticket needs PostgreSQL alone.
      const early = await steward.post(about(id, 'ticket.rated', 'r1', { score: 4 }));
      expect(await early.json()).toMatchObject({ held: true });
    } finally {
      await temporal.restart();
    }
    await vi.waitFor(async () => expect([200, 202]).toContain((await steward.post(event)).status), PATIENCE);
    const reply = about(open, 'ticket.replied', 'e1', { message: 'Hello?' });
    expect((await steward.post(reply)).status).toBe(202);
    await entry(steward, open, 'customerReplied');
    expect((await messagesOf(steward, open)).map((line) => line.body)).toEqual([
      "I can't access my account.",
      'Hello?',
    ]);
    await entry(steward, id, 'rated');
    await until(steward, id, { state: 'solved' });
    expect((await messagesOf(steward, id)).map((line) => line.author)).toEqual(['customer', 'bot']);
  }, 90_000);
});
