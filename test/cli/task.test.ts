import { expect, test } from 'vitest';
import { ownKeyVia } from '../../src/domain/human-task.ts';
import { outcome } from '../support/outcome.ts';
import { useSteward } from '../support/steward.ts';
import { runOn } from './support.ts';

const running = useSteward();
const login = { kind: 'person', id: 'login/test' } as const;
const runAs = (agent: string | null, ...args: string[]) => {
  const shown = async () => (agent === null ? null : { agent, via: ownKeyVia(agent) });
  return runOn({ tasks: async () => ({ tasks: running.gateway.tasks, by: login, shown }) }, 'task', ...args);
};
const steward = (...args: string[]) => runAs(null, ...args);
const ASKED = ['--audience', 'ana', 'ben', 'clara', '--form', 'approve', 'refuse'];

test('two have to agree, one in the place of another; who comes late or was not asked reads why', async () => {
  const asked = await steward('ask', 'Refund of order 1042', ...ASKED, '--quorum', '2', '--due', '3600', '--id', 'r-1');
  expect(asked).toMatchObject({
    exit: 0,
    out: expect.stringMatching(/^Task r-1: Refund of order 1042\n.*2 have to say the same/s),
  });
  expect((await steward('list')).out).toMatch(/^TASK .*\nr-1 +Refund of order 1042 /);
  // Its workflow has to have begun.
  await outcome(async () =>
    expect(await steward('decide', 'r-1', '--by', 'emma', '--act', 'approve')).toMatchObject({
      exit: 1,
      err: expect.stringMatching(/asked of others.*steward task delegate r-1/),
    }),
  );
  for (const by of ['ana', 'ben']) {
    expect(await steward('decide', 'r-1', '--by', by, '--act', 'approve')).toMatchObject({
      exit: 1,
      err: expect.stringMatching(/more than one person.*STEWARD_AGENT_KEY_FILE/),
    });
  }
  expect(await runAs('ana', 'decide', 'r-1', '--by', 'ben', '--act', 'approve')).toMatchObject({
    exit: 1,
    err: expect.stringMatching(/--by: STEWARD_AGENT_KEY is ana's own and speaks for nobody else/),
  });
  expect((await runAs('ana', 'decide', 'r-1', '--act', 'approve')).out).toContain('so far approve by ana');
  expect((await runAs('ben', 'delegate', 'r-1', '--by', 'ben', '--to', 'emma')).exit).toBe(0);
  expect((await steward('show', 'r-1')).out).toMatch(
    /\nemma decides in the place of ben, who gave it \d{4}-\d\d-\d\d \d\d:\d\d UTC\nIt stands: /,
  );
  expect((await runAs('emma', 'decide', 'r-1', '--act', 'approve')).out).toMatch(/decided: approve, by ana and emma/);
  expect(await steward('decide', 'r-1', '--by', 'clara', '--act', 'refuse')).toMatchObject({
    exit: 1,
    err: expect.stringMatching(/Nothing was done with task r-1: decided: approve/),
  });
  expect((await steward('list')).out).not.toContain('r-1');
  expect((await steward('list', '--all')).out).toContain('r-1');
});

test('what one decides a login may say for them, by their name', async () => {
  await steward('ask', 'Again', ...ASKED, '--id', 'o-1');
  expect(await steward('decide', 'o-1', '--act', 'approve')).toMatchObject({
    exit: 1,
    err: expect.stringMatching(/--by: expected who decides/),
  });
  await outcome(async () => expect((await steward('decide', 'o-1', '--by', 'ana', '--act', 'approve')).exit).toBe(0));
});

test('what is wrong is told by field before anything is asked', async () => {
  const { err } = await steward('ask', 'Again', '--audience', 'nobody', '--form', 'approve');
  expect(err).toContain('audience: nobody in policies/team.yaml is "nobody"');
  expect((await steward('ask', 'Again', ...ASKED, '--otherwise', 'refuse')).err).toMatch(/dueSeconds|--due/);
  expect((await steward('show', 'r-2')).err).toMatch(/r-2/);
});

test('one that was withdrawn takes no word any more', async () => {
  await steward('ask', 'Again', ...ASKED, '--id', 'w-1');
  expect((await steward('withdraw', 'w-1')).exit).toBe(0);
  await outcome(async () => expect((await steward('show', 'w-1')).out).toContain('withdrawn'));
  expect(await steward('decide', 'w-1', '--by', 'ana', '--act', 'approve')).toMatchObject({ exit: 1 });
});
