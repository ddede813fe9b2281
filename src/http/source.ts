/** Where a request without a key comes from: whom the limit per source counts. */
import { isIP } from 'node:net';
import { getConnInfo } from '@hono/node-server/conninfo';
import type { Context } from 'hono';

/**
 * Each proxy adds on the right whom it was asked by, so of `trusted` proxies the outermost wrote the entry `trusted` from the right.
 * What stands left of it anybody may have made up, and is not looked at.
 */
export function sourceOf(c: Context, trusted: number): string {
  const forwarded = trusted > 0 ? c.req.header('x-forwarded-for')?.split(',').at(-trusted) : undefined;
  return addressIn(forwarded ?? '') ?? socketOf(c);
}

/** Some proxies write the port as well, which changes with every connection. */
function addressIn(entry: string): string | undefined {
  const text = entry.trim();
  const address = /^\[(.*)\](?::\d+)?$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text;
  return isIP(address) === 0 ? undefined : address.toLowerCase();
}

function socketOf(c: Context): string {
  try {
    return getConnInfo(c).remote.address ?? 'unknown';
  } catch {
    return 'unknown';
  }
}
