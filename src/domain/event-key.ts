/**
 * An outside event's name within its ticket. Unambiguous: a slash in the source is written otherwise, so that `a/b` with `c` is not `a`
 * with `b/c`.
 */
export function eventKey(source: string, eventId: string): string {
  return `${source.replaceAll('%', '%25').replaceAll('/', '%2F')}/${eventId}`;
}

/**
 * The id of the event that a ticket began with, among the events that it took. Apart from the ids of those: some platforms give one id to all
 * that they say of a ticket.
 */
export function beginningEventId(eventId: string): string {
  return `created/${eventId}`;
}
