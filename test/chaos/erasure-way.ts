import { expect, vi } from 'vitest';
import { erasureWorkflowId } from '../../src/contract.ts';
import type { Hold } from '../../src/domain/erase-facts.ts';
import { createHoldStore } from '../../src/store/holds.ts';
import type { Child } from './child.ts';
import { expectSame, portraitOf } from './erasure-portrait.ts';
import { type Asker, type ErasureScene, erasureScene, type SceneRules } from './erasure-scene.ts';
import type { Stage } from './stage.ts';

/** Somebody, and what is asked about them: their request, and perhaps another that is asked later. */
export interface Case {
  readonly askers: readonly Asker[];
}

export interface Way {
  readonly rules: SceneRules;
  /** How it begins. */
  begin(scene: ErasureScene): Promise<Case>;
  /** What others do for it meanwhile; asked again and again, as people would look again. */
  tend(scene: ErasureScene, one: Case, rows: Rows, officers: Officers): Promise<void>;
  /** How each request ends. */
  readonly outcomes: readonly string[];
  /** At which of its steps it is killed, of all that its requests took; `of`: which request's. */
  readonly killedAt: (step: string, of: number, before: readonly string[]) => boolean;
}

interface Point {
  readonly of: number;
  readonly step: string;
  readonly nth: number;
  readonly when: 'before' | 'after';
}

/** Two who may both approve. */
export const OFFICERS = (text: string) =>
  text.replace(
    /officers:\n(?: {2}.*\n)+/,
    `officers:\n${['ann', 'bob'].map((id) => `  - id: ${id}\n    email: ${id}@support.example\n    mayApprove: true\n`).join('')}`,
  );
export const by = (id: string) => [`key/of-${id}`, `officer/${id}`];

/** One officer for all, who says a thing once and waits for the answer. */
export function officersOf({ client }: ErasureScene) {
  const busy = new Set<string>();
  return {
    say(requestId: string, act: 'approve' | 'extend' | 'refuse' | 'vouch', who: string): void {
      if (busy.has(requestId)) return;
      busy.add(requestId);
      const said = { by: by(who), reason: 'There are many requests' };
      // What came of it stands in the request; whoever hears nothing looks there.
      void client
        .operateErasure(requestId, act, said)
        .catch(() => undefined)
        .finally(() => busy.delete(requestId));
    },
  };
}
export type Officers = ReturnType<typeof officersOf>;

export async function placeHold(
  { db }: ErasureScene,
  { customerId }: { customerId: string },
  categories: readonly Hold['category'][] = ['identity', 'conversations'],
): Promise<() => Promise<void>> {
  const holds = createHoldStore(db);
  const placed: { id: string }[] = [];
  for (const category of categories)
    placed.push(...(await holds.place({ customerId }, { category, why: 'A lawsuit', until: null }, by('ann'))));
  return async () => {
    for (const { id } of placed) expect(await holds.lift(id, by('ann'))).toBe(true);
  };
}

/** Cases on one database, and what is asked of them. */
export async function playedOn(stage: Stage, way: Way) {
  const scene = await erasureScene(stage, way.rules);
  const officers = officersOf(scene);
  const cases: Case[] = [];
  const tend = async () => {
    const rows = await rowsOf(scene);
    await Promise.all(cases.map((one) => way.tend(scene, one, rows, officers)));
  };
  return {
    scene,
    tend,
    async add(): Promise<Case> {
      const one = await way.begin(scene);
      cases.push(one);
      return one;
    },
    async allEnded(): Promise<void> {
      const look = async () => {
        await tend();
        expect(await notOver(scene, way, cases)).toEqual([]);
      };
      await vi.waitFor(look, { timeout: 900_000, interval: 250 });
    },
    portraits: () =>
      Promise.all(
        cases.map(async (one) => ({ who: idsOf(one).join(' and '), portrait: await portraitsOf(scene, one) })),
      ),
  };
}

/** The requests as they stand, by their ids. */
async function rowsOf({ db }: ErasureScene) {
  const rows = await db.selectFrom('erasures').selectAll().execute();
  return new Map(rows.map((row) => [row.id, row]));
}
export type Rows = Awaited<ReturnType<typeof rowsOf>>;

const idsOf = ({ askers }: Case) => askers.map(({ requestId }) => requestId);
export const portraitsOf = (scene: ErasureScene, { askers }: Case) =>
  Promise.all(askers.map((asker) => portraitOf(scene, asker)));

/** Their last step writes the end down; the workflow itself ends a moment later. */
async function notOver(scene: ErasureScene, way: Way, cases: readonly Case[]): Promise<string[]> {
  const rows = await rowsOf(scene);
  const looks = cases.flatMap((one) =>
    way.outcomes.map(async (outcome, i) => {
      const id = one.askers[i]?.requestId;
      const row = rows.get(id ?? '');
      if (id === undefined || row?.ended_at == null) return [`${id} is ${row?.state ?? 'not asked'}`];
      if (row.outcome !== outcome) throw new Error(`${id} ended as ${row.outcome}, not ${outcome}`);
      const { status } = await scene.temporal.workflow.getHandle(erasureWorkflowId(id)).describe();
      return status.name === 'COMPLETED' ? [] : [`${id} is ${status.name}`];
    }),
  );
  return (await Promise.all(looks)).flat();
}

/** What each request of a case did, in order. */
function stepsOf(child: Child, { askers }: Case): string[][] {
  return askers.map(({ requestId }) => {
    const start = `did ${erasureWorkflowId(requestId)} `;
    return child.wrote.filter((line) => line.startsWith(start)).map((line) => line.slice(start.length));
  });
}

export function pointsOf(way: Way, steps: readonly (readonly string[])[]): Point[] {
  return steps.flatMap((taken, of) =>
    taken.flatMap((step, i) => {
      const before = taken.slice(0, i);
      if (!way.killedAt(step, of, before)) return [];
      const nth = before.filter((other) => other === step).length + 1;
      return (['before', 'after'] as const).map((when) => ({ of, step, nth, when }));
    }),
  );
}

const SHARE = 3;
/** Which third of the points is played; CHAOS_SEED chooses it again, and ERASURE_POINTS=all plays them all, for a quarter of an hour. */
const SEED = Number(process.env.CHAOS_SEED ?? Date.now() % 1_000_000);

export function sampled<T>(points: readonly T[]): T[] {
  if (process.env.ERASURE_POINTS === 'all') return [...points];
  console.log(`seed ${SEED}`);
  return points.filter((_, i) => i % SHARE === SEED % SHARE);
}

/**
 * Plays a way once with nothing killed, and then, for each of its points, a case of its own whose worker dies there: `atOnce` by one kill, and
 * `onScene` on one database. All look the same in the end.
 */
export async function playWay(stage: Stage, way: Way, { atOnce = 6, onScene = 12 } = {}): Promise<number> {
  let played = await playedOn(stage, way);
  const first = await played.scene.start({});
  const undisturbed = await played.add();
  await played.allEnded();
  const model = await portraitsOf(played.scene, undisturbed);
  expect(model.map(({ log }) => log.withoutOutcome)).toEqual(model.map(() => []));
  const all = pointsOf(way, stepsOf(first, undisturbed));
  const points = sampled(all);
  await first.kill();

  const finish = async () => {
    const last = await played.scene.start({});
    await played.allEnded();
    expectSame(await played.portraits(), model);
    expect(last.endedByItself, last.said()).toBe(false);
    await played.scene.end();
  };
  for (let from = 0; from < points.length; from += atOnce) {
    if (from > 0 && from % onScene === 0) {
      await finish();
      played = await playedOn(stage, way);
    }
    await killAt(played, points.slice(from, from + atOnce));
  }
  await finish();
  return all.length;
}

/** Each case is held at a point of its own, and then one kill meets them all. */
async function killAt({ scene, add, tend }: Awaited<ReturnType<typeof playedOn>>, points: readonly Point[]) {
  const holds: Record<string, object> = {};
  const wanted: string[] = [];
  for (const { of, step, nth, when } of points) {
    const workflowId = erasureWorkflowId((await add()).askers[of]?.requestId ?? '');
    holds[workflowId] = { step, nth, when };
    wanted.push(`held ${workflowId} ${when} ${step}`);
  }
  const child = await scene.start(holds);
  const look = async () => {
    await tend();
    const missing = wanted.filter((line) => !child.wrote.includes(line));
    const did = (line: string) => child.wrote.filter((one) => one.split(' ')[1] === line.split(' ')[1]);
    expect(missing.map((line) => ({ line, did: did(line) }))).toEqual([]);
  };
  await vi.waitFor(look, { timeout: 400_000, interval: 250 });
  await child.kill();
}
