import { expect, test } from 'vitest';
import { erasureWorkflowId } from '../../src/contract.ts';
import { outcome } from '../support/outcome.ts';
import { useProviders } from '../support/providers.ts';
import { useSteward } from '../support/steward.ts';
import { addCustomer, askByForm, hurried, knownWithTicket, provedByCode, row, useErasureCommands } from './support.ts';

const providers = useProviders();
const settings = () => providers.settings('ses', 'slack');
const steward = useSteward({
  settings,
  // As it is shipped: 30 days.
  privacy: (policy) => ({
    ...hurried(policy),
    erasure: { ...hurried(policy).erasure, lookAgainDays: policy.erasure.lookAgainDays },
  }),
});
const commands = useErasureCommands(steward, settings);

/** How long the request's workflow waits for what, in s. */
async function timersOf(requestId: string): Promise<number[]> {
  const { events } = await steward.temporal.client.workflow.getHandle(erasureWorkflowId(requestId)).fetchHistory();
  return (events ?? []).flatMap(({ timerStartedEventAttributes: started }) =>
    started ? [Number(started.startToFireTimeout?.seconds ?? 0)] : [],
  );
}

test('while only the second look is open, a request says since when the person is erased, and what is', {
  timeout: 60_000,
}, async () => {
  const { email } = await knownWithTicket(steward);
  const { requestId } = await provedByCode(steward, providers, email);
  const erasedAt = await outcome(async () => {
    const { erased_at } = await row(steward, requestId);
    if (erased_at === null) throw new Error('not erased yet');
    return erased_at.toISOString();
  });
  await outcome(async () => expect(await timersOf(requestId)).toContain(30 * 86_400));
  const later = await askByForm(steward, (await addCustomer(steward)).email);

  const shown = JSON.parse((await commands('erasure', 'show', requestId, '--json')).out);
  expect(shown).toMatchObject({ state: 'looking', erasedAt, endedAt: null });
  expect(shown.erased).toContain('conversations');
  expect((await commands('erasure', 'show', requestId)).out).toMatch(
    /^erased .*conversations.*; only looking again is open$/m,
  );
  expect(JSON.parse((await commands('erasure', 'show', later.requestId, '--json')).out)).toMatchObject({
    erasedAt: null,
    erased: [],
  });
  // Who still has to be answered comes first.
  const listed = JSON.parse((await commands('erasure', 'list', '--json')).out);
  expect(listed).toMatchObject([
    { id: later.requestId, erasedAt: null },
    { id: requestId, erasedAt },
  ]);
  expect((await commands('erasure', 'list')).out).toContain('ERASED (UTC)');
});
