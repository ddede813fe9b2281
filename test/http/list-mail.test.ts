/** Mails that came by mailing lists, ours and others. */
import { describe, expect, it } from 'vitest';
import { mailDigest } from '../../src/http/mail.ts';
import { detailOf, mail, send } from './mails.ts';
import { createWorld, place } from './support.ts';

const TICKET = `MAIL-${mailDigest('<first@example.com>', 'ada@example.com').slice(0, 16)}`;

describe('POST /v1/email with a mail by a list', () => {
  const group = { 'List-Id': '<help.x.example>', Precedence: 'list', 'List-Post': '<mailto:help@x.example>' };

  it.each<[Record<string, string>]>([
    [{ 'List-Unsubscribe': '<https://example.com>' }],
    [{ Precedence: 'bulk' }],
    [{ 'List-Id': '<users.example.com>', Precedence: 'list' }],
  ])('keeps it for a person where the list is none of ours: %j', async (headers) => {
    const world = createWorld();
    const raw = mail({ ...headers, From: 'Ada <Ada@example.com>' }, 'Where is my order?');
    const response = await send(world, raw);
    expect([response.status, await response.json()]).toEqual([200, { parked: 'bulk' }]);
    expect(world.submitted).toEqual([]);
    expect(world.parked).toMatchObject([{ reason: 'bulk', sender: 'ada@example.com', mail: raw.toString('latin1') }]);
    expect(JSON.stringify(world.logged)).not.toMatch(/ada@/i);
  });

  it('takes it as a person’s where the list is ours', async () => {
    expect(await detailOf(mail(group, 'It burns.'))).toMatchObject({
      message: 'It burns.',
      customerEmail: 'ada@example.com',
    });
  });

  it('takes who wrote for the customer, where our list has put itself into From; it is the mail that came without it', async () => {
    const rewritten = { From: "'Ada Lovelace' via Help <help@x.example>", 'X-Original-Sender': 'ada@example.com' };
    expect(await detailOf(mail({ ...group, ...rewritten }, 'It burns.'))).toMatchObject({
      ticketId: TICKET,
      customerEmail: 'ada@example.com',
      customerName: 'Ada Lovelace',
    });
  });

  it('still ignores what says of itself that a machine wrote it', async () => {
    const world = createWorld();
    const response = await send(world, mail({ ...group, 'Auto-Submitted': 'auto-replied' }, 'I am away.'));
    expect(await response.json()).toEqual({ ignored: true, reason: 'automatic' });
    expect(world.logged).toMatchObject([{ facts: { mail: TICKET, reason: 'automatic' } }]);
  });

  it('takes an answer of the customer’s to a mail of ours, whatever list it came by', async () => {
    const world = createWorld();
    place(world, 'TKT-1', 'waitingForCustomer');
    world.messages.set('<0100@eu-west-1.amazonses.com>', { ticketId: 'TKT-1', to: 'ada@example.com' });
    const headers = { 'List-Id': '<users.example.com>', 'In-Reply-To': '<0100@eu-west-1.amazonses.com>' };
    expect((await send(world, mail(headers, 'No.'))).status).toBe(202);
    expect(world.told).toMatchObject([{ ticketId: 'TKT-1', event: 'customerReplied' }]);
    expect((await send(world, mail({ ...headers, From: 'eve@example.org' }, 'Buy this.'))).status).toBe(200);
    expect([world.told.length, world.parked.length]).toEqual([1, 1]);
  });
});
