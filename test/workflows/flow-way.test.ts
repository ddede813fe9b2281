/** Which way a flow took, as whoever asks sees it. */
import { expect, test } from 'vitest';
import { runOn } from '../cli/support.ts';
import { outcome } from '../support/outcome.ts';
import { envelope, useSteward } from '../support/steward.ts';
import { alone, fixed, flowFiles, runHandle, runId } from './flow-run-support.ts';

const FLOWS = flowFiles({
  tickets: {
    StartAt: 'Mark',
    States: {
      Mark: fixed('seen', { ResultPath: '$.mark', Next: 'Which' }),
      Which: { Type: 'Choice', Choices: [{ Variable: '$.mark', StringEquals: 'seen', Next: 'Sad' }], Default: 'Nap' },
      Nap: { Type: 'Wait', Seconds: 60, Next: 'Sad' },
      Sad: { Type: 'Fail', Error: 'Sad', Cause: 'it is' },
    },
  },
  naps: alone('Nap', { Type: 'Wait', Seconds: 3600 }),
});
const steward = useSteward({ settings: () => ({ STEWARD_FLOW: FLOWS }) });
const draw = (...args: string[]) => runOn({ flows: async () => steward.steward.flows }, 'flow', 'draw', ...args);

test('a ticket’s way is drawn, to where it stands', async () => {
  const event = envelope();
  const { ticketId } = event.detail;
  await steward.steward.submit(event);
  const drawn = await outcome(async () => {
    const { out } = await draw('--ticket', ticketId);
    expect(out).toContain(':::failed');
    return out;
  });
  expect(drawn).toMatch(/start ==> s0\n/);
  expect(drawn).toMatch(/s0\["Mark<br\/>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC, 0 s"\]:::passed/);
  expect(drawn).toContain('s0 ==> s1');
  expect(drawn).toMatch(/s1 ==>\|[^|]*\| s3/);
  expect(drawn).toContain('s2[/"Nap"/]');
  expect(drawn).toMatch(/s3\(\["Sad<br\/>[^"]*, Sad"\]\):::failed/);
  const { passings } = JSON.parse((await draw('tickets', '--ticket', ticketId, '--json')).out);
  expect(passings.map(({ state }: { state: string }) => state)).toEqual(['Mark', 'Which', 'Sad']);
  expect((await draw('naps', '--ticket', ticketId)).err).toContain('goes by the flow tickets, and not by naps');
  expect((await draw('--ticket', 'TKT-nobody')).exit).toBe(1);
  expect((await draw()).err).toContain('expected its name or file, or --ticket or --run');
});

test('a run’s way is, with what it waits for', async () => {
  const id = runId();
  await steward.steward.flows.start(id, { flow: 'naps' });
  await outcome(async () => {
    expect((await draw('--run', id)).out).toMatch(
      /s0\[\/"Nap<br\/>[^"]*, since then<br\/>until [^"]* UTC"\/\]:::stands/,
    );
  });
  await runHandle(steward, id).terminate();
});
