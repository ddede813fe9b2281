import type { TicketEnvelope } from '../domain/envelope.ts';
import { StewardError } from '../domain/errors.ts';
import { parseEnvelope } from '../schema/envelope.ts';
import { nameOf, parseJson } from './input.ts';

/** A file's text as an envelope. @throws StewardError InvalidTicket, naming every wrong field */
export function readEnvelope(text: string, file: string): TicketEnvelope {
  const parsed = parseEnvelope(parseJson(text, nameOf(file), 'InvalidTicket'));
  if ('envelope' in parsed) return parsed.envelope;
  throw new StewardError('InvalidTicket', `${nameOf(file)} is no ticket.created event as it should be`, parsed);
}
