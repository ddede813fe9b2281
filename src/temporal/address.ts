import { StewardError } from '../domain/errors.ts';
import type { Secret } from '../secret.ts';

export interface Address {
  readonly address: string;
  readonly namespace: string;
  readonly apiKey?: Secret | undefined;
}

/** What a server that can't be reached is called at every edge. @param mend what the person in front of it may do */
export function temporalAway({ address, apiKey }: Address, mend: string, cause: unknown): StewardError {
  const settings = apiKey === undefined ? 'TEMPORAL_ADDRESS' : 'TEMPORAL_ADDRESS and TEMPORAL_API_KEY';
  return new StewardError('Unavailable', `Temporal at ${address} does not answer. ${mend}, or check ${settings}.`, {
    cause,
  });
}
