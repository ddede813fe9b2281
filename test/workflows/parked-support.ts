/** Tickets with a parked step, and batches on groups of them. */
import { expect } from 'vitest';
import { parkedBatchWorkflowId } from '../../src/contract.ts';
import type { BatchAct } from '../../src/domain/parked-batch.ts';
import { parkedFingerprint } from '../../src/domain/parked-group.ts';
import { createParkedDesk } from '../../src/store/parked-desk.ts';
import { outcome } from '../support/outcome.ts';
import type { useProviders } from '../support/providers.ts';
import { json } from '../support/stand-ins/server.ts';
import { envelope, type TestSteward } from '../support/steward.ts';

const POST = { action: 'chat.postMessage' };

/** On a Steward with `flowBySubject`, `smallTeam` and Slack. */
export function parking(steward: TestSteward, providers: ReturnType<typeof useProviders>) {
  const desk = () => {
    const { databases, ring } = steward.composed;
    return createParkedDesk(databases.as('steward_operator'), ring, { kind: 'person', id: 'login/test' });
  };
  const failNext = (error: string) => providers.slack.answerNext(json(200, { ok: false, error }), POST);

  /** A ticket whose step is parked for this reason of Slack's. */
  async function parked(error: string): Promise<string> {
    failNext(error);
    const event = envelope();
    const { ticketId } = event.detail;
    await steward.post(event);
    await outcome(async () => {
      expect(await steward.read.parked(ticketId)).toMatchObject([{ step: 'Escalate#1' }]);
      // Word to the admins goes out beside; later it would meet what Slack is to answer the next one.
      const toAdmins = (await steward.read.deliveries(ticketId)).filter((d) => d.template === 'parked');
      expect(toAdmins).toMatchObject([{ status: 'sent' }]);
    });
    return ticketId;
  }

  return {
    desk,
    failNext,
    parked,
    async many(count: number, error: string): Promise<string[]> {
      const ids: string[] = [];
      for (let i = 0; i < count; i++) ids.push(await parked(error));
      return ids;
    },
    workflowOf: (batchId: string) => steward.temporal.client.workflow.getHandle(parkedBatchWorkflowId(batchId)),
    /** Starts a batch on the group of this ticket. */
    async begin(ticketId: string, more: { act?: BatchAct; perSecond?: number; given?: { note: string } } = {}) {
      const { act = 'retry', perSecond = 20, given } = more;
      const [step] = await steward.read.parked(ticketId);
      if (step === undefined) throw new Error(`${ticketId} has no parked step`);
      const fingerprint = parkedFingerprint(step);
      const batchId = await desk().order({ act, fingerprint, perSecond, ...(given ? { given } : {}) });
      await steward.steward.operateParked(batchId);
      return batchId;
    },
    isOver: (batchId: string) =>
      outcome(async () => {
        const report = await desk().report(batchId);
        expect(report.endedAt).not.toBeNull();
        // What a retried step sends would meet what Slack is to answer the next one.
        for (const { ticketId, outcome } of report.act === 'retry' ? report.items : []) {
          if (outcome !== 'done') continue;
          const toAgent = (await steward.read.deliveries(ticketId)).filter((d) => d.template === 'escalation');
          expect(toAgent).toMatchObject([{ status: 'sent' }]);
        }
        return report;
      }),
  };
}
