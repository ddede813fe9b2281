/** Keys that are an agent's own: by one somebody acts as that agent, and as nobody else. */
import { describe, expect, it } from 'vitest';
import { createApp } from '../../src/http/app.ts';
import type { SourceDoor } from '../../src/http/deps.ts';
import { createWorld, depsOf, followUp, place, postEvent, type World } from './support.ts';

const ID = 'TKT-2026-0423';

function worldOf(agent: string | null): World {
  const world = createWorld();
  world.agent = agent;
  place(world, ID, 'waitingForAgent');
  return world;
}

async function refusalOf(response: Response) {
  const { code, detail, problems } = (await response.json()) as Record<string, unknown>;
  return { status: response.status, code, detail, problems };
}
const foreign = (field: string, other = 'ben') => ({
  status: 403,
  code: 'AgentForeign',
  detail: expect.stringMatching(
    new RegExp(`^${field}: this key is ana's own .*only "ana" can stand here.* key create NAME --agent ${other}`),
  ),
  problems: [{ field, message: expect.any(String) }],
});
const SAID = [
  ['ticket.replied', { message: 'Try now', by: 'agent' }, 'agentReplied', { message: 'Try now' }],
  ['ticket.claimed', {}, 'claimed', {}],
  ['ticket.resolved', {}, 'resolved', {}],
] as const;

describe('an event by a key that is Ana’s own', () => {
  it.each(SAID)('%s %j is hers, named or not', async (type, detail, event, payload) => {
    const world = worldOf('ana');
    expect((await postEvent(world, followUp(type, { ...detail, agentId: 'ana' }, 'evt-1'))).status).toBe(202);
    expect((await postEvent(world, followUp(type, { ...detail, agentId: null }, 'evt-2'))).status).toBe(202);
    expect((await postEvent(world, followUp(type, detail, 'evt-3'))).status).toBe(202);
    expect(world.told).toMatchObject(
      ['evt-1', 'evt-2', 'evt-3'].map((eventId) => ({
        event,
        payload: { ...payload, eventId, agentId: 'ana', via: 'ownKey/k1' },
      })),
    );
  });

  it.each(SAID)('%s %j in the name of another is refused by field, and nobody hears of it', async (type, detail) => {
    const world = worldOf('ana');
    const response = await postEvent(world, followUp(type, { ...detail, agentId: 'ben' }));
    expect(await refusalOf(response)).toEqual(foreign('detail.agentId'));
    expect(world.calls).toEqual(['admit']);
  });

  it('is refused by the name that a CloudEvent has for the field', async () => {
    const { id, source, detail } = followUp('ticket.resolved', { agentId: 'ben' });
    const event = { specversion: '1.0', id, source, type: 'ticket.resolved', data: detail };
    const response = await postEvent(worldOf('ana'), event, { 'content-type': 'application/cloudevents+json' });
    expect(await refusalOf(response)).toEqual(foreign('data.agentId'));
  });

  it('that came before is known, and held where its ticket is not there yet, with her name', async () => {
    const world = worldOf('ana');
    world.taken.add('support.platform/evt-1');
    const left = followUp('ticket.replied', { message: 'Try now', by: 'agent' });
    expect(await (await postEvent(world, left)).json()).toMatchObject({ known: true });
    world.tickets.clear();
    expect(await (await postEvent(world, left)).json()).toMatchObject({ held: true });
    expect(world.held).toMatchObject([{ type: 'agentReplied', agentId: 'ana', message: 'Try now' }]);
  });

  it('that is wrong otherwise is told so as by any key', async () => {
    const world = worldOf('ana');
    expect((await postEvent(world, followUp('ticket.replied', { by: 'agent' }))).status).toBe(422);
    expect((await postEvent(world, 'none at all')).status).toBe(422);
    expect(world.told).toEqual([]);
  });

  it('passes on what a customer says', async () => {
    const world = worldOf('ana');
    await postEvent(world, followUp('ticket.replied', { message: 'Thanks' }, 'evt-1'));
    await postEvent(world, followUp('ticket.replied', { message: 'Bye', by: 'customer' }, 'evt-2'));
    await postEvent(world, followUp('ticket.rated', { score: 5 }, 'evt-3'));
    expect(world.told.map(({ event }) => event)).toEqual(['customerReplied', 'customerReplied', 'rated']);
    expect(JSON.stringify(world.told)).not.toContain('ana');
  });

  it('does nothing any more when its agent has left the team', async () => {
    const world = worldOf('zoe');
    const response = await postEvent(world, followUp('ticket.resolved', {}));
    expect(await refusalOf(response)).toMatchObject({
      status: 403,
      code: 'AgentGone',
      detail: expect.stringMatching(/zoe, who is nobody of policies\/team\.yaml any more.*steward key revoke/),
    });
    expect(world.told).toEqual([]);
  });
});

describe('an event by a key that speaks for many', () => {
  it('is whose it says, of the team or not', async () => {
    const world = worldOf(null);
    for (const [i, agentId] of ['ana', 'ben', 'platform-7'].entries()) {
      const said = followUp('ticket.replied', { message: 'Try now', by: 'agent', agentId }, `evt-${i}`);
      expect((await postEvent(world, said)).status).toBe(202);
    }
    await postEvent(world, followUp('ticket.resolved', {}, 'evt-9'));
    expect(world.told.map(({ payload }) => ('agentId' in payload ? payload.agentId : null))).toEqual([
      'ana',
      'ben',
      'platform-7',
      null,
    ]);
  });

  it('and in which an agent says something names that agent', async () => {
    const world = worldOf(null);
    const response = await postEvent(world, followUp('ticket.replied', { message: 'Try now', by: 'agent' }));
    expect(await refusalOf(response)).toMatchObject({ status: 422, problems: [{ field: 'detail.agentId' }] });
  });
});

it('an event of a platform’s own, by an agent’s own key, is that agent’s too; one that is signed is the platform’s', async () => {
  const world = worldOf('ana');
  const said = { type: 'resolved', agentId: 'ben' } as const;
  const door = (isSigned: boolean): SourceDoor => ({
    name: 'desk',
    isSigned,
    wrong: () => null,
    hear: () => ({ followUp: { ticketId: ID, source: 'desk', eventId: 'd-1', said }, rule: 'solved' }),
  });
  const send = (isSigned: boolean) =>
    createApp({ ...depsOf(world), sources: new Map([['desk', door(isSigned)]]) }).request('/v1/sources/desk', {
      method: 'POST',
      headers: { authorization: `Bearer ${world.key}` },
      body: '{}',
    });
  expect(await refusalOf(await send(false))).toEqual(foreign('detail.agentId'));
  expect(world.told).toEqual([]);
  expect((await send(true)).status).toBe(202);
  expect(world.told).toMatchObject([{ event: 'resolved', payload: { agentId: 'ben' } }]);
});

it('by an agent’s own key nobody says of another whether they are there', async () => {
  const world = worldOf('ana');
  const set: string[] = [];
  const presenceBy = () => ({
    set: async (agentId: string) => {
      set.push(agentId);
      return 'available' as const;
    },
  });
  const app = createApp({ ...depsOf(world), presenceBy });
  const say = (agentId: string) =>
    app.request(`/v1/agents/${agentId}/presence`, {
      method: 'POST',
      headers: { authorization: `Bearer ${world.key}` },
      body: JSON.stringify({ presence: 'off' }),
    });
  expect(await refusalOf(await say('ben'))).toEqual(foreign('id'));
  expect((await say('ana')).status).toBe(200);
  expect(set).toEqual(['ana']);
});
