import { PRESENCES, type Presence } from '../../../src/domain/presence.ts';
import type { Failure } from '../../support/stand-ins/server.ts';
import type { Kind } from '../kinds.ts';
import { randomFrom } from '../random.ts';
import type { Server } from '../servers.ts';

/** What people do. `pick`, from 0 up to 1: which of the tickets that are there by then. */
export type Act =
  | { readonly act: 'submit'; readonly kind: Kind }
  | { readonly act: 'reply'; readonly pick: number; readonly message: string }
  | { readonly act: 'claim' | 'answer' | 'resolve'; readonly pick: number; readonly agentId: string }
  | { readonly act: 'presence'; readonly agentId: string; readonly presence: Presence };
/** What breaks. `down`, `long`: ms. */
export type Fault =
  | { readonly fault: 'kill'; readonly part: 'worker' | Server; readonly down: number }
  | { readonly fault: 'hang'; readonly part: Server; readonly long: number }
  | {
      readonly fault: 'provider';
      readonly provider: FaultyProvider;
      readonly failure: Failure;
      readonly times: number;
    };
/** A provider answers nothing but errors for `long` ms: its circuit opens, and closes again. */
export interface Outage {
  readonly provider: 'comprehend';
  readonly long: number;
}
export const FAULTY = ['ses', 'slack', 'pagerDuty', 'comprehend'] as const;
export type FaultyProvider = (typeof FAULTY)[number];

/** ms since the run began. */
export type At<T> = T & { readonly at: number };
export interface Script {
  readonly acts: readonly At<Act>[];
  readonly faults: readonly At<Fault>[];
  /** Beside all else: whatever breaks, breaks in the midst of them too. */
  readonly outages: readonly At<Outage>[];
}

/** Means, between one and the next, in ms. */
const ACTS_EVERY = 500;
const FAULTS_EVERY = 5_000;
/** One a minute, and none so late that nobody comes after it. */
const OUTAGES_EVERY = 60_000;
const OUTAGE = { from: 0.15, until: 0.4, least: 10_000, more: 8_000 };
const AGENTS = ['ana', 'ben'] as const;
const KINDS: readonly Kind[] = ['escalated', 'escalated', 'unsure', 'unsure', 'answered', 'welcomed'];
const SAID = [
  'Still there?',
  'It did not help.',
  'Thank you, and one thing more.',
  'I want to speak to a human.',
] as const;
/** `late` and `lost` lie: the work is done, and its answer does not come. */
const FAILURES: readonly Failure[] = ['429', '500', 'timeout', 'late', 'lost', 'lost'];

/** The same for the same seed. All that is asked for lies within so many ms. */
export function scriptOf(seed: number, ms: number): Script {
  const random = randomFrom(seed);
  const one = <T>(of: readonly [T, ...T[]] | readonly T[]) => of[Math.floor(random() * of.length)] as T;
  const times = (mean: number) => {
    const all: number[] = [];
    for (let at = random() * mean; at < ms; at += (0.25 + 1.5 * random()) * mean) all.push(Math.round(at));
    return all;
  };
  const act = (): Act => {
    const chance = random();
    if (chance < 0.4) return { act: 'submit', kind: one(KINDS) };
    if (chance > 0.95) return { act: 'presence', agentId: one(AGENTS), presence: one(PRESENCES) };
    const pick = random();
    if (chance < 0.65) return { act: 'reply', pick, message: one(SAID) };
    return { act: chance < 0.8 ? 'claim' : chance < 0.92 ? 'answer' : 'resolve', pick, agentId: one(AGENTS) };
  };
  const fault = (): Fault => {
    const chance = random();
    if (chance < 0.45) {
      const provider = one(FAULTY);
      return { fault: 'provider', provider, failure: one(FAILURES), times: 1 + Math.floor(random() * 4) };
    }
    const part = one(['worker', 'temporal', 'postgres'] as const);
    const long = Math.round(random() * 2_500);
    if (chance < 0.8 || part === 'worker') return { fault: 'kill', part, down: long };
    return { fault: 'hang', part, long: 500 + long };
  };
  return {
    acts: times(ACTS_EVERY).map((at) => ({ at, ...act() })),
    // The first thing that breaks has something to break.
    faults: times(FAULTS_EVERY).map((at) => ({ at: at + 1_500, ...fault() })),
    outages: Array.from({ length: Math.max(1, Math.floor(ms / OUTAGES_EVERY)) }, (_, i) => {
      const within = OUTAGE.from + (OUTAGE.until - OUTAGE.from) * random();
      const at = Math.round(i * OUTAGES_EVERY + within * Math.min(ms, OUTAGES_EVERY));
      return { at, provider: 'comprehend', long: Math.round(OUTAGE.least + OUTAGE.more * random()) };
    }),
  };
}

export function sayFault(fault: Fault): string {
  switch (fault.fault) {
    case 'kill':
      return `${fault.part} killed, away for ${fault.down} ms`;
    case 'hang':
      return `${fault.part} hangs for ${fault.long} ms`;
    case 'provider':
      return `${fault.provider}: ${fault.failure}, ${fault.times} times`;
  }
}

export function sayOutage({ provider, long }: Outage): string {
  return `${provider} answers nothing but errors for ${long} ms`;
}
