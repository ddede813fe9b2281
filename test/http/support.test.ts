import { describe, expect, it } from 'vitest';
import { createWorld, pageOf, place, post, tokenOf, type World } from './support.ts';

const TICKET = 'WEB-0123456789abcdef';
const TYPED = { name: 'Ada', email: 'ada@example.com', subject: 'Fire', message: 'My printer burns.' };
const FORM = { 'content-type': 'application/x-www-form-urlencoded', authorization: '' };

function send(world: World, path: string, fields: Record<string, string>) {
  return post(world, path, new URLSearchParams(fields).toString(), FORM);
}
const submit = (world: World, fields: Record<string, string> = {}) =>
  send(world, '/support', { token: tokenOf(TICKET), website: '', ...TYPED, ...fields });
const statusOf = (ticketId: string) => `/support/t/${tokenOf(ticketId)}`;
async function html(response: Response | Promise<Response>): Promise<string> {
  return (await response).text();
}

/** What every page owes to those who read it by ear or by keyboard. */
function expectAccessible(page: string): void {
  expect(page).toMatch(/^<!doctype html><html lang="en">/);
  expect(page).toMatch(/<title>[^<]+<\/title>/);
  expect(page).toContain('name="viewport"');
  expect(page.match(/<h1/g)).toHaveLength(1);
  expect(page).toContain('<main id="main">');
  expect(page).toContain('href="#main"');
  expect(page).not.toMatch(/<script|style="|\son[a-z]+=/);
  const ids = [...page.matchAll(/\sid="([^"]+)"/g)].map((m) => m[1]);
  expect(new Set(ids).size).toBe(ids.length);
  const labels = [...page.matchAll(/<label for="([^"]+)"/g)].map((m) => m[1]);
  for (const [field] of page.matchAll(/<(?:input|textarea)\b[^>]*>/g)) {
    if (field.includes('type="hidden"')) continue;
    expect(labels).toContain(/\sid="([^"]+)"/.exec(field)?.[1]);
  }
  for (const [, refs = ''] of page.matchAll(/aria-(?:describedby|labelledby)="([^"]+)"/g)) {
    for (const id of refs.split(' ')) expect(ids).toContain(id);
  }
  for (const [, target] of page.matchAll(/href="#([^"]+)"/g)) expect(ids).toContain(target);
}

function expectPrivate(response: Response): void {
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(response.headers.get('referrer-policy')).toBe('no-referrer');
}

describe('GET /support', () => {
  it('is where / leads', async () => {
    const response = await createWorld().app.request('/');
    expect(response.status).toBe(302);
    expect(response.headers.get('location')).toBe('/support');
  });

  it('shows an accessible form that says what belongs where', async () => {
    const response = await createWorld().app.request('/support');
    const page = await html(response);
    expect(response.status).toBe(200);
    expectAccessible(page);
    for (const name of ['name', 'email', 'subject', 'message']) expect(page).toContain(`<label for="${name}">`);
    expect(page).toContain('autocomplete="email"');
    expect(page).toContain('autocomplete="name"');
    expect(page).toContain('<form method="post" action="/support"');
  });

  it('runs nothing and loads nothing but our own style sheet', async () => {
    const world = createWorld();
    const policy = (await world.app.request('/support')).headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("style-src 'self'");
    expect(policy).not.toMatch(/unsafe|script-src/);
    const css = await world.app.request('/support/style.css');
    expect(css.headers.get('content-type')).toContain('text/css');
    expect(await css.text()).toContain(':focus-visible');
  });

  it('gives every visitor a token of their own', async () => {
    const world = createWorld();
    const token = async () => /name="token" value="([^"]+)"/.exec(await html(world.app.request('/support')))?.[1];
    expect(await token()).not.toBe(await token());
  });
});

describe('the colours of the pages', () => {
  it('keep a contrast of 4.5 to 1 in both schemes', async () => {
    const css = await html(createWorld().app.request('/support/style.css'));
    const [light = '', dark = ''] = [...css.matchAll(/:root \{([^}]+)\}/g)].map((m) => m[1]);
    for (const scheme of [light, dark]) {
      const colour = (name: string) => new RegExp(`--${name}: #([0-9a-f]{6})`).exec(scheme)?.[1] ?? '';
      for (const ink of ['ink', 'quiet', 'accent', 'wrong']) {
        expect([ink, contrast(colour(ink), colour('paper'))]).toEqual([ink, expect.toSatisfy((c: number) => c >= 4.5)]);
      }
      for (const ink of ['ink', 'quiet', 'accent'])
        expect(contrast(colour(ink), colour('panel'))).toBeGreaterThanOrEqual(4.5);
      expect(contrast(colour('on-accent'), colour('accent'))).toBeGreaterThanOrEqual(4.5);
      expect(contrast(colour('focus'), colour('paper'))).toBeGreaterThanOrEqual(3);
      expect(contrast(colour('line'), colour('paper'))).toBeGreaterThanOrEqual(3);
    }
  });
});

/** WCAG 2: (lighter + 0.05) / (darker + 0.05) of the relative luminances. */
function contrast(a: string, b: string): number {
  const luminance = (hex: string) => {
    const [r = 0, g = 0, bl = 0] = [0, 2, 4]
      .map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
      .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * bl;
  };
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

describe('POST /support', () => {
  it('makes a ticket and leads to its private page, which shows the number', async () => {
    const world = createWorld();
    const response = await submit(world);
    expect(response.status).toBe(303);
    expect(response.headers.get('location')).toBe(statusOf(TICKET));
    expect(world.submitted).toEqual([
      {
        source: 'steward.form',
        'detail-type': 'ticket.created',
        detail: {
          ticketId: TICKET,
          customerId: expect.stringMatching(/^CUST-/),
          subject: 'Fire',
          message: 'My printer burns.',
          customerEmail: 'ada@example.com',
          customerName: 'Ada',
          channel: 'form',
        },
      },
    ]);
    expect(await html(world.app.request(statusOf(TICKET)))).toContain(TICKET);
  });

  it('makes the ticket that the shown form stands for', async () => {
    const world = createWorld();
    const token = /name="token" value="([^"]+)"/.exec(await html(world.app.request('/support')))?.[1] ?? '';
    await submit(world, { token });
    expect(world.submitted[0]?.detail.ticketId).toMatch(/^WEB-[0-9a-f]{16}$/);
  });

  it('makes one ticket of two clicks, one after the other or at once', async () => {
    const world = createWorld();
    const answers = await Promise.all([submit(world), submit(world)]);
    answers.push(await submit(world));
    expect(answers.map((r) => r.status)).toEqual([303, 303, 303]);
    expect(world.submitted).toHaveLength(1);
  });

  it('knows the customer by the address', async () => {
    const world = createWorld();
    world.customers.set('ada@example.com', 'CUST-8921');
    await submit(world, { email: ' Ada@Example.com ' });
    expect(world.submitted[0]?.detail.customerId).toBe('CUST-8921');
  });

  it('needs no name', async () => {
    const world = createWorld();
    expect((await submit(world, { name: '' })).status).toBe(303);
    expect(world.submitted[0]?.detail).not.toHaveProperty('customerName');
  });

  it('422 with every error, linked to its field, and keeps what was typed', async () => {
    const world = createWorld();
    const response = await submit(world, { email: 'ada@gmail', subject: '', message: '<b>My & "text"</b>' });
    expect(response.status).toBe(422);
    const page = await html(response);
    expectAccessible(page);
    expect(page).toContain('<title>Problem: ');
    expect(page).toMatch(/role="alert" tabindex="-1" autofocus/);
    expect(page).toContain('<a href="#email">Enter your e-mail address, such as name@example.com.</a>');
    expect(page).toContain('<a href="#subject">Enter a subject.</a>');
    expect(page).toMatch(/id="email"[^>]*aria-describedby="email-hint email-error"[^>]*aria-invalid="true"/);
    expect(page).toContain('value="ada@gmail"');
    expect(page).toContain('&lt;b&gt;My &amp; &quot;text&quot;&lt;/b&gt;');
    expect(page).toContain(`value="${tokenOf(TICKET)}"`);
    expect(world.submitted).toEqual([]);
  });

  it.each([
    ['name', { name: 'x'.repeat(201) }],
    ['email', { email: '' }],
    ['email', { email: 'a@b.c, d@e.f' }],
    ['subject', { subject: 'x'.repeat(501) }],
    ['message', { message: ' \r\n ' }],
    ['message', { message: 'x'.repeat(100_001) }],
  ])('422 names %s', async (field, fields) => {
    const page = await html(submit(createWorld(), fields));
    expect(page).toContain(`<a href="#${field}">`);
  });

  it('asks again where the field is filled in that only robots see; the second time a person passes', async () => {
    const world = createWorld();
    const response = await submit(world, { website: 'https://spam.example' });
    expect(response.status).toBe(422);
    const page = await html(response);
    expect(page).toContain('My printer burns.');
    expect(page).toContain('name="website" value=""');
    expect(world.submitted).toEqual([]);
  });

  it("takes no token but its own: nobody is led to another ticket's page", async () => {
    for (const token of ['', 'x', tokenOf('TKT-1'), tokenOf('WEB-1')]) {
      const world = createWorld();
      place(world, 'TKT-1', 'solved');
      const response = await submit(world, { token });
      expect(response.status).toBe(422);
      const page = await html(response);
      expect(page).toContain('My printer burns.');
      expect(page).not.toContain(`value="${token}"`);
    }
  });

  it('503 with everything typed kept when Temporal is away', async () => {
    const world = createWorld();
    world.fail = { temporal: Object.assign(new Error('14 UNAVAILABLE'), { code: 14 }) };
    const response = await submit(world);
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('5');
    const page = await html(response);
    expectAccessible(page);
    expect(page).toContain('My printer burns.');
  });

  it('refuses other bodies and larger ones with a page', async () => {
    expect((await post(createWorld(), '/support', '{}')).status).toBe(415);
    const large = await post(createWorld(), '/support', `message=${'x'.repeat(1024 * 1024)}`, FORM);
    expect(large.status).toBe(413);
    expectAccessible(await html(large));
  });
});

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
    const [first, second, ...others] = world.told.map((t) => ('eventId' in t.payload ? t.payload.eventId : undefined));
    expect(second).toBe(first);
    expect(new Set([first, ...others]).size).toBe(3);
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

  it('404 for a wrong link', async () => {
    const world = createWorld();
    expect((await send(world, '/support/t/wrong/reply', { message: 'x' })).status).toBe(404);
    expect((await send(world, '/support/t/wrong/rate', { score: '1' })).status).toBe(404);
    expect(world.calls).toEqual([]);
  });
});
