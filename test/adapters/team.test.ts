import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { readTeam } from '../../src/adapters/team.ts';

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
  const needed = team.skillsFor({ tier: 'premium', language: 'en', priority: 'HIGH' });
  expect(team.agents.some((a) => a.onDuty && needed.every((skill) => a.skills.includes(skill)))).toBe(true);
});

test('the store learns of an agent what choosing needs, and no name or address', async () => {
  const agent = { id: 'ana', skills: ['german'], capacity: 2, onDuty: true, teams: [], hours: 'always' };
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

test('a ticket needs the skills of every rule whose conditions all hold, each once', async () => {
  const team = await read({
    ...TEAM,
    agents: [{ ...ANA, skills: ['german', 'premium'] }],
    skillRules: [
      { when: { language: 'de' }, needs: ['german'] },
      { when: { language: 'de', tier: 'premium' }, needs: ['premium', 'german'] },
    ],
  });
  expect(team.skillsFor({ language: 'de', tier: 'standard' })).toEqual(['german']);
  expect(team.skillsFor({ language: 'de', tier: 'premium' })).toEqual(['german', 'premium']);
  expect(team.skillsFor({ language: 'en' })).toEqual([]);
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
  ['a setting nobody knows', { ...TEAM, agents: [{ ...ANA, salary: 1 }] }, /agents\.0: expected an agent: id, name/],
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
    /bo\.slack: "U0ANA00001" is ana's; a click would count as theirs, so give each person their own/,
  ],
  ['an admin twice', { ...TEAM, admins: ['ana', 'ana'] }, /admins\.1: "ana" is there twice; name each admin once/],
  ['an admin who is nobody', { ...TEAM, admins: ['zoe'] }, /admins\.0: "zoe" is no agent/],
  ['no admin', { ...TEAM, admins: [] }, /at least one admin/],
  [
    'a skill that nobody has',
    { ...TEAM, skillRules: [{ when: {}, needs: ['latin'] }] },
    /skillRules\.0\.needs: no agent has the skill "latin"/,
  ],
  ['nobody reachable', { ...TEAM, agents: [{ ...ANA, email: null }] }, /ana: give email or slack/],
  ['a list', [], /expected agents, skillRules and admins/],
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
