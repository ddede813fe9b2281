import type { JsonObject } from './json.ts';

/** How a source may fail: the ticket parks, goes on without it, or takes the last known answer. */
export type SourcePolicy = 'required' | 'bestEffort' | 'staleOk';

/** How a fact was got. `ms` is the latency of the answer; `stale` facts say since when they stand in `at`. */
export interface Provenance {
  readonly source: string;
  readonly outcome: 'ok' | 'stale' | 'fallback' | 'missing';
  readonly ms: number;
  readonly reason?: string;
  readonly at?: string;
}

export type SentimentLabel = 'POSITIVE' | 'NEGATIVE' | 'NEUTRAL' | 'MIXED';

export interface Sentiment extends Provenance {
  readonly label: SentimentLabel;
  /** 0 to 1 per label as Comprehend gives them; absent where the source gives one number only. */
  readonly scores?: Readonly<Record<SentimentLabel, number>>;
  /** -1 to 1, where the source gives one number. */
  readonly score?: number;
  /** 0 to 1. */
  readonly confidence: number;
}

/** What an analyser found; `undefined` means that it met no word that carries feeling. */
export type SentimentFinding = Omit<Sentiment, keyof Provenance>;

/** At or beyond these the platform's own score counts as a feeling (fixtures/README.md). */
const PLATFORM_THRESHOLD = 0.25;

/** The platform's own guess as a sentiment. */
export function sentimentOfScore(score: number): SentimentFinding {
  const label = score <= -PLATFORM_THRESHOLD ? 'NEGATIVE' : score >= PLATFORM_THRESHOLD ? 'POSITIVE' : 'NEUTRAL';
  return { label, score, confidence: Math.min(1, Math.abs(score)) };
}

export interface SentimentCandidates {
  readonly provider?: Sentiment | undefined;
  readonly local: { readonly finding: SentimentFinding | undefined; readonly ms: number };
  readonly platformScore: number | undefined;
  /** Why the provider did not answer, when one was asked. */
  readonly providerFailure?: string | undefined;
}

/** Which of the sources answers: the provider, else the local analyser, else the platform's score, else neutral. */
export function chooseSentiment(candidates: SentimentCandidates): Sentiment {
  if (candidates.provider) return candidates.provider;
  const failed = candidates.providerFailure;
  const outcome = failed === undefined ? 'ok' : 'fallback';
  const reason = failed === undefined ? {} : { reason: failed };
  const { finding, ms } = candidates.local;
  if (finding) return { ...finding, source: 'local', outcome, ms, ...reason };
  if (candidates.platformScore !== undefined) {
    return { ...sentimentOfScore(candidates.platformScore), source: 'platform', outcome, ms: 0, ...reason };
  }
  return { label: 'NEUTRAL', confidence: 0, source: 'none', outcome: 'missing', ms, ...reason };
}

/** The provider was asked, and did not answer: what stands in its place may be found out better later. */
export function isDegraded({ outcome, reason }: Sentiment): boolean {
  return reason !== undefined && (outcome === 'fallback' || outcome === 'missing');
}

export interface CustomerHistory {
  /** No ticket before this one, and not in the CRM before it. */
  readonly isNew: boolean;
  readonly ticketsSoFar: number;
  readonly lastContactAt: string | null;
}

export interface Tier {
  readonly effective: string;
  readonly crm: string | null;
  readonly envelope: string | null;
}

/** The CRM's tier wins over the envelope's when the CRM knows the customer; both are kept. */
export function chooseTier(crm: string | null, envelope: string | null): Tier {
  return { effective: crm ?? envelope ?? 'standard', crm, envelope };
}

export interface SystemStatus extends Provenance {
  readonly indicator: 'none' | 'minor' | 'major' | 'critical' | 'maintenance' | 'unknown';
  /** Titles of the incidents that are going on now, as the status page words them. */
  readonly incidents: readonly string[];
}

/** A known outage is noted on the ticket and said to the customer. */
export function isOutage(status: Pick<SystemStatus, 'indicator' | 'incidents'>): boolean {
  return status.indicator === 'major' || status.indicator === 'critical' || status.incidents.length > 0;
}

/** Incident titles out of a ticket's stored facts. */
export function outageTitles(facts: JsonObject): string[] {
  const status = facts.status;
  if (typeof status !== 'object' || status === null || Array.isArray(status)) return [];
  const { incidents } = status as { incidents?: unknown };
  return Array.isArray(incidents) ? incidents.filter((title): title is string => typeof title === 'string') : [];
}
