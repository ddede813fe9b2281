import { Context } from '@temporalio/activity';
import type { Deps } from '../deps.ts';
import type { CanaryName } from '../deps-flows.ts';
import { judgeCanary, lookDue, looksBy, sayCounts } from '../domain/canary.ts';
import type { DeploymentKind } from '../domain/deployment.ts';

export interface CanaryLooked {
  /** What ended it; null: it is under way. */
  readonly ended: DeploymentKind | 'gone' | null;
  /** Until the next look, in ms. */
  readonly nextMs: number;
  /** In words, for the Web UI. */
  readonly words: string;
}

export function canaryActivities({ canaries }: Pick<Deps, 'canaries'>) {
  return {
    /** Judges a canary as far as it is due, and ends it where there is enough to tell. Again: what has ended stays as it is. */
    async lookAtCanary(canary: CanaryName): Promise<CanaryLooked> {
      const looked = await canaries.look(canary);
      if (!looked) return { ended: 'gone', nextMs: 0, words: 'There is no such canary' };
      const { elapsedMs, counts, next } = looked;
      const { watchMs } = looked.canary;
      const said = sayCounts(counts);
      if (next) return { ended: next.kind, nextMs: 0, words: `${sayEnd(next.kind)} by ${next.by}: ${said}` };
      const look = looksBy(elapsedMs, watchMs);
      const judged = look === 0 ? ({ verdict: 'watch' } as const) : judgeCanary(look, looked.canary, counts);
      if (judged.verdict === 'watch') {
        return { ended: null, nextMs: Math.max(1, lookDue(look + 1, watchMs) - elapsedMs), words: said };
      }
      const by = Context.current().info.workflowExecution?.workflowId ?? 'flow-canary';
      await canaries.end(canary, judged, by);
      // Somebody may have been there before us.
      const { next: end } = (await canaries.look(canary)) ?? looked;
      return {
        ended: end?.kind ?? judged.verdict,
        nextMs: 0,
        words: `${sayEnd(end?.kind ?? judged.verdict)}: ${judged.why}`,
      };
    },
  };
}

function sayEnd(kind: DeploymentKind): string {
  return kind === 'promote' ? 'Goes on to all' : kind === 'rollback' ? 'Taken back' : 'Overtaken';
}
