import { expect, test, vi } from 'vitest';
import { erasureWorkflowId } from '../../src/contract.ts';
import type { Child } from './child.ts';
import { allErased, asUndisturbed, type ErasureScene, erasureScene } from './erasure-scene.ts';
import { type Server, useStage } from './stage.ts';

/** T4: a crash in the midst of an erasure. */

const stage = useStage();
/** People held at one time: few enough that none of them is held for long. */
const AT_ONCE = 8;
/**
 * Points on one database. Each start begins again what the kills before it cut off, and soon kills it again: with all on one, the looks of
 * fifty people had all of PostgreSQL's connections, and nobody got to a step in time.
 */
const A_SCENE = 3 * AT_ONCE;
/** Telling has two minutes, and an attempt that died with its worker takes half a minute of them; then the recipient counts as silent. */
const LONG_MS = 60_000;

test('T4: a SIGKILL before and after every step: the same end, one erasure, one answer, nothing stuck', {
  timeout: 900_000,
}, async () => {
  let played = await erasureScene(stage);
  const first = await played.start({});
  const { requestId } = await played.person();
  await allErased(played);
  const id = erasureWorkflowId(requestId);
  const steps = first.wrote.filter((line) => line.startsWith(`did ${id} `)).map((line) => line.split(' ')[2] ?? '');
  // A new step is killed too.
  expect(steps.length).toBeGreaterThan(25);
  await first.kill();

  // Counted by type: a recipient that is asked once more, on a machine that is busy, is no step of everybody's.
  const points = steps.flatMap((step, i) => {
    const nth = steps.slice(0, i + 1).filter((other) => other === step).length;
    return (['before', 'after'] as const).map((when) => ({ step, nth, when }));
  });
  let silenced = new Set<string>();
  const finish = async () => {
    const last = await played.start({});
    await allErased(played);
    await asUndisturbed(played, silenced);
    expect(last.endedByItself, last.said()).toBe(false);
    await played.end();
  };
  for (let from = 0; from < points.length; from += AT_ONCE) {
    if (from > 0 && from % A_SCENE === 0) {
      await finish();
      played = await erasureScene(stage);
      silenced = new Set();
    }
    const telling: string[] = [];
    const holds: Record<string, object> = {};
    const wanted: string[] = [];
    for (const { step, nth, when } of points.slice(from, from + AT_ONCE)) {
      const { requestId } = await played.person();
      const workflowId = erasureWorkflowId(requestId);
      if (step === 'tellRecipient') telling.push(requestId);
      holds[workflowId] = { step, nth, when };
      wanted.push(`held ${workflowId} ${when} ${step}`);
    }
    // Each is held at a point of its own, and then one kill meets them all.
    const next = await played.start(holds);
    const since = Date.now();
    await vi.waitFor(
      async () => {
        await played.enterCodes();
        const missing = wanted.filter((line) => !next.wrote.includes(line));
        expect(missing.map((line) => ({ line, did: doneOf(next, line), mails: mailsAbout(played, line) }))).toEqual([]);
      },
      { timeout: 300_000, interval: 250 },
    );
    await next.kill();
    if (Date.now() - since > LONG_MS) for (const id of telling) silenced.add(id);
  }
  await finish();
});

test.each<Server>(['temporal', 'postgres'])(
  'T4: %s killed in the midst of erasures: the same end',
  {
    timeout: 300_000,
  },
  async (server) => {
    const played = await erasureScene(stage);
    const child = await played.start({});
    for (let i = 0; i < 6; i++) await played.person();
    await vi.waitFor(
      async () => {
        await played.enterCodes();
        expect(child.wrote.filter((line) => line.includes('emptyStore')).length).toBeGreaterThan(2);
      },
      { timeout: 30_000, interval: 20 },
    );
    await stage.kill(server);
    await stage.start(server);
    await allErased(played);
    await asUndisturbed(played);
    expect(child.endedByItself, child.said()).toBe(false);
  },
);

/** What the workflow of a line did in this process, what failed, and where else it is held. */
function doneOf(child: Child, line: string): string[] {
  const workflowId = line.split(' ')[1] ?? '';
  return child.wrote.filter((one) => one.split(' ')[1] === workflowId);
}

function mailsAbout({ aws }: ErasureScene, line: string): number {
  const requestId = line.split(' ')[1]?.replace('erasure-', '') ?? '';
  return aws.mails.filter(({ raw }) => raw.includes(requestId)).length;
}
