import { ApplicationFailure, sleep } from '@temporalio/workflow';
import type { ProviderAnswer } from '../activities/failure.ts';
import type { OwnFacts } from '../activities/own-facts.ts';
import { chooseSentiment, isDegraded, isOutage, type Sentiment, type SystemStatus } from '../domain/enrich.ts';
import type { ModuleResults } from '../domain/module-catalogue.ts';
import type { PlannedSource } from '../domain/plan.ts';
import { priorityOf } from '../domain/route.ts';
import { own, source } from './activities.ts';
import type { Call, Desk } from './desk.ts';
import { readEarlyWords } from './early-words.ts';
import { failureOf } from './failure.ts';
import type { Memory } from './memory.ts';

/** Gathers the facts in parallel, each source within its deadline, and draws priority from them. Its result replaces `$`. */
export async function analyzeTicket(desk: Desk, call: Call): Promise<ModuleResults['analyzeTicket']> {
  const { memory } = desk;
  const { facts, asked, status } = atHand(memory) ?? (await ask(memory, call.attempt.until));
  // A next attempt asks anew.
  memory.own = null;
  const crm = memory.sources.find(({ fact }) => fact === 'crm');
  if (facts.customerMissing !== undefined && crm?.policy === 'required') throw silent('crm', facts.customerMissing);
  const sentiment = chooseSentiment({
    provider: asked?.sentiment,
    providerFailure: asked?.failure,
    local: { finding: facts.finding ?? undefined, ms: facts.findingMs },
    platformScore: facts.platformScore ?? undefined,
  });
  const concluded = conclude(desk, facts, sentiment, asked?.language ?? facts.language, status);
  // Beside: the flow need not wait for it.
  void readEarlyWords(desk);
  return concluded;
}

/** A required source that did not answer: the Task fails, and its Retry decides. */
function silent(provider: string, reason: string): ApplicationFailure {
  const answer: ProviderAnswer = { provider, reason, retryable: true, retryAfterMs: null };
  const message = `${provider}: ${reason}`;
  return ApplicationFailure.create({ type: 'ProviderFailed', message, nonRetryable: true, details: [answer] });
}

interface Gathered {
  readonly facts: OwnFacts;
  readonly asked?: Asked | undefined;
  readonly status: SystemStatus | null;
}

/** Where nobody outside is asked, what came with the receipt is all there is, and nothing is waited for. */
function atHand({ own: facts, sources }: Memory): Gathered | undefined {
  return facts && sources.every(({ by }) => by === 'own') ? { facts, status: null } : undefined;
}

/** `until`: epoch ms by which the Task is over; no source has longer than that. */
async function ask({ ticketId, own: facts, sources }: Memory, until = Number.POSITIVE_INFINITY): Promise<Gathered> {
  const left = Math.max(1, until - Date.now());
  const plan = (fact: PlannedSource['fact']) => {
    const found = sources.find((planned) => planned.fact === fact);
    return found && { ...found, deadlineMs: Math.min(found.deadlineMs, left) };
  };
  const [known, asked, status] = await Promise.all([
    facts ?? own.gatherOwnFacts(ticketId),
    askForSentiment(ticketId, plan('sentiment')),
    askForStatus(plan('status')),
  ]);
  return { facts: known, asked, status };
}

function conclude(
  desk: Desk,
  own: OwnFacts,
  sentiment: Sentiment,
  language: string,
  status: SystemStatus | null,
): ModuleResults['analyzeTicket'] {
  const { memory, journal } = desk;
  const { customer } = own;
  const tier = customer.tier.effective;
  const priority = priorityOf(sentiment.label, tier);
  const { customerMs: ms, customerMissing: reason } = own;
  const crm =
    reason === undefined ? { source: 'crm', outcome: 'ok', ms } : { source: 'crm', outcome: 'missing', ms, reason };
  memory.row = { ...memory.row, priority, tier };
  memory.labels = { language, tier, priority };
  memory.facts = {
    ...memory.facts,
    sentiment: { ...sentiment },
    ...(isDegraded(sentiment) ? { degraded: ['sentiment'] } : {}),
    language,
    customer: { ...crm, tier: { ...customer.tier }, history: { ...customer.history } },
    ...(status ? { status: { ...status } } : {}),
  };
  journal.note('enriched', {
    priority,
    tier,
    language,
    sentiment: { label: sentiment.label, source: sentiment.source, outcome: sentiment.outcome, ms: sentiment.ms },
    customer: { ...crm, isNew: customer.history.isNew, ticketsSoFar: customer.history.ticketsSoFar },
    ...(status ? { status: { indicator: status.indicator, outcome: status.outcome, ms: status.ms } } : {}),
  });
  const output = {
    ticketId: memory.ticketId,
    customerId: customer.customerId,
    priority,
    customerTier: tier,
    customerHistory: { ...customer.history },
    sentiment: sentiment.label,
    sentimentSource: sentiment.source,
    language,
    outage: status !== null && isOutage(status),
  };
  memory.analysed = { sentiment, output };
  return output;
}

interface Asked {
  readonly sentiment?: Sentiment;
  readonly language?: string;
  readonly failure?: string;
}

async function askForSentiment(ticketId: string, plan: PlannedSource | undefined): Promise<Asked | undefined> {
  if (plan?.by !== 'comprehend') return undefined;
  try {
    return await withinDeadline(plan, (leftMs) => source('comprehend', leftMs).detectSentiment(ticketId));
  } catch (error) {
    const failure = failureOf(error);
    if (plan.policy === 'required') throw error;
    return { failure: failure.cause };
  }
}

async function askForStatus(plan: PlannedSource | undefined): Promise<SystemStatus | null> {
  if (plan?.by !== 'status') return null;
  try {
    return await withinDeadline(plan, (leftMs) => source('status', leftMs).fetchStatus());
  } catch (error) {
    const { cause: reason } = failureOf(error);
    if (plan.policy === 'required') throw error;
    const last = plan.policy === 'staleOk' ? await own.lastStatus() : null;
    if (last) return { ...last, reason };
    return {
      indicator: 'unknown',
      incidents: [],
      source: 'statuspage',
      outcome: 'missing',
      ms: plan.deadlineMs,
      reason,
    };
  }
}

/** First pause between two asks of a source, in ms; it doubles. */
const FIRST_PAUSE_MS = 250;

/**
 * Asks again as long as the source's deadline leaves time for it: a ticket never waits longer. What the source itself said last is the reason, and
 * not that the last ask had too little time.
 */
async function withinDeadline<T>(plan: PlannedSource, ask: (leftMs: number) => Promise<T>): Promise<T> {
  const end = Date.now() + plan.deadlineMs;
  let said: unknown;
  for (let pause = FIRST_PAUSE_MS; ; pause *= 2) {
    try {
      return await ask(Math.max(1, end - Date.now()));
    } catch (error) {
      const { error: name, retryable, retryAfterMs } = failureOf(error);
      if (name !== 'States.Timeout') said = error;
      const wait = Math.max(pause, retryAfterMs);
      if (!retryable || Date.now() + wait >= end) throw said ?? error;
      await sleep(wait, { summary: `${plan.fact}: asked again` });
    }
  }
}
