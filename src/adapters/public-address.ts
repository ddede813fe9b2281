/** Which addresses of the network are the public's, and which are a machine's or a company's own. */
import { type LookupAddress, type LookupOptions, lookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

const OWN = new BlockList();
for (const [net, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const) {
  OWN.addSubnet(net, bits, 'ipv4');
}
// Of IPv6 only 2000::/3 is given out; in it, what carries an IPv4 address within.
for (const [net, bits] of [
  ['2001::', 32],
  ['2001:db8::', 32],
  ['2002::', 16],
] as const) {
  OWN.addSubnet(net, bits, 'ipv6');
}
const GIVEN_OUT = new BlockList();
GIVEN_OUT.addSubnet('2000::', 3, 'ipv6');
const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

export function isPublicAddress(address: string): boolean {
  const inner = MAPPED.exec(address)?.[1] ?? address;
  const family = isIP(inner);
  if (family === 4) return !OWN.check(inner, 'ipv4');
  return family === 6 && GIVEN_OUT.check(inner, 'ipv6') && !OWN.check(inner, 'ipv6');
}

/** How Node's own word for it ends up in what a message failed of. */
export const PRIVATE = 'EADDRPRIVATE';

/** A look-up that finds public addresses only. It is what the connection is made to, so no second answer of the name can lead elsewhere. */
export const lookupPublic: LookupFunction = (hostname, options, callback) => {
  const all: LookupOptions & { all: true } = { ...options, all: true };
  lookup(hostname, all, (error, found: LookupAddress[]) => {
    if (error) return callback(error, '', 4);
    const open = found.filter(({ address }) => isPublicAddress(address));
    const [first] = open;
    if (first === undefined) {
      return callback(
        Object.assign(new Error('the name leads to an address that is not public'), { code: PRIVATE }),
        '',
        4,
      );
    }
    return options.all ? callback(null, open) : callback(null, first.address, first.family);
  });
};
