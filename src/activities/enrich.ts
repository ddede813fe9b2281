import { cancellationSignal } from '@temporalio/activity';
import type { Deps } from '../deps.ts';
import { isOutage } from '../domain/circuit.ts';
import type { Sentiment, SentimentFinding, SystemStatus } from '../domain/enrich.ts';
import { ProviderError, StewardError } from '../domain/errors.ts';
import { crmDeadline } from '../domain/plan.ts';
import { leftAlone, unlessOurs, watched } from './circuit.ts';
import { gatherOwnFacts, type OwnFacts, since } from './own-facts.ts';

type EnrichParts = Pick<Deps, 'tickets' | 'local' | 'comprehend' | 'status' | 'snapshots' | 'plans' | 'healing'>;

export function enrichActivities(deps: EnrichParts) {
  return {
    async gatherOwnFacts(ticketId: string): Promise<OwnFacts> {
      return gatherOwnFacts(deps, ticketId, await deps.tickets.text(ticketId), crmDeadline(deps.plans.sources));
    },

    /** `occasion`: of the message; without it the first. Where Comprehend is left alone it fails at once, and the local analyser answers. */
    async detectSentiment(ticketId: string, occasion?: string): Promise<{ sentiment: Sentiment; language: string }> {
      const message = occasion
        ? await deps.tickets.said(ticketId, occasion)
        : (await deps.tickets.text(ticketId)).message;
      const begun = performance.now();
      const { language, ...finding } = await askComprehend(deps, ticketId, message);
      return { language, sentiment: { ...finding, source: 'comprehend', outcome: 'ok', ms: since(begun) } };
    },

    /** What the local analyser makes of a message. `ms`: how long it took. */
    async readMessage(ticketId: string, occasion: string): Promise<{ finding: SentimentFinding | null; ms: number }> {
      const message = await deps.tickets.said(ticketId, occasion);
      const begun = performance.now();
      const finding = deps.local.sentiment(message, deps.local.language(message)) ?? null;
      return { finding, ms: since(begun) };
    },

    async fetchStatus(): Promise<SystemStatus> {
      if (!deps.status) throw new StewardError('InvalidConfig', 'no status page is configured on this worker');
      const begun = performance.now();
      const status = await deps.status.fetch(cancellationSignal());
      const ms = since(begun);
      await deps.snapshots.save(status, new Date());
      return { ...status, source: 'statuspage', outcome: 'ok', ms };
    },

    /** The status page's last good answer, for when it does not answer now. */
    async lastStatus(): Promise<SystemStatus | null> {
      const last = await deps.snapshots.last();
      return last && { ...last, source: 'statuspage', outcome: 'stale', ms: 0 };
    },
  };
}

async function askComprehend(deps: EnrichParts, ticketId: string, message: string) {
  const { comprehend, healing, local, plans } = deps;
  if (!comprehend) throw new StewardError('InvalidConfig', 'Comprehend is not configured on this worker');
  // Nothing may take the place of a source that is required.
  const isRequired = plans.sources.some(({ fact, policy }) => fact === 'sentiment' && policy === 'required');
  const circuit = isRequired ? null : await leftAlone(deps, 'comprehend');
  if (circuit !== null) {
    await healing.circuits.degraded('comprehend', ticketId);
    const helped = local.sentiment(message, local.language(message)) !== undefined;
    await healing.circuits.remedyEnded(circuit.incidentId, 'comprehend', helped);
    throw new ProviderError('comprehend', 'left alone: its circuit is open', { retryable: false });
  }
  try {
    return await watched(deps, 'comprehend', () => comprehend.detect(message, cancellationSignal()));
  } catch (error) {
    if (isOutage(error)) await healing.circuits.degraded('comprehend', ticketId).catch(unlessOurs);
    throw error;
  }
}
