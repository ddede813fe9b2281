import { expect, test } from 'vitest';
import { createHoldStore } from '../../src/store/holds.ts';
import { ANN_AND_BOB } from '../support/officers.ts';
import { useProviders } from '../support/providers.ts';
import { envelope, useSteward } from '../support/steward.ts';
import { askFor, hurried, inState, knownWithTicket, officer, over, post, routed, row } from './support.ts';

/* What the pages of the tickets say whose customer's name had to be kept: as the letter told, they are closed. */

const providers = useProviders();
const steward = useSteward({
  settings: () => providers.settings('ses', 'slack'),
  privacy: (policy) => ({
    ...hurried(policy),
    approval: 'whenRefused',
    officers: ANN_AND_BOB,
  }),
});

test('a ticket whose customer’s name is kept is told as closed, offers no reply and takes none; a new one is a ticket like any', async () => {
  const person = await knownWithTicket(steward);
  const { customerId, ticketId, email } = person;
  const mail = providers.aws.mails.find(({ raw }) => raw.includes(email));
  const path = /\/support\/t\/[^\s)]+/.exec(mail?.parsed.text ?? '')?.[0] ?? '';
  expect(await (await steward.app.request(path)).text()).toContain('<textarea');
  await createHoldStore(steward.composed.databases.as('steward_officer')).place(
    { customerId },
    { category: 'identity', why: 'A lawsuit', until: null },
    officer('ann').by,
  );
  const requestId = await askFor(steward, { customerId }, 'ann');
  await inState(steward, requestId, 'approving');
  await steward.steward.operateErasure(requestId, 'approve', officer('bob'));
  expect((await over(steward, requestId)).outcome).toBe('partlyErased');
  expect((await row(steward, requestId)).still_kept).toContain('identity');

  const page = await (await steward.app.request(path)).text();
  expect(page).toContain('but for what the law has us keep');
  expect(page).not.toMatch(/<form|<textarea|\[erased\]|nothing of it is kept/);
  for (const [act, fields] of [
    ['reply', { event: 'a'.repeat(32), message: 'Are you still there?' }],
    ['rate', { event: 'b'.repeat(32), score: '1' }],
  ] as const) {
    const answer = await post(steward, `${path}/${act}`, fields);
    expect([act, answer.status]).toEqual([act, 410]);
  }
  const tickets = await steward.owner
    .selectFrom('tickets')
    .select('id')
    .where('customer_id', '=', customerId)
    .execute();
  expect(tickets).toEqual([{ id: ticketId }]);

  const next = envelope({ customerId, customerEmail: email });
  expect((await steward.post(next)).status).toBe(202);
  await routed(steward, next.detail.ticketId);
  const open = await steward.app.request(`/support/t/${tokenOf(next.detail.ticketId)}`);
  expect(await open.text()).toContain('<textarea');
});

function tokenOf(ticketId: string): string {
  return steward.composed.deps.links.statusPage(ticketId).split('/support/t/')[1] ?? '';
}
