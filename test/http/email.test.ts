import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { newKey } from '../../src/http/keys.ts';
import { mailDigest } from '../../src/http/mail.ts';
import { publicFiles, publicPath } from '../support/public-data.ts';
import { detailOf, mail, send } from './mails.ts';
import { createWorld, macOf, place, post, type World } from './support.ts';

const PLAIN = mail({ 'Content-Type': 'text/plain; charset=utf-8' }, 'My printer is on fire.\r\n');
const TICKET = `MAIL-${mailDigest('<first@example.com>', 'ada@example.com').slice(0, 16)}`;

describe('POST /v1/email with a mail from a person', () => {
  it('makes a ticket of it, the same one for the same mail', async () => {
    const world = createWorld();
    const response = await send(world, PLAIN);
    expect(response.status).toBe(202);
    expect(await response.json()).toEqual({ ticketId: TICKET, workflowId: `ticket-${TICKET}` });
    expect(world.submitted[0]).toEqual({
      source: 'steward.mail',
      'detail-type': 'ticket.created',
      detail: {
        ticketId: TICKET,
        customerId: 'CUST-new-ada.example.com',
        subject: 'Fire',
        message: 'My printer is on fire.',
        mail: { messageId: '<first@example.com>' },
        customerEmail: 'ada@example.com',
        customerName: 'Ada Lovelace',
        channel: 'mail',
      },
    });
    const again = await send(world, PLAIN);
    expect(again.status).toBe(200);
    expect(await again.json()).toMatchObject({ ticketId: TICKET, known: true });
    expect(world.submitted).toHaveLength(1);
  });

  it('knows the customer by the address', async () => {
    const world = createWorld();
    world.customers.set('ada@example.com', 'CUST-8921');
    await send(world, mail({ From: 'ADA@Example.com' }, 'Hi'));
    expect(world.submitted[0]?.detail.customerId).toBe('CUST-8921');
  });

  it('reads any charset', async () => {
    const koi8 = Buffer.from([0xf0, 0xd2, 0xc9, 0xd7, 0xc5, 0xd4]);
    expect((await detailOf(mail({ 'Content-Type': 'text/plain; charset=koi8-r' }, koi8)))?.message).toBe('Привет');
    const jis = Buffer.from([0x1b, 0x24, 0x42, 0x46, 0x7c, 0x4b, 0x5c, 0x1b, 0x28, 0x42]);
    expect((await detailOf(mail({ 'Content-Type': 'text/plain; charset=iso-2022-jp' }, jis)))?.message).toBe('日本');
    expect((await detailOf(mail({ Subject: '=?iso-8859-1?Q?Gr=FC=DFe?=' }, 'x')))?.subject).toBe('Grüße');
  });

  it('turns HTML-only mail into text', async () => {
    const detail = await detailOf(
      mail({ 'Content-Type': 'text/html' }, '<p>My <b>printer</b></p><script>alert(1)</script><p>burns</p>'),
    );
    expect(detail?.message).toMatch(/^My printer\s+burns$/);
  });

  it.each(['', '<>', '<none>', 'first@example.com'])(
    'names the ticket by the whole mail where the Message-ID is %j, and so names none',
    async (id) => {
      const raw = mail({ 'Message-ID': id }, 'x');
      expect((await detailOf(raw))?.ticketId).toBe(`MAIL-${hash('sha256', raw, 'hex').slice(0, 16)}`);
    },
  );

  it.each(['<>', '<1@localhost>'])(
    'makes two tickets of two mails of two people that share the Message-ID %s',
    async (id) => {
      const world = createWorld();
      for (const who of ['ada', 'bob']) {
        const response = await send(world, mail({ From: `${who}@example.com`, 'Message-ID': id }, `I am ${who}.`));
        expect(response.status).toBe(202);
      }
      expect(world.submitted.map((event) => event.detail.message)).toEqual(['I am ada.', 'I am bob.']);
    },
  );

  it('makes one ticket of one mail whose sender is written now large, now small', async () => {
    const world = createWorld();
    for (const from of ['Ada@Example.com', 'ada@example.com']) await send(world, mail({ From: from }, 'x'));
    expect(world.submitted).toHaveLength(1);
  });

  it('minds neither a missing subject nor NUL characters', async () => {
    expect(await detailOf(mail({ Subject: '' }, 'a\u0000b'))).toMatchObject({ subject: '(no subject)', message: 'ab' });
  });

  it('takes a mail whose address can not be written to, without the address', async () => {
    const detail = await detailOf(mail({ From: `"x" <${'a'.repeat(70)}@b.c>` }, 'x'));
    expect(detail).not.toHaveProperty('customerEmail');
    expect(detail?.customerId).toMatch(/^CUST-[0-9a-f-]{36}$/);
  });
});

describe('POST /v1/email with an answer', () => {
  it('brings the answer to one of our mails to its ticket', async () => {
    const world = createWorld();
    place(world, 'TKT-1', 'waitingForCustomer');
    world.messages.set('0102-abc', { ticketId: 'TKT-1', to: 'ada@example.com' });
    const response = await send(
      world,
      mail({ 'Message-ID': '<second@example.com>', 'In-Reply-To': '<0102-abc@eu.amazonses.com>' }, 'Thanks, but no.'),
    );
    expect(response.status).toBe(202);
    expect(await response.json()).toEqual({ ticketId: 'TKT-1', workflowId: 'ticket-TKT-1' });
    expect(world.told).toEqual([
      {
        ticketId: 'TKT-1',
        event: 'customerReplied',
        payload: {
          source: 'steward.mail',
          eventId: mailDigest('<second@example.com>', 'ada@example.com'),
          message: 'Thanks, but no.',
          mail: { messageId: '<second@example.com>' },
        },
      },
    ]);
    expect(world.submitted).toEqual([]);
  });

  it("brings a second mail of a thread to the first one's ticket", async () => {
    const world = createWorld();
    await send(world, PLAIN);
    const response = await send(
      world,
      mail({ 'Message-ID': '<second@example.com>', References: '<first@example.com> <other@example.com>' }, 'PS'),
    );
    expect(await response.json()).toMatchObject({ ticketId: TICKET });
    expect(world.told).toMatchObject([{ event: 'customerReplied', payload: { message: 'PS' } }]);
  });

  it('knows the thread where the first mail stands between mails of others', async () => {
    const world = createWorld();
    await send(world, PLAIN);
    const thread = { 'In-Reply-To': '<c@x>', References: '<a@x> <first@example.com> <b@x> <c@x>' };
    const response = await send(world, mail({ ...thread, 'Message-ID': '<second@example.com>' }, 'PS'));
    expect(await response.json()).toMatchObject({ ticketId: TICKET });
  });

  it('answers 200 known to an answer that was taken already', async () => {
    const world = createWorld();
    place(world, 'TKT-1', 'waitingForCustomer');
    world.messages.set('<m@x>', { ticketId: 'TKT-1', to: 'ada@example.com' });
    world.taken.add(`steward.mail/${mailDigest('<first@example.com>', 'ada@example.com')}`);
    const response = await send(world, mail({ 'In-Reply-To': '<m@x>' }, 'Thanks, but no.'));
    expect([response.status, await response.json()]).toMatchObject([200, { ticketId: 'TKT-1', known: true }]);
    expect(world.told).toEqual([]);
  });

  it('opens a new, linked ticket where the answered one is closed', async () => {
    const world = createWorld();
    place(world, 'TKT-1', 'closed');
    world.messages.set('<m@x>', { ticketId: 'TKT-1', to: 'ada@example.com' });
    const response = await send(world, mail({ 'In-Reply-To': '<m@x>' }, 'Again'));
    expect(response.status).toBe(202);
    expect(world.submitted[0]?.detail).toMatchObject({
      linkedTo: 'TKT-1',
      channel: 'mail',
      message: 'Again',
      customerId: 'CUST-8921',
    });
  });

  it.each(['Mallory <mallory@example.com>', 'Ana of the team <ana@support.example>'])(
    "makes a new ticket of an answer that is not from the ticket's customer but from %s, of which those hear who have the answered one",
    async (from) => {
      const world = createWorld();
      await send(world, PLAIN);
      world.messages.set('0102-abc', { ticketId: TICKET, to: 'ada@example.com' });
      const answers = { 'In-Reply-To': '<0102-abc@eu.amazonses.com>', References: '<first@example.com>' };
      const response = await send(world, mail({ ...answers, From: from, 'Message-ID': '<2@x>' }, 'I say.'));
      expect(response.status).toBe(202);
      expect(world.submitted).toHaveLength(2);
      const { ticketId: otherTicketId, ...detail } = world.submitted[1]?.detail ?? { ticketId: '' };
      expect(detail).toMatchObject({ message: 'I say.' });
      expect(otherTicketId).not.toBe(TICKET);
      expect(world.told).toMatchObject([
        { ticketId: TICKET, event: 'strangerReplied', payload: { source: 'steward.mail', otherTicketId } },
      ]);
      expect(JSON.stringify(world.told)).not.toContain('I say.');
    },
  );

  it.each([
    ['what told them of a ticket', (world: World) => void world.toUs.add('0102-abc')],
    [
      'what went to the customer',
      (world: World) => void world.messages.set('0102-abc', { ticketId: TICKET, to: 'ada@example.com' }),
    ],
  ])('keeps it for a person where one of us answers %s; nobody becomes a customer by it', async (_what, went) => {
    const world = createWorld();
    await send(world, PLAIN);
    went(world);
    const answers = { 'In-Reply-To': '<0102-abc@eu.amazonses.com>', 'Message-ID': '<2@x>' };
    const from = { From: 'Ben <Ben@support.example>' };
    const raw = mail({ ...answers, ...from }, 'Dear customer, try again.');
    const response = await send(world, raw);
    expect([response.status, await response.json()]).toEqual([200, { parked: 'ours' }]);
    expect([world.submitted.length, world.told]).toEqual([1, []]);
    expect(world.parked).toMatchObject([
      { reason: 'ours', sender: 'ben@support.example', mail: raw.toString('latin1') },
    ]);
    // What they write on their own account is a customer's.
    expect((await send(world, mail({ ...from, 'Message-ID': '<3@x>' }, 'My own printer burns.'))).status).toBe(202);
  });

  it.each([
    ['To', 'help+12.MAC@reply.example'],
    ['To', '"Help" <HELP+12.MAC@REPLY.EXAMPLE>'],
    ['Delivered-To', 'help+12.MAC@reply.example'],
    ['Cc', 'ana@x.example, help+12.MAC@reply.example'],
  ])(
    'brings it to the ticket that the address stands for, though it names no mail of ours: %s: %s',
    async (name, to) => {
      const world = createWorld();
      place(world, 'TKT-1', 'waitingForCustomer');
      world.messages.set('12', { ticketId: 'TKT-1', to: 'ada@example.com' });
      const address = to.replace('MAC', macOf('TKT-1', '12'));
      const response = await send(
        world,
        mail({ [name]: name === 'To' && to.startsWith('"') ? address.toUpperCase() : address }, 'No.'),
      );
      expect(await response.json()).toMatchObject({ ticketId: 'TKT-1' });
      expect(world.told).toMatchObject([{ event: 'customerReplied', payload: { message: 'No.' } }]);
    },
  );

  it.each([
    ['another message', '13'],
    ['another ticket', '12'],
  ])('takes no address whose proof is of %s', async (_, id) => {
    const world = createWorld();
    place(world, 'TKT-1', 'waitingForCustomer');
    for (const known of ['12', '13']) world.messages.set(known, { ticketId: 'TKT-1', to: 'ada@example.com' });
    const mac = id === '13' ? macOf('TKT-1', '12') : macOf('TKT-2', '12');
    await send(world, mail({ To: `help+${id}.${mac}@reply.example` }, 'Let me in.'));
    expect(world.told).toEqual([]);
    expect(world.submitted).toHaveLength(1);
  });

  it('keeps the whole text, and what is new in it beside', async () => {
    const text = 'It still burns.\r\n\r\nOn 26 Nov 2026 Ana <help@x.example> wrote:\r\n> Are you sure?\r\n';
    expect(await detailOf(mail({ 'Content-Type': 'text/plain' }, text))).toMatchObject({
      message: 'It still burns.\n\nOn 26 Nov 2026 Ana <help@x.example> wrote:\n> Are you sure?',
      mail: { newWords: 'It still burns.' },
    });
  });

  it.each([
    [
      'Gmail',
      '<div>It still burns.</div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">On Thu, Nov 26, 2026 at 10:00 AM Ana &lt;<a href="mailto:help@x.example">help@x.example</a>&gt; wrote:<br></div><blockquote class="gmail_quote" style="margin:0"><div>Are you sure?</div></blockquote></div>',
    ],
    [
      'Outlook',
      '<p>It still burns.</p><div style="border-top:solid #E1E1E1 1.0pt"><p><b>From:</b> Ana<br><b>Sent:</b> Thursday<br><b>To:</b> Mira<br><b>Subject:</b> Re: Fire</p></div><p>Are you sure?</p>',
    ],
    [
      'Apple Mail',
      'It still burns.<br><div><br><blockquote type="cite"><div>On 26 Nov 2026, at 10:00, Ana &lt;help@x.example&gt; wrote:</div><br><div>Are you sure?</div></blockquote></div>',
    ],
  ])('tells new words from quotes in the HTML of %s', async (_, body) => {
    const detail = await detailOf(mail({ 'Content-Type': 'text/html' }, body));
    expect(detail?.mail?.newWords).toBe('It still burns.');
    expect(detail?.message).toContain('Are you sure?');
  });

  it('makes a new ticket where nothing is known of what it answers', async () => {
    expect((await detailOf(mail({ 'In-Reply-To': '<unknown@x>' }, 'x')))?.ticketId).toBe(TICKET);
  });
});

describe('POST /v1/email with a mail from a machine', () => {
  it.each<[string, Record<string, string>]>([
    ['automatic', { 'Auto-Submitted': 'auto-replied' }],
    ['bounce', { From: 'MAILER-DAEMON@example.com' }],
    ['bounce', { 'Return-Path': '<>' }],
    ['bounce', { 'Content-Type': 'multipart/report; report-type=delivery-status;\r\n boundary=b' }],
    ['bounce', { From: 'MAILER-DAEMON (Mail Delivery System)' }],
    ['bounce', { From: '<>' }],
    ['own', { 'X-Ticket-Id': 'TKT-1', 'X-Delivery-Id': '5', 'Auto-Submitted': 'auto-generated' }],
  ])('ignores it: %s %j', async (reason, headers) => {
    const world = createWorld();
    const response = await send(world, mail(headers, 'I am away.'));
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ ignored: true, reason });
    expect(world.submitted).toEqual([]);
    expect(world.told).toEqual([]);
  });
});

describe('what POST /v1/email refuses', () => {
  it('401 without a valid key, before it reads the mail', async () => {
    const world = createWorld();
    for (const authorization of ['', `Bearer ${newKey()}`]) {
      let pulled = 0;
      const body = new ReadableStream(
        {
          pull(controller) {
            pulled += 1;
            controller.enqueue(new Uint8Array(1024));
          },
        },
        { highWaterMark: 0 },
      );
      const response = await post(world, '/v1/email', body, { authorization });
      expect(response.status).toBe(401);
      expect(pulled).toBe(0);
    }
  });

  it('413 over 10 MiB, declared or not', async () => {
    const size = 10 * 1024 * 1024 + 1;
    expect((await send(createWorld(), 'x', { 'content-length': String(size) })).status).toBe(413);
    expect((await send(createWorld(), 'x'.repeat(size))).status).toBe(413);
  });

  it('422 without a From, and for a mail that says nothing; names what is missing', async () => {
    const noFrom = await send(createWorld(), mail({ From: '' }, 'x'));
    expect(noFrom.status).toBe(422);
    expect(await noFrom.json()).toMatchObject({ problems: [{ field: 'From' }] });
    const nothing = await send(createWorld(), mail({ Subject: '' }, ''));
    expect(await nothing.json()).toMatchObject({ status: 422, problems: [{ field: 'body' }] });
    expect((await send(createWorld(), '')).status).toBe(422);
  });

  it('422 for a mail that is made to break parsers', async () => {
    let nested = 'From: a@b.c\r\n';
    for (let i = 0; i < 5000; i++) nested += `Content-Type: multipart/mixed; boundary="b${i}"\r\n\r\n--b${i}\r\n`;
    expect((await send(createWorld(), nested)).status).toBe(422);
    expect((await send(createWorld(), `From: ${'a@b.c, '.repeat(400_000)}\r\n\r\nx`)).status).toBe(422);
  });

  it('503 when PostgreSQL is away', async () => {
    const world = createWorld();
    world.fail = { store: Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }) };
    expect((await send(world, PLAIN)).status).toBe(503);
  });

  it('405 for a GET', async () => {
    const response = await createWorld().app.request('/v1/email');
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('POST');
  });
});

const mails = publicFiles('email').filter((name) => name.endsWith('.eml'));
describe('the public hard mails', () => {
  const expected: Record<string, object> = {
    'arf.eml': { ignored: true, reason: 'report' },
    'bounce.eml': { ignored: true, reason: 'bounce' },
    // A person invites; what they want is for a person to see.
    'calendar-event.eml': { ticketId: expect.stringMatching(/^MAIL-/) },
    'mimetorture.eml': { ticketId: expect.stringMatching(/^MAIL-/) },
    'mixed.eml': { status: 422, problems: [{ field: 'From' }] },
  };
  it.skipIf(mails.length === 0)('are told apart (skipped where they are not there)', async () => {
    const answers: Record<string, unknown> = {};
    for (const name of mails)
      answers[name] = await (await send(createWorld(), readFileSync(publicPath(`email/${name}`)))).json();
    expect(answers).toMatchObject(expected);
  });
  it.skipIf(mails.length === 0)(
    "keep the torture test's text and list its attachments (skipped where it is not there)",
    async () => {
      const detail = await detailOf(readFileSync(publicPath('email/mimetorture.eml')));
      expect(detail?.message).toMatch(/^Welcome to Ryan Finnie's MIME torture test/);
      expect(detail?.message).toContain('- blah.gz (application/x-gzip, 288 bytes)');
    },
  );
});
