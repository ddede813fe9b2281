import { describe, expect, it } from 'vitest';
import { createWorld, place, post, REFERENCE } from './support.ts';

const EVENT = {
  specversion: '1.0',
  id: 'evt-1',
  source: '/platform/eu',
  type: 'com.example.ticket.created',
  time: '2026-04-23T10:15:00Z',
  datacontenttype: 'application/json',
  data: REFERENCE.detail,
};
const ENVELOPE = {
  id: 'evt-1',
  source: '/platform/eu',
  'detail-type': 'ticket.created',
  time: '2026-04-23T10:15:00Z',
  detail: REFERENCE.detail,
};
const STRUCTURED = { 'content-type': 'application/cloudevents+json; charset=UTF-8' };
const BINARY = {
  'ce-specversion': '1.0',
  'ce-id': 'evt-1',
  'ce-source': '/platform/eu',
  'ce-type': 'com.example.ticket.created',
  'ce-time': '2026-04-23T10:15:00Z',
};

type Refused = { problems: { field: string; message: string }[] };
async function structured(event: object) {
  const world = createWorld();
  return { world, response: await post(world, '/v1/events', JSON.stringify(event), STRUCTURED) };
}
async function binary(headers: Record<string, string>, data: unknown = REFERENCE.detail) {
  const world = createWorld();
  return { world, response: await post(world, '/v1/events', JSON.stringify(data), headers) };
}
async function fieldsOf(response: Response): Promise<string[]> {
  return ((await response.json()) as Refused).problems.map((p) => p.field).sort();
}

describe('CloudEvents 1.0 in structured mode', () => {
  it('is the same ticket as its envelope', async () => {
    const { world, response } = await structured(EVENT);
    expect(response.status).toBe(202);
    expect(world.submitted).toEqual([ENVELOPE]);
  });

  it.each(['ticket.created', 'org.example.support.ticket.created'])('takes the type %s', async (type) => {
    expect((await structured({ ...EVENT, type })).response.status).toBe(202);
  });

  it('takes data_base64', async () => {
    const { data, ...event } = EVENT;
    const data_base64 = Buffer.from(JSON.stringify(data)).toString('base64');
    const { world, response } = await structured({ ...event, data_base64 });
    expect(response.status).toBe(202);
    expect(world.submitted).toEqual([ENVELOPE]);
  });

  it('needs no time and no datacontenttype, and minds no extension', async () => {
    const { time: _, datacontenttype: __, ...event } = EVENT;
    expect((await structured({ ...event, traceparent: '00-0', subject: 'x' })).response.status).toBe(202);
  });

  it.each([
    [{ specversion: '0.3' }, ['specversion']],
    [{ specversion: undefined }, ['specversion']],
    [{ id: undefined }, ['id']],
    [{ id: '' }, ['id']],
    [{ source: undefined }, ['source']],
    [{ type: 'ticket.createdx' }, ['type']],
    [{ type: 'xticket.created' }, ['type']],
    [{ type: 7 }, ['type']],
    [{ time: 'now' }, ['time']],
    [{ data: { ...REFERENCE.detail, ticketId: 5, message: '' } }, ['data.message', 'data.ticketId']],
    [{ data: 'text' }, ['data']],
    [{ data: undefined, data_base64: 'AAAA' }, ['data', 'data_base64']],
    [{ data: undefined, data_base64: 5 }, ['data', 'data_base64']],
    [{ datacontenttype: 'application/xml' }, ['datacontenttype']],
  ])('422 for %j names %j', async (change, fields) => {
    const { response } = await structured({ ...EVENT, ...change });
    expect(response.status).toBe(422);
    expect(await fieldsOf(response)).toEqual(fields);
  });

  it('calls null by its name', async () => {
    const { response } = await structured({ ...EVENT, specversion: null, id: null, type: null, data: null });
    const { problems } = (await response.json()) as Refused;
    expect(problems.map((p) => [p.field, p.message.slice(p.message.lastIndexOf(', got '))])).toEqual([
      ['specversion', ', got null'],
      ['id', ', got null'],
      ['type', ', got null'],
    ]);
  });

  it('415 for a batch, saying what to do', async () => {
    const world = createWorld();
    const response = await post(world, '/v1/events', JSON.stringify([EVENT]), {
      'content-type': 'application/cloudevents-batch+json',
    });
    expect(response.status).toBe(415);
    expect(await response.json()).toMatchObject({ detail: expect.stringContaining('one CloudEvent per request') });
  });

  it.each([[[]], [null], ['x'], [5]])('422 for %j in place of an event', async (event) => {
    const world = createWorld();
    const response = await post(world, '/v1/events', JSON.stringify(event), STRUCTURED);
    expect(response.status).toBe(422);
  });
});

describe('CloudEvents 1.0 in binary mode', () => {
  it('is the same ticket as its envelope', async () => {
    const { world, response } = await binary(BINARY);
    expect(response.status).toBe(202);
    expect(world.submitted).toEqual([ENVELOPE]);
  });

  it('decodes percent-encoded and quoted attributes', async () => {
    const { world } = await binary({ ...BINARY, 'ce-source': '/plat%20form/%E2%82%AC', 'ce-id': '"evt \\"1\\""' });
    expect(world.submitted[0]).toMatchObject({ source: '/plat form/€', id: 'evt "1"' });
  });

  it('brings a follow-up to its ticket', async () => {
    const world = createWorld();
    place(world, 'T-1', 'solved');
    const response = await post(world, '/v1/events', '{"ticketId":"T-1"}', { ...BINARY, 'ce-type': 'ticket.reopened' });
    expect(response.status).toBe(202);
    expect(world.told[0]).toMatchObject({ event: 'reopened', payload: { eventId: 'evt-1', source: '/platform/eu' } });
  });

  it('takes data whose type nobody thought of', async () => {
    const { response } = await binary({ ...BINARY, 'content-type': 'application/octet-stream' });
    expect(response.status).toBe(202);
  });

  it('422 names the headers', async () => {
    const { response } = await binary({
      'ce-specversion': '1.0',
      'ce-type': 'x',
      'ce-source': '%zz',
      'ce-time': 'now',
    });
    expect(response.status).toBe(422);
    expect(await fieldsOf(response)).toEqual(['ce-id', 'ce-source', 'ce-time', 'ce-type']);
  });

  it('422 names fields of the data by their place in the body', async () => {
    const { response } = await binary(BINARY, { ...REFERENCE.detail, customerTier: 1 });
    expect(await fieldsOf(response)).toEqual(['data.customerTier']);
  });

  it('400 for data that is not JSON', async () => {
    expect((await post(createWorld(), '/v1/events', '{', BINARY)).status).toBe(400);
  });
});
