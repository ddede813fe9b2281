/** Whether what we send to our servers can be read, or answered by somebody else, on the way. */
import type { Config, Secrets } from './config.ts';
import type { Secret } from './secret.ts';

/**
 * What crosses a network unprotected though nobody has said that it may, in words. `sslmode=disable` in the address and TEMPORAL_TLS=off
 * say so: a network of containers on one machine needs no TLS.
 */
export function transportWarnings(
  { temporal }: Pick<Config, 'temporal'>,
  { temporalApiKey }: Pick<Secrets, 'temporalApiKey'>,
  databaseUrl: Secret,
): string[] {
  const address = temporal.address ?? '';
  const clear = !temporal.tls && !temporal.clear && !temporalApiKey;
  return [
    ...(clear && isElsewhere(`temporal://${address}`)
      ? [`Temporal at ${address} is reached without TLS; set TEMPORAL_TLS=on, or TEMPORAL_TLS=off where that is meant`]
      : []),
    ...databaseWarnings(new URL(databaseUrl.reveal())),
  ];
}

function databaseWarnings(url: URL): string[] {
  const setting = (name: string) => url.searchParams.get(name) ?? '';
  const mode = setting('sslmode');
  if (!isElsewhere(url.href) && !isElsewhere(`postgres://${setting('host')}`)) return [];
  if (mode === 'disable') return [];
  const where = `PostgreSQL at ${url.host || setting('host')}`;
  if (mode === '' && !/^(1|true)$/.test(setting('ssl'))) {
    return [
      `${where} is reached without TLS; add ?sslmode=verify-full to DATABASE_URL, or ?sslmode=disable where that is meant`,
    ];
  }
  const asOthers = setting('uselibpqcompat') === 'true' && /^(prefer|require)$/.test(mode) && !setting('sslrootcert');
  return mode === 'no-verify' || asOthers
    ? [`${where} may be anybody: sslmode=${mode} looks at no certificate; use sslmode=verify-full`]
    : [];
}

/** Neither this machine nor a socket on it. */
function isElsewhere(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { hostname } = new URL(url);
  return hostname !== '' && !/^(localhost|127(\.\d+){3}|\[::1\]|%2f.*|\/.*)$/i.test(hostname);
}
