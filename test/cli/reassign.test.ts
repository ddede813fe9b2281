import { expect, test } from 'vitest';
import { createWorld, steward, VIEW } from './support.ts';

const ID = 'TKT-2026-0423';
const asked = { round: 3, face: { kind: 'asked' } } as const;

test('reassign says whom it is given to, about what is asked now', async () => {
  const world = createWorld({ view: { ...VIEW, asked } });
  const { exit, out } = await steward(world, 'reassign', ID, '--agent', 'ana', '--to', 'ben');
  expect({ exit, out }).toEqual({ exit: 0, out: `${ID}: ana gave it to ben, who is told.\n` });
  const args = { by: 'ana', act: 'reassign', to: 'ben', round: 3 };
  expect(world.worked).toEqual([{ ticketId: ID, act: 'decide', args }]);
});

test('snooze says for how long', async () => {
  const world = createWorld({ view: { ...VIEW, asked } });
  const { out } = await steward(world, 'snooze', ID, '--agent', 'ana', '--minutes', '30');
  expect(out).toContain('nobody is called for 30 minutes');
  expect(world.worked).toEqual([
    { ticketId: ID, act: 'decide', args: { by: 'ana', act: 'snooze', minutes: 30, round: 3 } },
  ]);
});

test.each([
  ['nobody of the team', { ...VIEW, asked }, 'zoe', '"zoe" is nobody of policies/team.yaml'],
  ['a ticket that asks nobody', VIEW, 'ben', 'asks nobody for anything'],
])('%s is refused, and nothing is said to the ticket', async (_, view, to, said) => {
  const world = createWorld({ view });
  const { exit, err } = await steward(world, 'reassign', ID, '--agent', 'ana', '--to', to);
  expect({ exit, worked: world.worked }).toEqual({ exit: 1, worked: [] });
  expect(err).toContain(said);
});

test.each([['claim'], ['reply', '--message', 'Hello']])(
  '%s by nobody of the team is refused, and nothing is said to the ticket',
  async (act, ...more) => {
    const world = createWorld({ view: VIEW });
    const { exit, err } = await steward(world, act, ID, '--agent', 'zoe', ...more);
    expect({ exit, worked: world.worked }).toEqual({ exit: 1, worked: [] });
    expect(err).toContain('"zoe" is nobody of policies/team.yaml');
  },
);
