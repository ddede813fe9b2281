import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { readTeam } from '../../src/adapters/team.ts';
import type { Skills } from '../../src/domain/assign.ts';

const NOW = new Date('2026-11-25T12:00:00Z');

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'team-'));
});
afterAll(() => rm(dir, { recursive: true }));

const ANA = { id: 'ana', name: 'Ana', email: 'ana@support.example', skills: ['german'], capacity: 2, onDuty: true };
const TEAM = { agents: [ANA], skillRules: [{ when: { language: 'de' }, needs: ['german'] }], admins: ['ana'] };
async function read(policy: unknown) {
  const path = join(dir, 'team.yaml');
  await writeFile(path, typeof policy === 'string' ? policy : stringify(policy));
  return readTeam(path, NOW);
}

test('the policy that comes with the project is in order', async () => {
  const team = await readTeam('policies/team.yaml', NOW);
  expect(team.agents.length).toBeGreaterThanOrEqual(4);
  for (const id of [...team.admins, ...team.agents.map((a) => a.id)]) {
    expect(team.agent(id)?.email).toMatch(/@support\.example$/);
  }
  const { needs } = team.demandOf({ tier: 'premium', language: 'en', priority: 'HIGH' });
  const can = (skills: Skills) => needs.every(({ skill, level }) => (skills[skill] ?? 0) >= level);
  expect(team.agents.some(({ onDuty, skills }) => onDuty && can(skills))).toBe(true);
});

test('the store learns of an agent what choosing needs, and no name or address', async () => {
  const agent = { id: 'ana', skills: { german: 1 }, capacity: 2, onDuty: true, teams: [], hours: 'always' };
  expect((await read(TEAM)).agents).toEqual([agent]);
});

test('an address book: agents and admins by id, null where there is no address', async () => {
  const ops = { id: 'ops', name: 'Operations', slack: 'C0OPERATE1' };
  const team = await read({ ...TEAM, admins: ['ana', ops] });
  expect(team.admins).toEqual(['ana', 'ops']);
  expect(team.agent('ana')).toEqual({ name: 'Ana', email: 'ana@support.example', slack: null });
  expect(team.agent('ops')).toEqual({ name: 'Operations', email: null, slack: 'C0OPERATE1' });
  expect(team.agent('constructor')).toBeUndefined();
});

test('a ticket needs what every rule asks whose conditions all hold; what the first one names is the most important', async () => {
  const team = await read({
    ...TEAM,
    agents: [{ ...ANA, skills: { german: 3, premium: 1 } }],
    skillRules: [
      { when: { language: 'de' }, needs: ['german'] },
      { when: { language: 'de', tier: 'premium' }, needs: { premium: 1, german: 2 }, mandatory: true },
    ],
  });
  const german = { skill: 'german', level: 1 };
  expect(team.demandOf({ language: 'de', tier: 'standard' }).needs).toEqual([german]);
  expect(team.demandOf({ language: 'de', tier: 'premium' }).needs).toEqual([
    { skill: 'german', level: 2, mandatory: true },
    { skill: 'premium', level: 1, mandatory: true },
  ]);
  expect(team.demandOf({ language: 'en' }).needs).toEqual([]);
});

test('a ticket weighs the most that any rule says, 1 where none does', async () => {
  const weights = [
    { when: { priority: 'HIGH' }, weight: 2 },
    { when: { tier: 'premium' }, weight: 1 },
  ];
  const team = await read({ ...TEAM, weights, relaxAfter: '10 min' });
  expect(team.demandOf({ priority: 'HIGH', tier: 'premium' }).weight).toBe(2);
  expect(team.demandOf({}).weight).toBe(1);
  expect(team.relaxAfterMs).toBe(600_000);
  expect((await read(TEAM)).relaxAfterMs).toBeNull();
});

test.each([
  ['no mail address', { ...TEAM, agents: [{ ...ANA, email: 'ana' }] }, /agents\.0\.email: expected an e-mail address/],
  [
    'a Slack name',
    { ...TEAM, agents: [{ ...ANA, slack: '@ana' }] },
    /agents\.0\.slack: expected a Slack id such as U0123ABCD/,
  ],
  [
    'quiet hours without end',
    { ...TEAM, agents: [{ ...ANA, quiet: { from: '00:00', to: '24:00', timeZone: 'UTC' } }] },
    /agents\.0\.quiet\.days: expected not every hour/,
  ],
  ['no capacity', { ...TEAM, agents: [{ ...ANA, capacity: -1 }] }, /agents\.0\.capacity: .*0 to 1000/],
  [
    'a setting nobody knows',
    { ...TEAM, agents: [{ ...ANA, salary: 1 }] },
    /line \d+: agents\.0\.salary: unknown field; taken are id, name/,
  ],
  [
    'a setting with a slip of the pen',
    { ...TEAM, agents: [{ ...ANA, skils: [] }] },
    /agents\.0\.skils: unknown field; did you mean "skills"\?/,
  ],
  ['an id twice', { ...TEAM, agents: [ANA, ANA] }, /"ana" is there twice/],
  [
    'a member of Slack twice',
    {
      ...TEAM,
      agents: [
        { ...ANA, slack: 'U0ANA00001' },
        { ...ANA, id: 'bo', slack: 'U0ANA00001' },
      ],
    },
    /agents\.1\.slack: "U0ANA00001" is ana's; a click would count as theirs, so give each person their own/,
  ],
  [
    'a storm of none',
    { ...TEAM, storm: { messages: 0, within: '10 min' } },
    /storm\.messages: expected a whole number from 1 to 1000, got 0/,
  ],
  [
    'a storm without end',
    { ...TEAM, storm: { messages: 10, within: '25 h' } },
    /storm\.within: expected at most 24 h: what is summarised waits so long/,
  ],
  [
    'a storm in numbers',
    { ...TEAM, storm: { messages: 10, within: 600 } },
    /storm\.within: expected an amount of time such as 90 s/,
  ],
  ['half a storm', { ...TEAM, storm: { messages: 10 } }, /storm\.within: expected an amount of time/],
  ['an admin twice', { ...TEAM, admins: ['ana', 'ana'] }, /admins\.1: "ana" is there twice; name each admin once/],
  ['an admin who is nobody', { ...TEAM, admins: ['zoe'] }, /admins\.0: "zoe" is no agent/],
  ['no admin', { ...TEAM, admins: [] }, /at least one admin/],
  [
    'a skill that nobody has',
    { ...TEAM, skillRules: [{ when: {}, needs: ['latin'] }] },
    /skillRules\.0\.needs: no agent has the skill "latin"/,
  ],
  [
    'a level that nobody has',
    { ...TEAM, skillRules: [{ when: {}, needs: { german: 2 } }] },
    /skillRules\.0\.needs: nobody has "german" at 2, the best has 1/,
  ],
  [
    'a level of nothing',
    { ...TEAM, agents: [{ ...ANA, skills: { german: 0 } }] },
    /agents\.0\.skills\.german: expected a whole number from 1 to 10/,
  ],
  [
    'a weight that nobody can bear',
    { ...TEAM, weights: [{ when: {}, weight: 3 }] },
    /weights\.0\.weight: is 3, but nobody has a capacity above 2/,
  ],
  ['an odd amount of time', { ...TEAM, relaxAfter: 'soon' }, /relaxAfter: expected an amount of time such as/],
  ['nobody reachable', { ...TEAM, agents: [{ ...ANA, email: null }] }, /agents\.0: give email or slack/],
  ['a list', [], /expected agents, skillRules, weights, relaxAfter, storm, contacts and admins/],
  ['no YAML', 'agents: [', /can't be read as YAML/],
])('%s stops the start, naming file, entry and mend', async (_, policy, message) => {
  const refused = read(policy);
  await expect(refused).rejects.toMatchObject({ code: 'InvalidPolicy' });
  await expect(refused).rejects.toThrow(message);
  await expect(refused).rejects.toThrow(join(dir, 'team.yaml'));
});

test('a file that is not there is named', async () => {
  await expect(readTeam(join(dir, 'none.yaml'), NOW)).rejects.toMatchObject({ code: 'InvalidPolicy' });
});

test('ten messages of a kind within ten minutes are not too many, unless the file says otherwise', async () => {
  expect((await read(TEAM)).storm).toEqual({ messages: 10, withinMs: 600_000 });
  const storm = { messages: 3, within: '90 s' };
  expect((await read({ ...TEAM, storm })).storm).toEqual({ messages: 3, withinMs: 90_000 });
});
