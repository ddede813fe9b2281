import { expect, it } from 'vitest';
import { gatherOwnFacts } from '../../src/activities/own-facts.ts';
import type { CustomerFacts, Deps } from '../../src/deps.ts';

const TEXT = {
  subject: 'Hi',
  message: 'It works.',
  platformScore: null,
  customerId: 'CUST-1',
  envelopeTier: 'premium',
};
const FACTS: CustomerFacts = {
  customerId: 'CUST-1',
  tier: { effective: 'gold', crm: 'gold', envelope: 'premium' },
  history: { isNew: true, ticketsSoFar: 0, lastContactAt: null },
};
const local: Deps['local'] = { language: () => 'en', sentiment: () => undefined };

function gather(customerFacts: () => Promise<CustomerFacts>, deadlineMs: number) {
  const tickets = { customerFacts } as unknown as Deps['tickets'];
  return gatherOwnFacts({ tickets, local }, 'TKT-1', TEXT, deadlineMs);
}

it('a CRM that answers in time is believed', async () => {
  const facts = await gather(async () => FACTS, 5_000);
  expect(facts.customer).toEqual(FACTS);
  expect(facts).not.toHaveProperty('customerMissing');
});

it('a CRM that is late is not waited for: the tier is the envelope’s, and nobody is called new', async () => {
  const facts = await gather(() => new Promise(() => {}), 20);
  expect(facts).toMatchObject({
    customerMissing: 'no answer within 20 ms',
    customer: { customerId: 'CUST-1', tier: { effective: 'premium', crm: null }, history: { isNew: false } },
  });
});

it('a CRM that fails fails the step, which is repeated', async () => {
  await expect(gather(() => Promise.reject(new Error('connection terminated')), 5_000)).rejects.toThrow('terminated');
});
