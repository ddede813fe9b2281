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

/**
 * May the id of an event, or the name of its source, be written down? It stays when the customer is gone, so it must be no address and no
 * Message-ID. Long numbers are usual in these.
 */
export function mayStay(label: string): boolean {
  return !label.includes('@');
}
