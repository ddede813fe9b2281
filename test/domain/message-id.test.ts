import { describe, expect, it } from 'vitest';
import {
  answeredIds,
  answerSubject,
  inMessageId,
  ledgerNames,
  ownMessageId,
  replyAddress,
  replyTokensIn,
} from '../../src/domain/message-id.ts';

describe('answeredIds', () => {
  it('names the nearest first, each once', () => {
    const headers = { 'in-reply-to': ['<c@x>'], references: ['<a@x> <b@x>\t<c@x>'] };
    expect(answeredIds(headers)).toEqual(['<c@x>', '<b@x>', '<a@x>']);
  });

  it('finds none in rubbish, and no more than 50', () => {
    expect(answeredIds({ references: ['hello <> < > <no end'] })).toEqual([]);
    expect(answeredIds({ references: [Array.from({ length: 500 }, (_, i) => `<${i}@x>`).join(' ')] })).toHaveLength(50);
  });
});

describe('ledgerNames', () => {
  it('names a message as SES does, by the part before the @', () => {
    expect(ledgerNames('<0102-abc-000000@eu-west-1.amazonses.com>')).toEqual([
      { name: '<0102-abc-000000@eu-west-1.amazonses.com>', ticket: null },
      { name: '0102-abc-000000', ticket: null },
    ]);
  });
  it('names a message of the outbox by its file, and the ticket that it must be of', () => {
    expect(ledgerNames('<TKT-1.2.17@steward.invalid>')).toEqual([{ name: 'outbox:17.eml', ticket: 'TKT-1.2' }]);
  });
  it('names nothing that is of the outbox without a ticket, whatever it passes for', () => {
    for (const id of ['<17@steward.invalid>', '<.17@steward.invalid>', '<outbox:17.eml@example.com>'])
      expect(ledgerNames(id)).toEqual([]);
  });
  it('finds again what we sent, whatever the ids are', () => {
    for (const ticketId of ['TKT-1', 'a.b', 'zendesk:4711']) {
      const [found] = ledgerNames(ownMessageId(ticketId, '17'));
      expect(found).toEqual({ name: 'outbox:17.eml', ticket: inMessageId(ticketId) });
    }
  });
});

describe('replyTokensIn', () => {
  const token = { deliveryId: '12', mac: '0123456789abcdefghij' };
  const address = replyAddress('help@reply.example', token);

  it('finds what was put into an address, in any header of a recipient and however it is written', () => {
    expect(address).toBe('help+12.0123456789abcdefghij@reply.example');
    for (const name of ['to', 'cc', 'delivered-to', 'x-original-to']) {
      expect(replyTokensIn({ [name]: [`"Help" <${address.toUpperCase()}>`] })).toEqual([token]);
    }
    expect(replyTokensIn({}, [address])).toEqual([token]);
    expect(replyTokensIn({ to: [`${address}, ${address}`] }, [address])).toEqual([token]);
  });

  it('keeps within what a mailbox may have, whatever the number of the message', () => {
    const longest = replyAddress(`${'a'.repeat(23)}@reply.example`, { ...token, deliveryId: '9'.repeat(18) });
    expect(longest.indexOf('@')).toBeLessThanOrEqual(64);
  });

  it.each([
    'help@reply.example',
    'help+12@reply.example',
    'help+12.short@reply.example',
    'help+12.0123456789abcdefghijk@x.y',
    '+.@',
  ])('finds none in %s', (to) => expect(replyTokensIn({ to: [to] })).toEqual([]));

  it('looks at no more than 20', () => {
    const many = Array.from({ length: 500 }, (_, i) => replyAddress('h@x.y', { ...token, deliveryId: String(i) }));
    expect(replyTokensIn({ to: many })).toHaveLength(20);
  });
});

it.each([
  ['Fire', 'Re: Fire'],
  ['Re: Fire', 'Re: Fire'],
  ['AW: Re: RE[2]: WG: Fire', 'Re: Fire'],
  ['Réf: 12', 'Re: Réf: 12'],
  ['Request: more fire', 'Re: Request: more fire'],
  ['', 'Re:'],
])('the answer to the subject %j has one "Re:"', (subject, answer) => {
  expect(answerSubject(subject)).toBe(answer);
});
