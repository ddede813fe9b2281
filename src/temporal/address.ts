import { StewardError } from '../domain/errors.ts';
import type { Secret } from '../secret.ts';

/** How a Temporal server is reached by TLS: paths of PEM files, as the `temporal` command takes them. */
export interface TlsSettings {
  /** Who has signed the server's certificate, where the system does not know them. */
  readonly serverCa?: string | undefined;
  /** The name in the server's certificate, where it is not the address's. */
  readonly serverName?: string | undefined;
  /** What we show the server. */
  readonly client?: { readonly cert: string; readonly key: string } | undefined;
}

export interface Address {
  readonly address: string;
  readonly namespace: string;
  readonly apiKey?: Secret | undefined;
  /** By TLS, and how. Without it, and without a key, in the clear. */
  readonly tls?: TlsSettings | undefined;
}

/** What a server that can't be reached is called at every edge. @param mend what the person in front of it may do */
export function temporalAway({ address, apiKey, tls }: Address, mend: string, cause: unknown): StewardError {
  const settings = [
    'TEMPORAL_ADDRESS',
    ...(apiKey === undefined ? [] : ['TEMPORAL_API_KEY']),
    ...(tls === undefined ? [] : ['the settings that begin with TEMPORAL_TLS']),
  ].join(' and ');
  return new StewardError('Unavailable', `Temporal at ${address} does not answer. ${mend}, or check ${settings}.`, {
    cause,
  });
}
