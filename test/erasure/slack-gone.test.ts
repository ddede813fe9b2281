/** Slack was taken out of the configuration: what stands there of somebody nobody can take away. */
import { expect, test } from 'vitest';
import { useProviders } from '../support/providers.ts';
import { useSteward } from '../support/steward.ts';
import { ended, hurried, knownWithTicket, provedByCode } from './support.ts';

const providers = useProviders();
const steward = useSteward({ settings: () => providers.settings('ses'), privacy: hurried });
const slackRow = (requestId: string) =>
  steward.owner
    .selectFrom('erasure_recipients')
    .select(['status', 'reason'])
    .where('erasure_id', '=', requestId)
    .where('kind', '=', 'slack')
    .execute();

test('what stands there stays open; who has nothing there hears of no Slack', { timeout: 120_000 }, async () => {
  const [ada, ben] = [await knownWithTicket(steward), await knownWithTicket(steward)];
  await steward.owner
    .updateTable('deliveries')
    .set({ transport: 'slack', provider_message_id: 'C0OPERATE1:1.000000' })
    .where('ticket_id', '=', ada.ticketId)
    .where('recipient_kind', '<>', 'customer')
    .execute();
  const [hers, his] = [
    await provedByCode(steward, providers, ada.email),
    await provedByCode(steward, providers, ben.email),
  ];
  await ended(steward, hers.requestId);
  await ended(steward, his.requestId);
  expect(await slackRow(hers.requestId)).toEqual([{ status: 'open', reason: 'not configured' }]);
  expect(await slackRow(his.requestId)).toEqual([]);
});
