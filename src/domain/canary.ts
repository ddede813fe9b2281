/**
 * Does a new version of a flow fare worse than the old one? Tickets of the same time are compared: a provider that is away hits both.
 *
 * The rule. For each of three rates (a step failed, parked, escalated) Fisher's exact test, one-sided (R. A. Fisher, The Design of Experiments,
 * 1935): how probable is it that chance alone gives the new version that many of all the tickets that failed, or more? It goes back when
 * that is less than 5% divided by all the comparisons that are made (Bonferroni). So a version that is as good as the old one goes back with a
 * chance of 5% at most, however often it is looked at.
 */
import type { CanaryOrder } from './deployment.ts';

/** Of tickets that began with one version since the canary began. */
export interface Fared {
  readonly tickets: number;
  /** A step of its flow failed, if only for once; or the flow ended with nobody having the ticket. */
  readonly failed: number;
  readonly parked: number;
  /** A person was brought in. */
  readonly escalated: number;
}
export interface CanaryCounts {
  readonly canary: Fared;
  readonly base: Fared;
}

const RATES = ['failed', 'parked', 'escalated'] as const;
type Rate = (typeof RATES)[number];
const RATE_WORDS: Readonly<Record<Rate, string>> = {
  failed: 'with a failed step',
  parked: 'parked',
  escalated: 'escalated',
};

/** So many looks within the time that was asked for; where there are too few tickets then, one more after each further such time. */
const LOOKS_WITHIN = 10;
const MOST_TIMES = 10;
const MOST_LOOKS = LOOKS_WITHIN + MOST_TIMES - 1;
const FALSE_ALARMS = 0.05;
export const SIGNIFICANT = FALSE_ALARMS / (MOST_LOOKS * RATES.length);

/** When a look is due, in ms after the beginning. From 1. */
export function lookDue(look: number, watchMs: number): number {
  return look <= LOOKS_WITHIN ? (look * watchMs) / LOOKS_WITHIN : (look - LOOKS_WITHIN + 1) * watchMs;
}

/** The last look that is due by then; 0: none is yet. */
export function looksBy(elapsedMs: number, watchMs: number): number {
  let look = 0;
  while (look < MOST_LOOKS && lookDue(look + 1, watchMs) <= elapsedMs) look++;
  return look;
}

export type CanaryVerdict =
  | { readonly verdict: 'watch' }
  | { readonly verdict: 'promote' | 'rollback'; readonly why: string };

export function judgeCanary(look: number, { minTickets }: CanaryOrder, counts: CanaryCounts): CanaryVerdict {
  const worse = RATES.find((rate) => chanceOf(rate, counts) < SIGNIFICANT);
  if (worse) return { verdict: 'rollback', why: sayWorse(worse, counts) };
  if (look < LOOKS_WITHIN) return { verdict: 'watch' };
  const fewest = Math.min(counts.canary.tickets, counts.base.tickets);
  if (fewest >= minTickets) return { verdict: 'promote', why: `it fared no worse: ${sayCounts(counts)}` };
  if (look < MOST_LOOKS) return { verdict: 'watch' };
  return {
    verdict: 'rollback',
    why: `too few tickets to tell (${minTickets} under each are asked for): ${sayCounts(counts)}`,
  };
}

function chanceOf(rate: Rate, { canary, base }: CanaryCounts): number {
  return chanceOfMore(canary[rate], canary.tickets, base[rate], base.tickets);
}

function sayWorse(rate: Rate, counts: CanaryCounts): string {
  const { canary, base } = counts;
  const chance = chanceOf(rate, counts).toPrecision(1);
  return `it fared worse: ${canary[rate]} of ${canary.tickets} tickets ${RATE_WORDS[rate]}, and ${base[rate]} of ${base.tickets} under the old one (by chance alone with a probability of ${chance})`;
}

export function sayCounts({ canary, base }: CanaryCounts): string {
  const of = RATES.map((rate) => `${RATE_WORDS[rate]} ${canary[rate]} and ${base[rate]}`);
  return `${canary.tickets} tickets under the new version and ${base.tickets} under the old; of these ${of.join(', ')}`;
}

/**
 * Fisher's exact test, one-sided: of `n + m` tickets `k + l` failed; how probable is it that `k` or more of them are among the `n`, if which
 * version a ticket had made no difference? From 0 to 1.
 */
export function chanceOfMore(k: number, n: number, l: number, m: number): number {
  if (k === 0 || n === 0) return 1;
  const all = lnChoose(n + m, k + l);
  let sum = 0;
  for (let i = k; i <= Math.min(n, k + l); i++) sum += Math.exp(lnChoose(n, i) + lnChoose(m, k + l - i) - all);
  return Math.min(1, sum);
}

function lnChoose(n: number, k: number): number {
  if (k < 0 || k > n) return Number.NEGATIVE_INFINITY;
  return lnFactorial(n) - lnFactorial(k) - lnFactorial(n - k);
}

/** Stirling's series where it is exact to more digits than are needed. */
function lnFactorial(n: number): number {
  if (n >= 20) return n * Math.log(n) - n + Math.log(2 * Math.PI * n) / 2 + 1 / (12 * n) - 1 / (360 * n ** 3);
  let sum = 0;
  for (let i = 2; i <= n; i++) sum += Math.log(i);
  return sum;
}
