import { expect, test } from 'vitest';
import type { Decide, TicketView } from '../../src/contract.ts';
import { StewardError } from '../../src/domain/errors.ts';
import { createApp } from '../../src/http/app.ts';
import { createWorld, depsOf } from './support.ts';

function gateway(asked?: TicketView['asked']) {
  const world = createWorld();
  const deps = depsOf(world);
  const fail: { decide?: Error } = {};
  const decided: (Decide & { eventId: string })[] = [];
  const view = { ticketId: 'TKT-1', state: 'waitingForAgent', ...(asked ? { asked } : {}) } as TicketView;
  const answer = async () => {
    if (world.fail.temporal) throw world.fail.temporal;
    return view;
  };
  const app = createApp({
    ...deps,
    client: {
      ...deps.client,
      describe: answer,
      decide: async (_, args, eventId) => {
        if (fail.decide) throw fail.decide;
        decided.push({ ...args, eventId });
        return answer();
      },
    },
  });
  const send = async (method: string, fields?: Record<string, string>) => {
    const response = await app.request('/ask/ask', {
      method,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      ...(fields ? { body: new URLSearchParams(fields).toString() } : {}),
    });
    return { status: response.status, text: await response.text(), headers: response.headers };
  };
  return { world, decided, send, fail };
}
const ASKED = { round: 1, face: { kind: 'asked' } } as const;

test('the page is nobody’s to keep, to frame or to find', async () => {
  const { headers } = await gateway(ASKED).send('GET');
  expect(headers.get('cache-control')).toBe('no-store');
  expect(headers.get('referrer-policy')).toBe('no-referrer');
  expect(headers.get('x-robots-tag')).toContain('noindex');
  expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
});

test.each<[Record<string, string>, string]>([
  [{}, 'Choose what becomes of it'],
  [{ act: 'destroy' }, 'Choose what becomes of it'],
  [{ act: 'reply', message: ' ' }, 'Write something'],
  [{ act: 'note' }, 'Write something'],
  [{ act: 'reply', message: 'x'.repeat(100_001) }, 'at most 100,000 characters'],
])('what is wrong shows at its field, and decides nothing: %o', async (fields, words) => {
  const { send, decided } = gateway(ASKED);
  const { status, text } = await send('POST', fields);
  expect([status, text]).toEqual([422, expect.stringContaining(words)]);
  expect(decided).toEqual([]);
});

test('words that go with no choice stay here', async () => {
  const { send, decided } = gateway(ASKED);
  expect(await send('POST', { act: 'claim', message: 'Hello' })).toMatchObject({ status: 303 });
  expect(decided).toEqual([expect.not.objectContaining({ message: 'Hello' })]);
});

test('while Temporal is away the words stay on the page', async () => {
  const { send, world } = gateway(ASKED);
  world.fail.temporal = new StewardError('Unavailable', 'away');
  const { status, text } = await send('POST', { act: 'reply', message: 'My words' });
  expect(status).toBe(503);
  expect(text).toContain('My words</textarea>');
  expect(await send('GET')).toMatchObject({ status: 200 });
});

test('of a ticket that is over nothing is asked any more', async () => {
  const { send, world } = gateway();
  world.fail.temporal = new StewardError('TicketUnknown', 'over');
  expect((await send('GET')).text).toContain('nothing left to decide');
});

test('who is too late hears who decided, by name; who only looks is not told that nothing was done', async () => {
  const late = { round: 1, face: { kind: 'resolved', by: 'ana', at: Date.parse('2026-11-27T18:53:00Z') } } as const;
  const { send, fail } = gateway(late);
  const looked = (await send('GET')).text;
  expect(looked).toContain('Solved by Ana Ruiz at 2026-11-27 18:53 UTC');
  expect(looked).not.toContain('Nothing was done');
  fail.decide = new StewardError('DecisionDenied', 'Nothing was done with ticket TKT-1. Solved by ana.');
  const { status, text } = await send('POST', { act: 'claim' });
  expect(status).toBe(409);
  expect(text).toContain('Nothing was done with ticket TKT-1. Solved by Ana Ruiz at 2026-11-27 18:53 UTC');
  expect(text).not.toContain('Solved by ana');
});
