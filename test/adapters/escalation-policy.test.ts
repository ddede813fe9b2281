import { describe, expect, test } from 'vitest';
import { readEscalation } from '../../src/adapters/escalation-policy.ts';
import { readTeam } from '../../src/adapters/team.ts';
import { checkPolicy } from '../../src/compose-policies.ts';
import type { StewardError } from '../../src/domain/errors.ts';
import { testFile } from '../support/files.ts';

const NOW = new Date('2026-11-25T12:00:00Z');
const KNOWN = { agents: ['ana', 'ben'], teams: ['billing'] };
const LEVEL = { call: ['admins'], wait: '10 min' };
const PATH = { name: 'a', first: '5 min', lease: '1 h', levels: [LEVEL] };
const ROTA = { timeZone: 'Europe/Berlin', from: '2026-01-05 09:00', turn: '7 d', agents: ['ana', 'ben'] };
const read = (file: unknown) => readEscalation(testFile('escalation.yaml', file), KNOWN, NOW);

test('the policy that comes with the project is in order, and so says the command', async () => {
  const { known } = await readTeam('policies/team.yaml', NOW);
  const { rules } = await readEscalation('policies/escalation.yaml', known, NOW);
  expect(rules.paths.map(({ name, page, pageRepeat }) => [name, page, pageRepeat])).toEqual([
    ['urgent', 'critical', 3],
    ['working hours', null, undefined],
  ]);
  expect(await checkPolicy('policies/escalation.yaml', NOW)).toEqual([]);
});

test('amounts are read as time, a missing setting has its plain meaning', async () => {
  const { rules } = await read({ paths: [{ ...PATH, pagerDuty: 'error' }] });
  expect(rules.paths).toEqual([
    {
      name: 'a',
      when: {},
      firstMs: 300_000,
      leaseMs: 3_600_000,
      page: 'error',
      pageRepeat: 3,
      levels: [{ call: [{ kind: 'admins' }], hours: 'any', nobody: 'next', repeat: 0, waitMs: 600_000 }],
    },
  ]);
});

test('how often PagerDuty is called again may be said, and is three times else', async () => {
  const { rules } = await read({ paths: [{ ...PATH, pagerDuty: 'warning', pageRepeat: 0 }] });
  expect(rules.paths[0]).toMatchObject({ page: 'warning', pageRepeat: 0 });
  const { rules: plain } = await read({ paths: [{ ...PATH, pagerDuty: 'warning' }] });
  expect(plain.paths[0]).toMatchObject({ page: 'warning', pageRepeat: 3 });
});

test.each<[what: string, more: object]>([
  ['waits', { levels: [{ ...LEVEL, call: ['assignee'], nobody: 'wait' }] }],
  ['calls the admins instead', { levels: [{ ...LEVEL, call: ['assignee'], nobody: 'admins' }] }],
  ['names a rota', { levels: [{ ...LEVEL, call: [{ rota: 'primary' }] }] }],
  ['is followed by PagerDuty', { levels: [{ ...LEVEL, call: ['assignee'] }], pagerDuty: 'error' }],
  ['is followed by another', { levels: [{ ...LEVEL, call: ['assignee'] }, LEVEL] }],
])('a level that may find nobody is in order where it %s', async (_what, more) => {
  await expect(read({ rotas: { primary: ROTA }, paths: [{ ...PATH, ...more }] })).resolves.toBeDefined();
});

test('a turn on a rota begins at the time of day on its own clocks, an exception lasts as long as it says', async () => {
  const instead = [{ from: '2026-07-01 09:00', until: '2026-07-02 09:00', agent: 'ben' }];
  const { rotas } = await read({ rotas: { primary: { ...ROTA, instead } }, paths: [PATH] });
  expect(rotas.primary).toMatchObject({
    from: { day: Date.parse('2026-01-05') / 86_400_000, minutes: 540 },
    days: 7,
    instead: [{ from: Date.parse('2026-07-01T07:00:00Z'), until: Date.parse('2026-07-02T07:00:00Z'), agent: 'ben' }],
  });
});

const path = (more: object) => ({ paths: [{ ...PATH, ...more }] });
const one = (more: object) => path({ levels: [{ ...LEVEL, ...more }] });
describe('a file with an error stops the start, naming field and mend', () => {
  test.each<[what: string, file: unknown, field: string, said: string]>([
    ['an agent who is none', one({ call: [{ agent: 'zoe' }] }), 'paths.0.levels.0.call.0', 'there are ana, ben'],
    ['a team that is none', one({ call: [{ team: 'sales' }] }), 'paths.0.levels.0.call.0', 'there are billing'],
    ['a rota that is none', one({ call: [{ rota: 'nights' }] }), 'paths.0.levels.0.call.0', 'there are none'],
    ['somebody by a bare word', one({ call: ['ana'] }), 'paths.0.levels.0.call.0', '{ agent: <id> }'],
    ['nobody to call', one({ call: [] }), 'paths.0.levels.0.call', 'at least one'],
    ['no levels', path({ levels: [] }), 'paths.0.levels', 'at least one level'],
    ['no lease', { paths: [{ name: 'a', first: '5 min', levels: [LEVEL] }] }, 'paths.0.lease', 'an amount of time'],
    ['a wait of nothing', one({ wait: '0 min' }), 'paths.0.levels.0.wait', 'an amount of time'],
    ['too many calls', one({ repeat: 21 }), 'paths.0.levels.0.repeat', 'from 0 to 20'],
    ['an unknown branch', one({ nobody: 'shout' }), 'paths.0.levels.0.nobody', 'one of next, wait, admins'],
    [
      'a last level that may find nobody, where nobody is paged',
      one({ call: ['assignee', { team: 'billing' }] }),
      'paths.0.levels.0.nobody',
      'ends unheard',
    ],
    [
      'a last level of admins within their own hours',
      path({ levels: [LEVEL, { ...LEVEL, hours: 'own' }] }),
      'paths.0.levels.1.nobody',
      'ends unheard',
    ],
    ['a severity that is none', path({ pagerDuty: 'loud' }), 'paths.0.pagerDuty', 'one of critical'],
    ['too many pages', path({ pageRepeat: 21 }), 'paths.0.pageRepeat', 'from 0 to 20'],
    ['a calendar that is none', path({ when: { hours: 'not office' } }), 'paths.0.when.hours', 'no calendar "office"'],
    ['a name twice', { paths: [{ ...PATH, when: { tier: 'x' } }, PATH] }, 'paths.1.name', 'there twice'],
    [
      'one in the shadow of another',
      { paths: [PATH, { ...PATH, name: 'b', when: { tier: 'x' } }] },
      'paths.1',
      'never holds',
    ],
    ['a turn of hours', { rotas: { r: { ...ROTA, turn: '12 h' } }, paths: [] }, 'rotas.r.turn', 'whole days'],
    [
      'a day that is none',
      { rotas: { r: { ...ROTA, from: '2026-02-30 09:00' } }, paths: [] },
      'rotas.r.from',
      '2026-01-05 09:00',
    ],
    [
      'a turn of somebody unknown',
      { rotas: { r: { ...ROTA, agents: ['zoe'] } }, paths: [] },
      'rotas.r.agents.0',
      'ana, ben',
    ],
    [
      'an exception that ends before it begins',
      {
        rotas: { r: { ...ROTA, instead: [{ from: '2026-07-02 09:00', until: '2026-07-01 09:00', agent: 'ana' }] } },
        paths: [],
      },
      'rotas.r.instead.0.until',
      'not after',
    ],
    ['a setting that nobody knows', path({ loud: true }), 'paths.0.loud', 'unknown field'],
  ])('%s', async (_what, file, field, said) => {
    const error = await read(file).then(
      () => undefined,
      (thrown: StewardError) => thrown,
    );
    expect(error?.code).toBe('InvalidPolicy');
    expect(error?.problems).toContainEqual(expect.objectContaining({ field, message: expect.stringContaining(said) }));
  });
});
