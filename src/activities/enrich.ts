import { cancellationSignal } from '@temporalio/activity';
import type { Deps } from '../deps.ts';
import type { Sentiment, SentimentFinding, SystemStatus } from '../domain/enrich.ts';
import { StewardError } from '../domain/errors.ts';
import { crmDeadline } from '../domain/plan.ts';
import { gatherOwnFacts, type OwnFacts, since } from './own-facts.ts';

export function enrichActivities(
  deps: Pick<Deps, 'tickets' | 'local' | 'comprehend' | 'status' | 'snapshots' | 'plans'>,
) {
  return {
    async gatherOwnFacts(ticketId: string): Promise<OwnFacts> {
      return gatherOwnFacts(deps, ticketId, await deps.tickets.text(ticketId), crmDeadline(deps.plans.sources));
    },

    /** `occasion`: of the message; without it the first. */
    async detectSentiment(ticketId: string, occasion?: string): Promise<{ sentiment: Sentiment; language: string }> {
      if (!deps.comprehend) throw new StewardError('InvalidConfig', 'Comprehend is not configured on this worker');
      const message = occasion
        ? await deps.tickets.said(ticketId, occasion)
        : (await deps.tickets.text(ticketId)).message;
      const begun = performance.now();
      const { language, ...finding } = await deps.comprehend.detect(message, cancellationSignal());
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
