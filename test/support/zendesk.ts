import { readFileSync } from 'node:fs';

interface ZendeskEvent {
  detail: {
    ticket_event: Record<string, unknown> & {
      meta: { sequence: { id: string; position: number } };
      ticket: Record<string, unknown>;
      comment: Record<string, unknown> & { author: Record<string, unknown> };
    };
  };
}

interface Change {
  readonly comment?: object;
  readonly ticket?: object;
  readonly [field: string]: unknown;
}

/** The example of an event as Zendesk's partner source sends it, with other fields in `ticket_event`; of a comment only those named. */
export function zendeskEvent(change: Change = {}): ZendeskEvent {
  const event = JSON.parse(readFileSync('examples/sources/zendesk-comment.json', 'utf8')) as ZendeskEvent;
  const { ticket_event: told } = event.detail;
  const { comment, ticket, ...more } = change;
  Object.assign(told, more);
  Object.assign(told.comment, comment);
  Object.assign(told.ticket, ticket);
  return event;
}
