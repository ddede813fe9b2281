import { describe, expect, it } from 'vitest';
import { StewardError } from '../../src/domain/errors.ts';
import { newKey } from '../../src/http/keys.ts';
import { createWorld, place, post, postEvent, REFERENCE } from './support.ts';

const ID = 'TKT-2026-0423';

describe('POST /v1/events with ticket.created', () => {
  it('answers 202 with ticket and workflow id, and asks the store once and Temporal once', async () => {
    const world = createWorld();
    const response = await postEvent(world, REFERENCE);
    expect(response.status).toBe(202);
    expect(await response.json()).toEqual({ ticketId: ID, workflowId: `ticket-${ID}` });
    expect(world.calls).toEqual(['admit', 'submit']);
    expect(world.submitted).toEqual([REFERENCE]);
  });

  it('answers 200 known for a ticket that the store knows, and starts nothing', async () => {
    const world = createWorld();
    place(world, ID, 'closed');
    const response = await postEvent(world, REFERENCE);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ ticketId: ID, workflowId: `ticket-${ID}`, known: true });
    expect(world.submitted).toEqual([]);
  });

  it('answers 200 known when the workflow is there and the store does not know it yet', async () => {
    const world = createWorld();
    world.quick = false;
    await postEvent(world, REFERENCE);
    const response = await postEvent(world, REFERENCE);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ known: true });
  });

  it('answers 409 when the id belongs to another source', async () => {
    const world = createWorld();
    place(world, ID, 'new', 'other.platform');
    const response = await postEvent(world, REFERENCE);
    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({ status: 409, code: 'TicketConflict' });
  });

  it('answers 409 when another source was quicker, though the store knows of neither yet', async () => {
    const world = createWorld();
    world.quick = false;
    await postEvent(world, REFERENCE);
    const response = await postEvent(world, { ...REFERENCE, source: 'other.platform' });
    expect([response.status, await response.json()]).toEqual([
      409,
      expect.objectContaining({ code: 'TicketConflict' }),
    ]);
    expect(world.submitted).toHaveLength(1);
  });

  it('answers 409 when another source was quicker by a moment, which only the store can tell', async () => {
    const world = createWorld();
    world.quick = false;
    world.memo = false;
    await postEvent(world, REFERENCE);
    world.meanwhile = () => place(world, ID, 'new');
    expect((await postEvent(world, { ...REFERENCE, source: 'other.platform' })).status).toBe(409);
    expect(world.calls.slice(-3)).toEqual(['admit', 'submit', 'ticket']);
  });
});

describe('what POST /v1/events refuses', () => {
  it('401 without a key, with a malformed, and with an unknown one, naming how to send it', async () => {
    for (const authorization of ['', 'Bearer x', 'Basic abc', `Bearer ${newKey()}`]) {
      const world = createWorld();
      const response = await postEvent(world, REFERENCE, { authorization });
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toContain('Bearer');
      expect(response.headers.get('content-type')).toBe('application/problem+json');
      expect(await response.json()).toMatchObject({ code: 'KeyMissing' });
      // What can't be a key of ours is not worth a question.
      expect(world.calls).toEqual(authorization.startsWith('Bearer stw_') ? ['admit'] : []);
    }
  });

  it('takes the key from x-api-key as well', async () => {
    const world = createWorld();
    const response = await postEvent(world, REFERENCE, { authorization: '', 'x-api-key': world.key });
    expect(response.status).toBe(202);
  });

  it('401 for a stranger whatever the body is, so that nothing is learnt without a key', async () => {
    for (const body of ['{', '{}', JSON.stringify(REFERENCE), `"${'x'.repeat(100_000)}`]) {
      const world = createWorld();
      const response = await post(world, '/v1/events', body, { authorization: `Bearer ${newKey()}` });
      expect(response.status).toBe(401);
    }
  });

  it('400 for a body that is not JSON in UTF-8, without quoting it', async () => {
    const world = createWorld();
    for (const body of ['', '{"secret": ', '\u0000', Buffer.from([0x22, 0xff, 0x22])]) {
      const response = await post(world, '/v1/events', body);
      expect(response.status).toBe(400);
      const text = await response.text();
      expect(JSON.parse(text)).toMatchObject({ code: 'NotJson', status: 400 });
      expect(text).not.toContain('secret');
    }
  });

  it('skips a byte order mark', async () => {
    const response = await post(createWorld(), '/v1/events', `\ufeff${JSON.stringify(REFERENCE)}`);
    expect(response.status).toBe(202);
  });

  it('422 names every wrong field and what it should be', async () => {
    const response = await postEvent(createWorld(), {
      'detail-type': 'ticket.created',
      detail: { ...REFERENCE.detail, ticketId: 'a/b', customerTier: 5, message: undefined },
    });
    expect(response.status).toBe(422);
    const problem = (await response.json()) as { problems: { field: string; message: string }[] };
    expect(problem).toMatchObject({
      type: 'urn:steward:problem:InvalidTicket',
      title: expect.any(String),
      status: 422,
      detail: expect.any(String),
      code: 'InvalidTicket',
    });
    expect(problem.problems.map((p) => p.field).sort()).toEqual([
      'detail.customerTier',
      'detail.message',
      'detail.ticketId',
      'source',
    ]);
    expect(problem.problems).toContainEqual({ field: 'detail.customerTier', message: 'expected text, got a number' });
  });

  it('422 for an unknown detail-type names the known ones', async () => {
    const response = await postEvent(createWorld(), { ...REFERENCE, 'detail-type': 'ticket.exploded' });
    const problem = (await response.json()) as { problems: { field: string; message: string }[] };
    expect(response.status).toBe(422);
    expect(problem.problems).toEqual([
      {
        field: 'detail-type',
        message:
          'expected one of ticket.created, ticket.replied, ticket.claimed, ticket.resolved, ticket.reopened, ticket.rated, erasure.requested, got text of 15 characters',
      },
    ]);
  });

  it('413 over 256 KiB by the declared length, before it reads anything or asks for a key', async () => {
    const world = createWorld();
    const response = await post(world, '/v1/events', 'x', { authorization: '', 'content-length': '262145' });
    expect(response.status).toBe(413);
    expect(world.calls).toEqual([]);
  });

  it('413 over 256 KiB without a declared length, reading no more than needed', async () => {
    const world = createWorld();
    let pulled = 0;
    const body = new ReadableStream({
      pull(controller) {
        pulled += 1;
        // An end, so that a broken limit fails here and not in the machine's memory.
        if (pulled === 100) controller.close();
        else controller.enqueue(new Uint8Array(64 * 1024));
      },
    });
    const response = await post(world, '/v1/events', body);
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ code: 'TooLarge' });
    expect(pulled).toBeLessThan(10);
  });

  it('takes exactly 256 KiB', async () => {
    const bare = JSON.stringify({ ...REFERENCE, pad: '' });
    const body = JSON.stringify({ ...REFERENCE, pad: 'x'.repeat(256 * 1024 - bare.length) });
    expect((await post(createWorld(), '/v1/events', body)).status).toBe(202);
  });

  it.each(['text/plain;charset=UTF-8', 'application/x-www-form-urlencoded', 'application/octet-stream'])(
    'takes JSON that is called %s by a careless sender; 400 when it is none',
    async (type) => {
      const headers = { 'content-type': type };
      expect((await postEvent(createWorld(), REFERENCE, headers)).status).toBe(202);
      const refused = await post(createWorld(), '/v1/events', 'ticketId=1', headers);
      expect([refused.status, await refused.json()]).toEqual([400, expect.objectContaining({ code: 'NotJson' })]);
    },
  );

  it('415 for a media type that is not JSON, naming those that are taken', async () => {
    for (const type of [
      'text/html',
      'application/xml',
      'multipart/form-data; boundary=b',
      'application/cloudevents+xml',
    ]) {
      const response = await postEvent(createWorld(), REFERENCE, { 'content-type': type });
      expect(response.status).toBe(415);
      expect(await response.json()).toMatchObject({ detail: expect.stringContaining('application/json') });
    }
  });

  it('503 with Retry-After when PostgreSQL or Temporal is away, 500 for a fault; neither tells what happened', async () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED 10.0.0.7:5432'), { code: 'ECONNREFUSED' });
    const grpc = new Error('Failed to start Workflow', {
      cause: Object.assign(new Error('14 UNAVAILABLE'), { code: 14 }),
    });
    for (const fail of [{ store: refused }, { temporal: grpc }, { store: new StewardError('Unavailable', 'away') }]) {
      const world = createWorld();
      world.fail = fail;
      const response = await postEvent(world, REFERENCE);
      expect(response.status).toBe(503);
      expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(await response.text()).not.toMatch(/10\.0\.0\.7|Workflow|ECONN/);
    }
    const world = createWorld();
    world.fail = { store: new Error('relation "secret" of ada@example.com') };
    const response = await postEvent(world, REFERENCE);
    expect(response.status).toBe(500);
    const text = await response.text();
    expect(text).not.toContain('secret');
    const { instance } = JSON.parse(text) as { instance: string };
    expect(JSON.stringify(world.logged)).toContain(instance.replace('urn:uuid:', ''));
    expect(JSON.stringify(world.logged)).not.toContain('ada@example.com');
  });
});
