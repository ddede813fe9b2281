import { expect, test, vi } from 'vitest';
import { RETENTION_WORKFLOW, type RetentionResult } from '../../src/contract.ts';
import { expectSame } from './erasure-portrait.ts';
import { OFFICERS, placeHold, playedOn, portraitsOf, sampled, type Way } from './erasure-way.ts';
import { useStage } from './stage.ts';

/** T4: the night that ends what an erasure kept, killed after each thing that it writes. */

const stage = useStage();

/** Calls about one person within the night's step; each is held after it, and killed. */
const WRITES = [
  { call: 'freezeKept', nth: 1 },
  // That it is to go, and that its files are gone.
  { call: 'intend', nth: 1 },
  { call: 'settle', nth: 1 },
  { call: 'emptyStore', nth: 1 },
  { call: 'emptyStore', nth: 3 },
  { call: 'emptyStore', nth: 6 },
  { call: 'append', nth: 1 },
  { call: 'endKept', nth: 1 },
  { call: 'keptReviewed', nth: 1 },
] as const;
const OF_THE_STEP = ['before', 'after'] as const;

const lifts = new Map<string, () => Promise<void>>();
const kept: Way = {
  rules: { policy: OFFICERS },
  async begin(scene) {
    const owner = await scene.known();
    const lift = await placeHold(scene, owner);
    const asker = await scene.ask(owner);
    lifts.set(asker.requestId, lift);
    return { askers: [asker] };
  },
  async tend(scene, { askers }, rows, officers) {
    await scene.enterCodes();
    for (const { requestId } of askers)
      if (rows.get(requestId)?.state === 'approving') officers.say(requestId, 'approve', 'bob');
  },
  outcomes: ['partlyErased'],
  killedAt: () => false,
};

test('T4: a night killed after each thing that it writes: what was kept is gone, and told once', {
  timeout: 1_800_000,
}, async () => {
  const played = await playedOn(stage, kept);
  const { scene } = played;
  const writes = sampled(WRITES);
  let nights = 0;
  const begin = async () => {
    nights += 1;
    const workflowId = `retention-${scene.taskQueue}-${nights}`;
    return scene.temporal.workflow.start(RETENTION_WORKFLOW, { taskQueue: scene.taskQueue, workflowId });
  };
  const night = async (): Promise<RetentionResult> => (await begin()).result();
  const first = await scene.start({});
  const undisturbed = await played.add();
  const inStep = await Promise.all(OF_THE_STEP.map(() => played.add()));
  const inCalls = await Promise.all(writes.map(() => played.add()));
  const idOf = ({ askers }: typeof undisturbed) => askers[0]?.requestId ?? '';
  await played.allEnded();
  const all = writes.length + OF_THE_STEP.length + 1;
  expect((await night()).kept).toEqual({ ended: 0, kept: all, unclear: 0 });
  await lifts.get(idOf(undisturbed))?.();
  const categories = (await night()).kept?.ended;
  expect(categories).toBeGreaterThan(1);
  const model = await portraitsOf(scene, undisturbed);
  expect(model.map(({ request, log }) => [request.stillKept, log.withoutOutcome])).toEqual([[[], []]]);
  await first.kill();

  const killIn = async (plan: object, wanted: string) => {
    const child = await scene.start(plan);
    const handle = await begin();
    await vi.waitFor(() => expect(child.wrote).toContain(wanted), { timeout: 300_000, interval: 100 });
    await child.kill();
    return handle;
  };
  const resumed = [];
  for (const [i, when] of OF_THE_STEP.entries()) {
    await lifts.get(idOf(inStep[i] ?? undisturbed))?.();
    const id = `retention-${scene.taskQueue}-${nights + 1}`;
    resumed.push(await killIn({ [id]: { step: 'endKept', nth: 1, when } }, `held ${id} ${when} endKept`));
  }
  for (const [i, { call, nth }] of writes.entries()) {
    const id = idOf(inCalls[i] ?? undisturbed);
    await lifts.get(id)?.();
    const handle = await killIn({ [id]: { call, nth, when: 'after' } }, `held ${id} after ${call}`);
    // The next night comes before Temporal gives this one's step up.
    await handle.terminate('the test goes on with the next night');
  }
  const last = await scene.start({});
  expect((await night()).kept).toMatchObject({ kept: 0, unclear: 0 });
  // Those that nobody ended go on by themselves.
  for (const handle of resumed) expect((await handle.result()).kept).toMatchObject({ kept: 0, unclear: 0 });
  expectSame(await played.portraits(), model);
  expect(last.endedByItself, last.said()).toBe(false);
});
