import { describe, expect, it } from 'vitest';
import { expectAccessible, expectPrivate, html, send, statusOf } from './pages.ts';
import { createWorld, pageOf, place, tokenOf, type World } from './support.ts';

const eventIds = (world: World) => world.told.map((t) => ('eventId' in t.payload ? t.payload.eventId : undefined));

describe('GET /support/t/:token', () => {
  it('shows state in words, conversation, reply and rating, accessibly and privately', async () => {
    const world = createWorld();
    world.pages.set(
      'T-1',
      pageOf('T-1', {
        state: 'waitingForCustomer',
        rating: 4,
        outage: ['Login is slow'],
        conversation: [
          { author: 'customer', body: 'I wait.', at: '2026-04-23T10:15:00.000Z' },
          { author: 'bot', body: 'Try this.', at: '2026-04-23T10:16:00.000Z' },
          { author: 'agent', body: 'Or that.', at: '2026-04-23T10:17:00.000Z' },
        ],
      }),
    );
    const response = await world.app.request(statusOf('T-1'));
    const page = await html(response);
    expect(response.status).toBe(200);
    expectPrivate(response);
    expect(response.headers.get('x-robots-tag')).toContain('noindex');
    expectAccessible(page);
    for (const words of [
      'We have answered',
      'I wait.',
      'Try this.',
      'Or that.',
      'Our automatic assistant',
      'Our support team',
      'Login is slow',
      '23 April 2026 at 10:15 UTC',
    ]) {
      expect(page).toContain(words);
    }
    expect(page).toContain('<fieldset><legend>');
    expect(page.match(/type="radio"/g)).toHaveLength(5);
    expect(page).toMatch(/id="score-4"[^>]*checked/);
  });

  it('folds what a mail quotes', async () => {
    const world = createWorld();
    const line = {
      author: 'customer',
      body: 'No.',
      whole: 'No.\n> <b>Really?</b>',
      at: '2026-04-23T10:15:00.000Z',
    } as const;
    world.pages.set('T-1', pageOf('T-1', { conversation: [line] }));
    const page = await html(world.app.request(statusOf('T-1')));
    expectAccessible(page);
    const [shown = '', folded = ''] = page.split('<details>');
    expect(shown).toContain('No.');
    expect(shown).not.toContain('Really?');
    expect(folded).toContain('&lt;b&gt;Really?&lt;/b&gt;');
  });

  it('shows what anybody wrote as text, never as markup', async () => {
    const world = createWorld();
    const evil = '</p><script>alert(1)</script><img src=x onerror=alert(1)>';
    world.pages.set('T-1', pageOf('T-1', { subject: evil, message: evil, outage: [evil] }));
    const page = await html(world.app.request(statusOf('T-1')));
    expect(page).not.toMatch(/<script|<img/);
    expect(page.match(/&lt;script&gt;/g)?.length).toBe(3);
  });

  it('404 with a page for a link that opens nothing, without asking the store', async () => {
    const world = createWorld();
    for (const path of ['/support/t/wrong', '/support/t/%00', '/support/t/wrong/reply', '/support/x']) {
      const response = await world.app.request(path);
      expect(response.status).toBe(404);
      expectAccessible(await html(response));
    }
    expect(world.calls).toEqual([]);
  });

  it('shows the number of a ticket that is not written down yet', async () => {
    const page = await html(createWorld().app.request(statusOf('T-1')));
    expectAccessible(page);
    expect(page).toContain('Your ticket number is T-1');
    expect(page).toContain(`<a href="${statusOf('T-1')}">Look again</a>`);
  });

  it('never reloads by itself (WCAG 2.2.1, failure F41)', async () => {
    const world = createWorld();
    place(world, 'T-2', 'new');
    for (const id of ['T-1', 'T-2']) expect(await html(world.app.request(statusOf(id)))).not.toMatch(/http-equiv/i);
  });

  it('changes nothing by a GET, whatever mail programs open', async () => {
    const world = createWorld();
    place(world, 'T-1', 'solved');
    for (const end of ['', '/reply', '/rate', '/rate?score=1', '?sent=rating'])
      await world.app.request(statusOf('T-1') + end);
    expect(new Set(world.calls)).toEqual(new Set(['statusPage']));
  });

  it('leads from the address of an answered form back to the page', async () => {
    const response = await createWorld().app.request(`${statusOf('T-1')}/reply`);
    expect(response.status).toBe(303);
    expect(response.headers.get('location')).toBe(statusOf('T-1'));
  });

  it('503 with a page when PostgreSQL is away', async () => {
    const world = createWorld();
    world.fail = { store: Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }) };
    const response = await world.app.request(statusOf('T-1'));
    expect(response.status).toBe(503);
    expectAccessible(await html(response));
    expect(JSON.stringify(world.logged)).not.toContain(tokenOf('T-1'));
  });
});

describe('POST to a status page', () => {
  it('brings a reply to the ticket and leads back to the page', async () => {
    const world = createWorld();
    place(world, 'T-1', 'waitingForCustomer');
    const response = await send(world, `${statusOf('T-1')}/reply`, { event: 'e1', message: 'It burns\r\nagain.' });
    expect(response.status).toBe(303);
    expectPrivate(response);
    expect(response.headers.get('location')).toBe(`${statusOf('T-1')}?sent=reply`);
    expect(world.told).toEqual([
      {
        ticketId: 'T-1',
        event: 'customerReplied',
        payload: {
          source: 'steward.form',
          eventId: expect.stringMatching(/^reply-[0-9a-f]{32}$/),
          message: 'It burns\nagain.',
        },
      },
    ]);
    expect(await html(world.app.request(`${statusOf('T-1')}?sent=reply`))).toContain('Thank you, we have your reply.');
  });

  it('gives a second click the id of the first, and another ticket or form another', async () => {
    const world = createWorld();
    for (const id of ['T-1', 'T-2']) place(world, id, 'waitingForCustomer');
    for (const [id, event] of [
      ['T-1', 'e1'],
      ['T-1', 'e1'],
      ['T-2', 'e1'],
      ['T-1', 'e2'],
    ] as const) {
      await send(world, `${statusOf(id)}/reply`, { event, message: 'x' });
    }
    const [first, second, ...others] = eventIds(world);
    expect(second).toBe(first);
    expect(new Set([first, ...others]).size).toBe(3);
  });

  it('takes other words of the same form, sent again after going back, as another reply', async () => {
    const world = createWorld();
    place(world, 'T-1', 'waitingForCustomer');
    for (const message of ['It burns', 'It bruns no more', 'It burns no more']) {
      await send(world, `${statusOf('T-1')}/reply`, { event: 'e1', message });
    }
    expect(new Set(eventIds(world)).size).toBe(3);
    for (const score of ['1', '5']) await send(world, `${statusOf('T-1')}/rate`, { event: 'e1', score });
    expect(new Set(eventIds(world)).size).toBe(5);
  });

  it('lets no browser fill in the hidden value of an earlier form', async () => {
    const world = createWorld();
    place(world, 'T-1', 'solved');
    const hidden = (await html(world.app.request(statusOf('T-1')))).match(/<input type="hidden"[^>]*>/g);
    expect(hidden).toHaveLength(2);
    for (const input of hidden ?? []) expect(input).toContain('autocomplete="off"');
  });

  it('brings a rating', async () => {
    const world = createWorld();
    place(world, 'T-1', 'solved');
    const response = await send(world, `${statusOf('T-1')}/rate`, { event: 'e1', score: '5' });
    expect(response.status).toBe(303);
    expect(world.told).toMatchObject([{ event: 'rated', payload: { score: 5 } }]);
    expect(await html(world.app.request(statusOf('T-1')))).toContain('You gave 5 of 5.');
  });

  it('keeps a late rating of a closed ticket', async () => {
    const world = createWorld();
    place(world, 'T-1', 'closed');
    expect((await send(world, `${statusOf('T-1')}/rate`, { event: 'e1', score: '2' })).status).toBe(303);
    expect(world.late).toEqual([{ ticketId: 'T-1', score: 2 }]);
  });

  it("leads to the new ticket's page after a reply to a closed one", async () => {
    const world = createWorld();
    place(world, 'T-1', 'closed');
    const response = await send(world, `${statusOf('T-1')}/reply`, { event: 'e1', message: 'Again' });
    const next = world.submitted[0]?.detail;
    expect(next).toMatchObject({ linkedTo: 'T-1', message: 'Again', channel: 'form' });
    expect(response.headers.get('location')).toBe(`${statusOf(next?.ticketId ?? '')}?sent=reply`);
  });

  it.each([
    ['reply', { message: ' ' }, 'message'],
    ['rate', {}, 'score-1'],
    ['rate', { score: '6' }, 'score-1'],
  ])('422 for /%s with %j says what is missing', async (act, fields, field) => {
    const world = createWorld();
    place(world, 'T-1', 'solved');
    const response = await send(world, `${statusOf('T-1')}/${act}`, { event: 'e1', ...fields });
    expect(response.status).toBe(422);
    const page = await html(response);
    expectAccessible(page);
    expect(page).toContain(`<a href="#${field}">`);
    expect(page).toContain('name="event" value="e1"');
    expect(world.told).toEqual([]);
  });

  it('503 with the reply kept when Temporal is away', async () => {
    const world = createWorld();
    place(world, 'T-1', 'solved');
    world.fail = { temporal: Object.assign(new Error('14 UNAVAILABLE'), { code: 14 }) };
    const response = await send(world, `${statusOf('T-1')}/reply`, { event: 'e1', message: 'Do not lose me' });
    expect(response.status).toBe(503);
    expect(await html(response)).toContain('Do not lose me');
  });

  it.each(['reply', 'rate'])('503 for /%s with everything kept when PostgreSQL is away', async (act) => {
    const world = createWorld();
    place(world, 'T-1', 'solved');
    world.fail = { store: Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }) };
    const fields = { event: 'e1', message: 'Do not lose me,\nplease', score: '4' };
    const response = await send(world, `${statusOf('T-1')}/${act}`, fields);
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5']);
    const page = await html(response);
    expectAccessible(page);
    expect(page).toContain('We can not take this at the moment.');
    expect(page).toContain('name="event" value="e1"');
    if (act === 'reply') expect(page).toMatch(/<textarea[^>]*>Do not lose me,\nplease<\/textarea>/);
    expect(page).toContain(`action="${statusOf('T-1')}/${act}"`);
  });

  it.each([
    ['reply', { message: 'x'.repeat(100_001) }, 'message'],
    ['rate', { score: '6' }, 'score-1'],
  ])(
    '422 for a wrong /%s to a ticket that is not written down yet, with what was typed',
    async (act, fields, field) => {
      const world = createWorld();
      const response = await send(world, `${statusOf('T-1')}/${act}`, { event: 'e1', ...fields });
      expect(response.status).toBe(422);
      const page = await html(response);
      expectAccessible(page);
      expect(page).toContain(`<a href="#${field}">`);
      if ('message' in fields) expect(page).toContain(fields.message);
      expect(world.held).toEqual([]);
    },
  );

  it('404 for a wrong link', async () => {
    const world = createWorld();
    expect((await send(world, '/support/t/wrong/reply', { message: 'x' })).status).toBe(404);
    expect((await send(world, '/support/t/wrong/rate', { score: '1' })).status).toBe(404);
    expect(world.calls).toEqual([]);
  });
});
