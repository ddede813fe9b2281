import type { SourcePolicy } from './enrich.ts';
import type { JsonObject } from './json.ts';

/** A flow as it stood when the ticket came in: content pinned into the history, so that an edit never changes a running ticket. */
export interface PinnedFlow {
  readonly name: string;
  /** First 12 hex digits of the SHA-256 of the definition. */
  readonly version: string;
  readonly definition: JsonObject;
}

/** A source of facts: who answers, how long the ticket waits for it, and what a failure means. */
export interface PlannedSource {
  readonly fact: 'crm' | 'sentiment' | 'status';
  /** `own`: PostgreSQL and local analysers; else the provider whose task queue is asked. */
  readonly by: 'own' | 'comprehend' | 'status';
  readonly deadlineMs: number;
  readonly policy: SourcePolicy;
}

/** How long the CRM may take, in ms. */
export function crmDeadline(sources: readonly PlannedSource[]): number {
  const crm = sources.find(({ fact }) => fact === 'crm');
  if (!crm) throw new TypeError('every plan has a CRM');
  return crm.deadlineMs;
}

/** How long a ticket waits, in ms. */
export interface Timings {
  /** Silence after an answer that counts as solved (72 h). */
  readonly solveAfterSilenceMs: number;
  /** How long a solved ticket can be reopened (14 days). */
  readonly reopenWindowMs: number;
  /** When a message's attempt that was lost with its worker is repeated (30 s). */
  readonly lostAttemptMs: number;
}
