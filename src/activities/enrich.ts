import { cancellationSignal } from '@temporalio/activity';
import type { CustomerFacts, Deps } from '../deps.ts';
import type { Sentiment, SentimentFinding, SystemStatus } from '../domain/enrich.ts';
import { StewardError } from '../domain/errors.ts';

/** What our own sources say: PostgreSQL and the local analysers. Times in ms. */
export interface OwnFacts {
  readonly customer: CustomerFacts;
  readonly customerMs: number;
  readonly language: string;
  readonly finding: SentimentFinding | null;
  readonly findingMs: number;
  readonly platformScore: number | null;
}

export function enrichActivities(deps: Pick<Deps, 'tickets' | 'local' | 'comprehend' | 'status' | 'snapshots'>) {
  return {
    async gatherOwnFacts(ticketId: string): Promise<OwnFacts> {
      const asked = performance.now();
      const [customer, text] = await Promise.all([
        deps.tickets.customerFacts(ticketId).then((facts) => ({ facts, ms: since(asked) })),
        deps.tickets.text(ticketId),
      ]);
      const begun = performance.now();
      const words = `${text.subject}\n${text.message}`;
      const language = deps.local.language(words);
      const finding = deps.local.sentiment(text.message, language) ?? null;
      return {
        customer: customer.facts,
        customerMs: customer.ms,
        language,
        finding,
        findingMs: since(begun),
        platformScore: text.platformScore,
      };
    },

    async detectSentiment(ticketId: string): Promise<{ sentiment: Sentiment; language: string }> {
      if (!deps.comprehend) throw new StewardError('InvalidConfig', 'Comprehend is not configured on this worker');
      const text = await deps.tickets.text(ticketId);
      const begun = performance.now();
      const { language, ...finding } = await deps.comprehend.detect(text.message, cancellationSignal());
      return { language, sentiment: { ...finding, source: 'comprehend', outcome: 'ok', ms: since(begun) } };
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

function since(begun: number): number {
  return Math.round((performance.now() - begun) * 10) / 10;
}
