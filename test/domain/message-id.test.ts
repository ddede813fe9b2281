import { describe, expect, it } from 'vitest';
import { answeredIds, inMessageId, ledgerNames, ownMessageId } from '../../src/domain/message-id.ts';

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
