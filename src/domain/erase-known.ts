/** From what the stores know of a person to what decides. */
import type { ErasureFacts, Hold } from './erase-facts.ts';
import type { PrivacyPolicy } from './privacy-policy.ts';

/** Of all rows of the person together. Times are ISO 8601; null: there is none. */
export interface KnownOfPerson {
  readonly consents: readonly {
    readonly purpose: string;
    readonly status: 'granted' | 'withdrawn';
    readonly at: string;
  }[];
  /** Those that are not lifted. */
  readonly holds: readonly Hold[];
  readonly openTickets: number;
  readonly lastOpenedAt: string | null;
  readonly lastClosedAt: string | null;
  readonly lastActivityAt: string | null;
}

/** A person may have several rows with consents of their own: a purpose counts as granted while one of them grants it. */
export function factsOf(
  known: KnownOfPerson,
  purposes: PrivacyPolicy['purposes'],
  request: { readonly ground: ErasureFacts['ground']; readonly receivedAt: string },
): ErasureFacts {
  const names = new Set([...Object.keys(purposes), ...known.consents.map(({ purpose }) => purpose)]);
  const withdrawn = known.consents.filter(({ status }) => status === 'withdrawn').map(({ at }) => at);
  return {
    ground: request.ground,
    consents: Object.fromEntries([...names].map((purpose) => [purpose, stateOf(purpose, known.consents)])),
    holds: known.holds,
    events: {
      ticketOpened: known.lastOpenedAt ?? 'never',
      ticketClosed: known.openTickets > 0 ? 'notYet' : (known.lastClosedAt ?? 'never'),
      lastActivity: known.lastActivityAt ?? 'never',
      consentWithdrawn: latest(withdrawn) ?? 'never',
      requestReceived: request.receivedAt,
    },
  };
}

function stateOf(purpose: string, consents: KnownOfPerson['consents']): ErasureFacts['consents'][string] {
  const states = consents.filter((consent) => consent.purpose === purpose).map(({ status }) => status);
  if (states.includes('granted')) return 'granted';
  return states.includes('withdrawn') ? 'withdrawn' : 'never';
}

function latest(times: readonly string[]): string | undefined {
  return [...times].sort((a, b) => Date.parse(b) - Date.parse(a))[0];
}
