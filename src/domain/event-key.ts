/**
 * An outside event's name within its ticket. Unambiguous: a slash in the source is written otherwise, so that `a/b` with `c` is not `a`
 * with `b/c`.
 */
export function eventKey(source: string, eventId: string): string {
  return `${source.replaceAll('%', '%25').replaceAll('/', '%2F')}/${eventId}`;
}
