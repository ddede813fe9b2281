import { MockActivityEnvironment } from '@temporalio/testing';
import { describe, expect, it } from 'vitest';
import { type DeliverParts, deliverActivities } from '../../src/activities/deliver.ts';
import { translated } from '../../src/activities/failure.ts';
import type { DeliveryOutcome, MessageContext } from '../../src/deps.ts';
import type { Delivery } from '../../src/domain/delivery.ts';
import { ProviderError } from '../../src/domain/errors.ts';
import { NO_CIRCUITS } from '../../src/store/circuits.ts';

const DELIVERY: Delivery = {
  id: '1',
  ticketId: 'TKT-1',
  occasion: 'Welcome#1',
  recipient: { kind: 'customer', id: 'CUST-1' },
  channel: 'mail',
  transport: 'ses',
  template: 'welcome',
  status: 'queued',
  attempts: 0,
  repeats: 0,
  messageId: null,
};
const CONTEXT: MessageContext = {
  ticket: { id: 'TKT-1', subject: 'Hi', state: 'new', priority: null, tier: null, facts: {}, dueAt: null },
  customer: { id: 'CUST-1', name: 'Ada', email: 'ada@customer.example' },
  text: null,
  mailIds: [],
  customerText: 'Hi',
  customerNow: [],
};

/** A ledger that is away for its first `away` writes, and a provider that does `send`. */
function stage(away: number, send: (signal: AbortSignal) => Promise<string>) {
  const told = { sends: 0, tries: 0, outcomes: [] as DeliveryOutcome[] };
  const parts = {
    deliveries: {
      get: async () => DELIVERY,
      begin: async () => DELIVERY,
      async finish(_id: string, outcome: DeliveryOutcome) {
        told.tries += 1;
        if (told.tries <= away) throw new Error('terminating connection due to administrator command');
        told.outcomes.push(outcome);
      },
    },
    contexts: { messageContexts: async () => [CONTEXT] },
    directory: { agent: () => undefined, admins: [], demandOf: () => ({ needs: [], weight: 1 }) },
    templates: {
      render: async () => ({ subject: 'Welcome', text: 'Hello' }),
      repeats: () => true,
      isUrgent: () => false,
    },
    links: { statusPage: () => '', webUi: () => '', replyTo: () => undefined, ask: () => '' },
    healing: { rules: null, circuits: NO_CIRCUITS },
    mailer: {
      async send(_mail: unknown, signal: AbortSignal) {
        told.sends += 1;
        return send(signal);
      },
    },
  } as unknown as DeliverParts;
  return { told, deliver: translated(deliverActivities(parts)).deliver };
}

function within<T>(startToCloseTimeoutMs: number, act: () => Promise<T>): Promise<T> {
  return new MockActivityEnvironment({ startToCloseTimeoutMs }).run(act);
}

describe('a provider’s answer', () => {
  it('is put down when the database comes back while the attempt lasts, and nothing is sent again', async () => {
    const { told, deliver } = stage(2, async () => 'ses-1');
    expect(await within(10_000, () => deliver('1'))).toEqual({ deliveryId: '1', status: 'sent' });
    expect(told).toMatchObject({ sends: 1, tries: 3, outcomes: [{ status: 'sent', providerMessageId: 'ses-1' }] });
  });

  it('that is a refusal is put down the same way', async () => {
    const refusal = new ProviderError('ses', 'MessageRejected', { retryable: false });
    const { told, deliver } = stage(1, () => Promise.reject(refusal));
    await expect(within(10_000, () => deliver('1'))).rejects.toMatchObject({ type: 'ProviderFailed' });
    expect(told.outcomes).toEqual([{ status: 'failed', reason: 'MessageRejected' }]);
  });

  it('is given up when the attempt is nearly over: Temporal has the step done again', async () => {
    const { told, deliver } = stage(Number.POSITIVE_INFINITY, async () => 'ses-1');
    await expect(within(600, () => deliver('1'))).rejects.toThrow('terminating connection');
    expect(told.sends).toBe(1);
  });

  it('that does not come is not waited for until Temporal takes the attempt for lost', async () => {
    const never = (signal: AbortSignal) =>
      new Promise<string>((_, reject) => {
        signal.addEventListener('abort', () =>
          reject(new ProviderError('ses', 'no answer', { retryable: true, answerLost: true })),
        );
      });
    const { told, deliver } = stage(0, never);
    await expect(within(500, () => deliver('1'))).rejects.toMatchObject({
      type: 'States.Timeout',
      nonRetryable: false,
    });
    expect(told.outcomes).toEqual([{ status: 'unknown', reason: 'no answer' }]);
  });
});
