import { expect, test, vi } from 'vitest';
import { erasureWorkflowId } from '../../src/contract.ts';
import type { Belongings } from './erasure-person.ts';
import { allErased, asUndisturbed, type ErasureScene, erasureScene } from './erasure-scene.ts';
import { randomFrom } from './random.ts';
import { useStage } from './stage.ts';

/**
 * T4, by chance: each seed is a person with some belongings, and the points at which the worker dies on them, one after another.
 * ERASURE_SEEDS says how many, CHAOS_SEED with which they begin.
 */

const stage = useStage();
const COUNT = Number(process.env.ERASURE_SEEDS ?? 12);
const FIRST = Number(process.env.CHAOS_SEED ?? Date.now() % 1_000_000);
const AT_ONCE = 30;
/** Batches that are played at the same time. */
const LANES = 3;
/** Of a round, on a machine that is busy. */
const LONGEST_MS = 40_000;
/** Deaths that one person may meet. */
const ROUNDS = 3;
/** About as many steps as an erasure has; who ends before the step that was chosen is spared this time. */
const STEPS = 40;

interface Fate {
  readonly has: Belongings;
  /** Steps after the start of this round's worker at which it dies; null: it dies of others. */
  readonly deaths: readonly ({ readonly nth: number; readonly when: 'before' | 'after' } | null)[];
}

function fateOf(seed: number): Fate {
  const random = randomFrom(seed);
  const chance = (of: number) => random() < of;
  const ticket = chance(0.8);
  const deaths = Array.from({ length: ROUNDS }, (_, round) => {
    // What is done already is not done again: later rounds have fewer steps.
    const nth = 1 + Math.floor(random() * (STEPS / (round + 1)));
    const when = chance(0.5) ? ('before' as const) : ('after' as const);
    return round === 0 || chance(0.6) ? { nth, when } : null;
  });
  return { has: { ticket, outbox: chance(0.6), slack: chance(0.6) }, deaths };
}

test(`T4: ${COUNT} seeds of killed erasures end as they would have`, { timeout: 300_000 + COUNT * 6_000 }, async () => {
  console.log(`seeds ${FIRST} to ${FIRST + COUNT - 1}`);
  const batches = Array.from({ length: Math.ceil(COUNT / AT_ONCE) }, (_, i) => FIRST + i * AT_ONCE);
  const sum = { seeds: 0, deaths: 0, open: 0 };
  // Most of the time goes by waiting until Temporal gives up the attempts of the dead.
  const lane = async () => {
    for (let first = batches.shift(); first !== undefined; first = batches.shift()) {
      const seeds = Array.from({ length: Math.min(AT_ONCE, FIRST + COUNT - first) }, (_, i) => Number(first) + i);
      const { deaths, open } = await playBatch(seeds).catch((cause: unknown) => {
        throw new Error(`one of the seeds ${seeds[0]} to ${seeds.at(-1)}`, { cause });
      });
      sum.seeds += seeds.length;
      sum.deaths += deaths;
      sum.open += open;
      console.log(`${sum.seeds} seeds, ${sum.deaths} deaths, ${sum.open} of them while a recipient was told`);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  expect(sum.seeds).toBe(COUNT);
  expect(sum.deaths).toBeGreaterThanOrEqual(COUNT / 2);
});

/** On a database of its own. */
async function playBatch(seeds: readonly number[]): Promise<{ deaths: number; open: number }> {
  const scene = await erasureScene(stage);
  const fates = new Map<string, Fate>();
  for (const seed of seeds) {
    const fate = fateOf(seed);
    fates.set(erasureWorkflowId((await scene.person(fate.has)).requestId), fate);
  }
  const met: string[] = [];
  for (let round = 0; round < ROUNDS; round++) met.push(...(await killOnce(scene, fates, round)));
  const last = await scene.start({});
  await allErased(scene);
  const telling = met.filter((line) => line.endsWith(' tellRecipient')).map((line) => line.split(' ')[1] ?? '');
  await asUndisturbed(scene, new Set(telling.map((id) => id.replace('erasure-', ''))));
  expect(last.endedByItself, last.said()).toBe(false);
  await scene.end();
  return { deaths: met.length, open: telling.length };
}

/** Waits until everybody who is to be held is, or has ended before, but not for long; then the worker dies. Whom it met, and where. */
async function killOnce(scene: ErasureScene, fates: ReadonlyMap<string, Fate>, round: number): Promise<string[]> {
  const holds = Object.fromEntries(
    [...fates].flatMap(([id, { deaths }]) => (deaths[round] ? [[id, deaths[round]]] : [])),
  );
  const child = await scene.start(holds);
  const isHeld = (id: string) => child.wrote.some((line) => line.startsWith(`held ${id} `));
  const look = async () => {
    await scene.enterCodes();
    const ended = await endedIds(scene);
    expect(Object.keys(holds).filter((id) => !isHeld(id) && !ended.has(id))).toEqual([]);
  };
  await vi.waitFor(look, { timeout: LONGEST_MS, interval: 250 }).catch(() => {});
  await child.kill();
  const heldAt = (id: string) => child.wrote.find((line) => line.startsWith(`held ${id} `)) ?? [];
  return Object.keys(holds).flatMap(heldAt);
}

async function endedIds({ db }: ErasureScene): Promise<ReadonlySet<string>> {
  const rows = await db.selectFrom('erasures').select('id').where('ended_at', 'is not', null).execute();
  return new Set(rows.map(({ id }) => erasureWorkflowId(id)));
}
