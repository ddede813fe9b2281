/** When a provider is left alone, what is done in its place, how far that may go, and when it is asked for again. */
import type { Transport } from './delivery.ts';
import { ProviderError } from './errors.ts';

/** Providers whose failures are counted. */
export const WATCHED = ['comprehend', 'slack', 'mail', 'pagerduty'] as const;
export type Watched = (typeof WATCHED)[number];

/** Of the calls within one window, by all workers. */
export interface Counts {
  readonly failures: number;
  readonly successes: number;
}

/** Times in ms. */
export interface CircuitRules {
  readonly windowMs: number;
  /** So many failures within the window open the circuit, where they are also this share (0 to 1) of the calls. */
  readonly openAfter: number;
  readonly share: number;
  /** Until the first probe; each one that fails doubles it. */
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
  /** So many probes in a row have to succeed. */
  readonly closeAfter: number;
}

/** A few failures of many calls are the business of retries. */
export function opens({ failures, successes }: Counts, { openAfter, share }: CircuitRules): boolean {
  return failures >= openAfter && failures >= share * (failures + successes);
}

export function nextPause(pauseMs: number, { longestPauseMs }: Pick<CircuitRules, 'longestPauseMs'>): number {
  return Math.min(2 * pauseMs, longestPauseMs);
}

/**
 * How long the first probe of an incident waits. One that comes soon after another goes on where that one was: a provider that answers
 * probes and nothing else is not probed, and told of, every few seconds.
 */
export function firstPause(
  before: { readonly closedAt: number; readonly pauseMs: number } | null,
  rules: CircuitRules,
  now: number,
): number {
  const isRelapse = before !== null && now - before.closedAt < rules.longestPauseMs;
  return isRelapse ? nextPause(before.pauseMs, rules) : rules.firstPauseMs;
}

/** How far a remedy may go within one incident. */
export interface RemedyRules {
  /** So many calls at most: then people have to say what is done. */
  readonly atMost: number;
  /** After so many in a row that did not help. */
  readonly stopAfter: number;
}

/** What a remedy has done so far. */
export interface Remedy {
  readonly used: number;
  /** In a row. */
  readonly unhelped: number;
}

export const STOPS = ['reach', 'noHelp'] as const;
/** `reach`: it went as far as it may; `noHelp`: what it puts in the provider's place fails too. */
export type Stop = (typeof STOPS)[number];

/** Why the remedy ends here; null: it may be used again. */
export function stopOf({ used, unhelped }: Remedy, { atMost, stopAfter }: RemedyRules): Stop | null {
  if (unhelped >= stopAfter) return 'noHelp';
  return used >= atMost ? 'reach' : null;
}

/** By which way our own people are told, each where those before it are closed to it. */
const WAYS = ['slack', 'mail', 'pagerduty'] as const;
export type Way = (typeof WAYS)[number];

/** The ways that are left below this one. */
export function waysBelow(way: Way): readonly Way[] {
  return WAYS.slice(WAYS.indexOf(way) + 1);
}
export function waysFrom(way: Way): readonly Way[] {
  return WAYS.slice(WAYS.indexOf(way));
}

/** Who is behind a transport; undefined: nobody who may fail. */
export function watchedOf(transport: Transport): Way | undefined {
  return BEHIND[transport];
}
const BEHIND: Readonly<Record<Transport, Way | undefined>> = {
  ses: 'mail',
  slack: 'slack',
  pagerduty: 'pagerduty',
  outbox: undefined,
};

/** Says the error something about the provider, and not only about this call, or our pace? */
export function isOutage(error: unknown): error is ProviderError {
  return error instanceof ProviderError && error.fault === 'provider';
}

export const PROVIDER_NAMES: Readonly<Record<Watched, string>> = {
  comprehend: 'Amazon Comprehend',
  slack: 'Slack',
  mail: 'mail by Amazon SES',
  pagerduty: 'PagerDuty',
};

/** What is done in its place, as the admins read it. */
export const REMEDY_WORDS: Readonly<Record<Watched, string>> = {
  comprehend: 'the local analyser judges the mood of messages; these tickets are judged again when Comprehend is back',
  slack: 'what our own people are told goes by mail, and where that fails to PagerDuty',
  mail: 'what our own people are told goes to PagerDuty; mails to customers are tried again, and then parked',
  pagerduty: 'there is nothing to put in its place; pages are tried again',
};

export const STOP_WORDS: Readonly<Record<Stop, string>> = {
  reach: 'it went as far as policies/healing.yaml lets it',
  noHelp: 'what it puts in the place fails too',
};
