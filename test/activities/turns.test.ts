import { CancelledFailure } from '@temporalio/activity';
import { MockActivityEnvironment } from '@temporalio/testing';
import { expect, test } from 'vitest';
import { here, takingTurns } from '../../src/activities/engine.ts';

/** Something that ends when it is told to. */
function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

test('one after another, whatever becomes of the one before', async () => {
  const inTurn = takingTurns();
  const said: string[] = [];
  const gates = [gate(), gate(), gate()];
  const runs = gates.map(({ opened }, i) =>
    new MockActivityEnvironment().run(() =>
      inTurn(async () => {
        said.push(`begins ${i}`);
        await opened;
        said.push(`ends ${i}`);
        if (i === 0) throw new Error('the first fails');
        return i;
      }),
    ),
  );
  for (const { open } of gates.toReversed()) open();
  expect(await Promise.allSettled(runs)).toMatchObject([
    { status: 'rejected', reason: { message: 'the first fails' } },
    { status: 'fulfilled', value: 1 },
    { status: 'fulfilled', value: 2 },
  ]);
  expect(said).toEqual(['begins 0', 'ends 0', 'begins 1', 'ends 1', 'begins 2', 'ends 2']);
});

test('an attempt that is given up leaves its turn to the next, and stops when it next says that it lives', async () => {
  const inTurn = takingTurns();
  const [lost, next] = [new MockActivityEnvironment(), new MockActivityEnvironment()];
  const begun = gate();
  const goOn = gate();
  let stopped: unknown;
  const first = lost.run(() =>
    inTurn(async () => {
      const { heartbeat } = here();
      begun.open();
      await goOn.opened;
      try {
        heartbeat('still at it');
      } catch (error) {
        stopped = error;
        throw error;
      }
    }),
  );
  const second = next.run(() => inTurn(async () => 'done'));
  await begun.opened;
  lost.cancel();
  await expect(first).rejects.toBeInstanceOf(CancelledFailure);
  expect(await second).toBe('done');
  goOn.open();
  await expect.poll(() => stopped).toBeInstanceOf(CancelledFailure);
});
