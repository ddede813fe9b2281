import type { Card } from '../../src/deps.ts';
import { ASK_ACTS } from '../../src/domain/ask.ts';

/** A message that asks somebody for a decision. */
export const CARD: Card = {
  ticketId: 'TKT-1',
  round: 1,
  title: 'TKT-1 needs a person',
  fields: [['Ticket', 'TKT-1']],
  quotes: ['It does not work.'],
  said: null,
  acts: ASK_ACTS,
  link: 'http://127.0.0.1:8233/',
};
