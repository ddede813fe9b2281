import { expect, test } from 'vitest';
import type { NewTask } from '../../src/deps-tasks.ts';
import { createTaskDesk } from '../../src/store/task-desk.ts';
import { claim, newId, ticketOf, useStores } from './support.ts';

const stores = useStores();
const KEY = { kind: 'key', id: 'k' } as const;

function asking(question: string, ticketId: string | null): NewTask {
  return {
    id: null,
    ticketId,
    kind: 'approval',
    question,
    audience: ['ana'],
    form: ['approve', 'refuse'],
    quorum: 1,
    barred: [],
    dueSeconds: null,
    otherwise: null,
    requester: null,
  };
}

const customer = {
  customerId: 'CUST-4.7(1',
  customerName: 'Ada von Lovelace',
  customerEmail: 'ada@lovelace.example',
  customerPhone: '+49 171 123-4567',
};

test.each([
  ['their id', 'Refund CUST-4.7(1?'],
  ['their name', 'Refund ADA VON LOVELACE?'],
  ['a part of it, as a name', 'Refund Lovelace’s order?'],
  ['their address', 'Refund Ada@lovelace.example?'],
  ['their number', 'Refund 0171/1234567?'],
])('a question about a ticket that holds %s is refused, whoever asks', async (_, question) => {
  const ticketId = newId();
  await claim(stores, ticketOf(ticketId, customer));
  for (const db of [stores.gateway, stores.operator]) {
    await expect(createTaskDesk(db).ask(asking(question, ticketId), KEY)).rejects.toMatchObject({
      code: 'InvalidRequest',
      problems: [{ field: 'question', message: expect.stringContaining('is known by') }],
    });
  }
  // Of no ticket, or another's, it says nothing of them.
  await createTaskDesk(stores.gateway).ask(asking(question, null), KEY);
});

test.each(['Refund the order?', 'Von wem? Refund by 17:12, or an ada of 34567?', 'A 100 % (refund) [x] \\ {?'])(
  'one that holds nothing of theirs is asked: %s',
  async (question) => {
    const ticketId = newId();
    await claim(stores, ticketOf(ticketId, customer));
    const { taskId } = await createTaskDesk(stores.gateway).ask(asking(question, ticketId), KEY);
    expect(taskId).toMatch(/^\w+$/);
  },
);

test('of a customer of whom we know no name, anything may be asked', async () => {
  const ticketId = newId();
  await claim(stores, ticketOf(ticketId));
  await expect(createTaskDesk(stores.gateway).ask(asking('Refund Ada?', ticketId), KEY)).resolves.toMatchObject({});
});
