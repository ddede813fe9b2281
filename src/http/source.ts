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
  const address = addressIn(forwarded ?? '') ?? socketOf(c);
  return isIP(address) === 6 ? networkOf(address) : address;
}

/** Some proxies write the port as well, which changes with every connection. */
function addressIn(entry: string): string | undefined {
  const text = entry.trim();
  const address = /^\[(.*)\](?::\d+)?$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text;
  return isIP(address) === 0 ? undefined : address.toLowerCase();
}

/** Whoever has one IPv6 address has the 2^64 of its /64, so that counts as one source; IPv4 in the clothes of IPv6 stays IPv4. */
function networkOf(address: string): string {
  // As a URL writes it: in hex, zeros left out, the same whoever wrote it. A zone (`%eth0`) says only by which of our cards it came.
  const plain = new URL(`http://[${address.replace(/%.*$/, '')}]`).hostname.slice(1, -1);
  const [head = [], tail = []] = plain.split('::').map((part) => part.split(':').filter((group) => group !== ''));
  const groups = [...head, ...Array<string>(8 - head.length - tail.length).fill('0'), ...tail];
  if (groups.slice(0, 6).join(':') !== '0:0:0:0:0:ffff') return `${groups.slice(0, 4).join(':')}::/64`;
  return groups
    .slice(6)
    .map((group) => Number.parseInt(group, 16))
    .flatMap((both) => [both >> 8, both & 255])
    .join('.');
}

function socketOf(c: Context): string {
  try {
    return getConnInfo(c).remote.address ?? 'unknown';
  } catch {
    return 'unknown';
  }
}
