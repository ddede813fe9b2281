/** Comprehend fails now and then, which is no incident: tickets that did without it look again all the same. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { lookAgain, rated } from '../../src/contract.ts';
import type { DegradedTickets } from '../../src/deps-healing.ts';
import { startDegradedWaker } from '../../src/temporal/degraded-waker.ts';
import type { Waker } from '../../src/temporal/waker.ts';
import { outcome } from '../support/outcome.ts';
import { useProviders } from '../support/providers.ts';
import { json } from '../support/stand-ins/server.ts';
import { envelope } from '../support/steward.ts';
import { breakComprehend, useHealing } from './healing-support.ts';
import { entry, expectNoFailedTask, handleOf, kinds } from './support.ts';

vi.setConfig({ testTimeout: 90_000 });

const providers = useProviders();
const scene = useHealing(
  () => ({ ...providers.settings('comprehend', 'slack'), STEWARD_SENTIMENT_DEADLINE_MS: '3000' }),
  {
    circuit: { window: '1 s', openAfter: 1_000, share: '100 %' },
  },
);
const { steward } = scene;

function wake(degraded: DegradedTickets): Waker {
  return startDegradedWaker({
    client: steward.temporal.client,
    degraded,
    onTrouble: (error) => console.error(error),
    everyMs: 100,
  });
}
function parts(): DegradedTickets {
  const { degraded } = steward.composed.deps.healing;
  if (!degraded) throw new Error('there is a policy, and nothing is looked at again');
  return degraded;
}
/** Of one that dies before it has told what it took. */
const dying = { dies: false };
let waker: Waker | undefined;
beforeAll(() => {
  waker = wake({ ...parts(), take: async () => (dying.dies ? (await parts().take()).slice(0, 0) : parts().take()) });
});
afterAll(() => waker?.stop());

/** The local analyser takes it at its word. */
async function submit(): Promise<string> {
  const event = envelope({
    message: 'Great, how wonderful: I love it when my card is charged again and again.',
    sentimentScore: 0,
  });
  expect((await steward.post(event)).status).toBe(202);
  await entry(steward, event.detail.ticketId, 'enriched');
  return event.detail.ticketId;
}
const factsOf = async (ticketId: string) => (await steward.read.ticket(ticketId))?.facts;
const rowOf = (ticketId: string) =>
  steward.owner.selectFrom('degraded_tickets').selectAll().where('ticket_id', '=', ticketId).executeTakeFirstOrThrow();

test.each([
  ['a failure', () => breakComprehend(providers)],
  [
    'a word that it is too fast',
    () =>
      providers.aws.answerNext(
        json(400, { __type: 'ThrottlingException', Message: 'no' }),
        { action: 'DetectSentiment' },
        1_000,
      ),
  ],
])(
  '%s that is no incident is made up for: the ticket is judged again, once, and is degraded no longer',
  async (_, fail) => {
    Object.assign(providers.aws.comprehend, { sentiment: 'NEGATIVE', score: 0.97 });
    fail();
    const ticketId = await submit();
    expect((await factsOf(ticketId))?.degraded).toEqual(['sentiment']);
    providers.aws.reset();
    Object.assign(providers.aws.comprehend, { sentiment: 'NEGATIVE', score: 0.97 });
    const again = await entry(steward, ticketId, 'enrichedAgain');
    expect(again?.facts).not.toHaveProperty('incident');
    expect(again?.facts).toMatchObject({
      sentiment: { label: 'NEGATIVE', source: 'comprehend' },
      was: { source: 'local' },
    });
    expect(await factsOf(ticketId)).toMatchObject({ degraded: [] });
    await outcome(async () => expect(await rowOf(ticketId)).toMatchObject({ looks: 1, settled_at: expect.any(Date) }));
    expect(await scene.incidents('comprehend')).toEqual([]);
    await expectNoFailedTask(steward, ticketId);
  },
);

test('a ticket whose teller died over it, and one that did not get its answer then, are told again; each is judged again once', async () => {
  dying.dies = true;
  breakComprehend(providers);
  const ticketId = await submit();
  await outcome(async () => expect((await rowOf(ticketId)).looks).toBe(1));
  dying.dies = false;
  await outcome(async () => expect((await rowOf(ticketId)).looks).toBeGreaterThan(1));
  expect(await kinds(steward, ticketId)).not.toContain('enrichedAgain');
  providers.aws.reset();
  await entry(steward, ticketId, 'enrichedAgain');
  await outcome(async () => expect((await rowOf(ticketId)).settled_at).toBeInstanceOf(Date));
  expect((await kinds(steward, ticketId)).filter((kind) => kind === 'enrichedAgain')).toHaveLength(1);
});

test('a ticket that is told twice before Comprehend has answered is judged again once', async () => {
  dying.dies = true;
  breakComprehend(providers);
  const ticketId = await submit();
  providers.aws.reset();
  const say = (eventId: string) => handleOf(steward, ticketId).signal(lookAgain, { source: 'degraded', eventId });
  await Promise.all([say('first'), say('second')]);
  await outcome(async () =>
    expect(providers.aws.asked.filter(({ action }) => action === 'DetectSentiment')).toHaveLength(2),
  );
  await entry(steward, ticketId, 'enrichedAgain');
  // Heard when both have come to their end.
  await handleOf(steward, ticketId).signal(rated, { source: 'test', eventId: 'after', score: 3 });
  await entry(steward, ticketId, 'rated');
  expect((await kinds(steward, ticketId)).filter((kind) => kind === 'enrichedAgain')).toHaveLength(1);
  await expectNoFailedTask(steward, ticketId);
});

test('a ticket whose workflow is gone is told no more', async () => {
  dying.dies = true;
  breakComprehend(providers);
  const ticketId = await submit();
  await handleOf(steward, ticketId).terminate();
  dying.dies = false;
  providers.aws.reset();
  await outcome(async () => expect((await rowOf(ticketId)).settled_at).toBeInstanceOf(Date));
  expect((await factsOf(ticketId))?.degraded).toEqual(['sentiment']);
});
