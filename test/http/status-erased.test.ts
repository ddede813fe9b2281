/** The page of a ticket whose customer was erased: closed, empty, and nothing can be said there. */
import { describe, expect, it } from 'vitest';
import { expectAccessible, expectPrivate, html, send, statusOf } from './pages.ts';
import { createWorld, pageOf } from './support.ts';

function erasedWorld(erased: 'inPart' | 'whole') {
  const world = createWorld();
  world.tickets.set('T-1', { source: 's', state: 'closed', customerId: 'C-1', subject: '[erased]', erased: true });
  world.pages.set('T-1', pageOf('T-1', { state: 'closed', erased, subject: '[erased]', message: 'These words.' }));
  return world;
}

describe.each([
  ['whole', 'nothing of it is kept'],
  ['inPart', 'the law has us keep'],
] as const)('a ticket that is erased (%s)', (erased, said) => {
  it('is told as closed, without its words and without a form', async () => {
    const response = await erasedWorld(erased).app.request(`${statusOf('T-1')}?sent=reply`);
    const page = await html(response);
    expect(response.status).toBe(200);
    expectPrivate(response);
    expectAccessible(page);
    expect(page).toContain('This ticket is closed.');
    expect(page).toContain(said);
    expect(page).toContain('href="/support"');
    expect(page).not.toMatch(/<form|<textarea|type="radio"|These words|\[erased\]|Thank you/);
  });

  it.each([
    ['reply', { event: 'e', message: 'Hello?' }],
    ['reply', { event: 'e', message: '' }],
    ['rate', { event: 'e', score: '5' }],
    ['rate', { event: 'e' }],
  ])('refuses what comes to it: %s with %o', async (act, fields: Record<string, string>) => {
    const world = erasedWorld(erased);
    const response = await send(world, `${statusOf('T-1')}/${act}`, fields);
    const page = await html(response);
    expect(response.status).toBe(410);
    expectPrivate(response);
    expectAccessible(page);
    expect(page).toContain('What you sent was not taken, and is not kept.');
    expect(page).toContain(said);
    expect(page).not.toMatch(/<form|Hello\?/);
    expect(world.told).toEqual([]);
    expect(world.submitted).toEqual([]);
  });
});
