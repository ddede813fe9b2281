import { describe, expect, it } from 'vitest';
import { expectAccessible, FORM, html, send, statusOf } from './pages.ts';
import { createWorld, place, post, tokenOf, type World } from './support.ts';

const TICKET = 'WEB-0123456789abcdef';
const TYPED = { name: 'Ada', email: 'ada@example.com', subject: 'Fire', message: 'My printer burns.' };

const submit = (world: World, fields: Record<string, string> = {}) =>
  send(world, '/support', { token: tokenOf(TICKET), website: '', ...TYPED, ...fields });

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
    expect(page).toMatch(/<input type="hidden" name="token"[^>]* autocomplete="off"/);
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
          customerId: 'CUST-new-ada.example.com',
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

  it('takes other words of the same form, sent again after going back, as a reply to its ticket', async () => {
    const world = createWorld();
    for (const message of ['My printer burns.', 'My printer burns, in Rome.', 'My printer burns, in Rome.']) {
      const response = await submit(world, { message });
      expect(response.headers.get('location')).toBe(statusOf(TICKET));
    }
    expect(world.submitted).toHaveLength(1);
    expect(world.told).toMatchObject([
      { ticketId: TICKET, event: 'customerReplied', payload: { message: 'My printer burns, in Rome.' } },
    ]);
    const page = await html(world.app.request(statusOf(TICKET)));
    expect(page).toContain('My printer burns, in Rome.');
  });

  it('leads to the new, linked ticket where the same form comes with other words after its ticket is closed', async () => {
    const world = createWorld();
    place(world, TICKET, 'closed', 'steward.form');
    const response = await submit(world, { message: 'It burns again.' });
    const [next] = world.submitted;
    expect(next?.detail).toMatchObject({ linkedTo: TICKET, message: 'It burns again.' });
    expect(response.headers.get('location')).toBe(statusOf(next?.detail.ticketId ?? ''));
  });

  it('503 with everything typed kept when the other words can not be brought to their ticket', async () => {
    const world = createWorld();
    await submit(world);
    world.fail = { temporal: Object.assign(new Error('14 UNAVAILABLE'), { code: 14 }) };
    const response = await submit(world, { message: 'My printer burns, in Rome.' });
    expect(response.status).toBe(503);
    expect(await html(response)).toContain('My printer burns, in Rome.');
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
      expect(/name="token" value="([^"]*)"/.exec(page)?.[1]).not.toBe(token);
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
