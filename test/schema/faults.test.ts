/** Faults put into the policies that come with the project: each is named, all in one round, and nothing that is not there. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { readSourceFile } from '../../src/adapters/source-files.ts';
import { checkPolicy } from '../../src/compose-policies.ts';
import { readRules } from '../../src/compose-rules.ts';
import { checkSource } from '../../src/compose-sources.ts';
import type { Problem, StewardError } from '../../src/domain/errors.ts';
import { emptyDirectory } from '../support/files.ts';

const NOW = new Date('2026-11-25T12:00:00Z');
const dir = emptyDirectory();

type Tree = Record<string, unknown>;
/** A policy in order, richer than the one of the project, to have more to break. */
const RICH: Readonly<Record<string, Tree>> = {
  sla: ours('sla'),
  healing: ours('healing'),
  privacy: ours('privacy'),
  team: { ...ours('team'), admins: ['ana', { id: 'ops', name: 'Operations', slack: 'C0OPERATE1' }] },
  escalation: {
    ...ours('escalation'),
    rotas: { nights: { timeZone: 'UTC', from: '2026-01-05 09:00', turn: '7 d', agents: ['ana', 'ben'] } },
  },
  webhooks: {
    ...ours('webhooks'),
    endpoints: ['desk', 'crm'].map((name) => ({ name, url: 'https://x.example', secretEnv: 'DESK_SECRET' })),
  },
};

function ours(name: string): Tree {
  return parse(readFileSync(`policies/${name}.yaml`, 'utf8')) as Tree;
}

/** A file of this test's own; the team's lies beside an escalation. */
function write(name: string, policy: Tree): string {
  const own = join(dir, `${Math.random()}`);
  mkdirSync(own);
  writeFileSync(join(own, 'team.yaml'), stringify(RICH.team));
  writeFileSync(join(own, `${name}.yaml`), stringify(policy));
  return join(own, `${name}.yaml`);
}

/** Every field that holds no others. */
function leavesOf(value: unknown, path: readonly string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [[...path]];
  return Object.entries(value).flatMap(([key, part]) => leavesOf(part, [...path, key]));
}

function put(policy: Tree, path: readonly string[], value: unknown): void {
  const holder = path.slice(0, -1).reduce<Tree>((at, key) => at[key] as Tree, policy);
  holder[path.at(-1) ?? ''] = value;
}

/** What no field takes, nor any list. */
const WRONG = { zzz: { zzz: true } };

describe.each(Object.keys(RICH))('%s', (name) => {
  test('any number of fields that are wrong are named in one round, and nothing else', {
    timeout: 180_000,
  }, async () => {
    const rich = RICH[name] ?? {};
    expect(await checkPolicy(write(name, rich), NOW)).toEqual([]);
    // What takes any name, or any value, has no wrong ones of this kind.
    const leaves = leavesOf(rich).filter(
      (path) => !path.includes('when') && path.join('.') !== 'admins.0' && !/^(skills|needs)$/.test(path.at(-2) ?? ''),
    );
    await fc.assert(
      fc.asyncProperty(fc.subarray(leaves, { minLength: 1, maxLength: 12 }), async (paths) => {
        const broken = structuredClone(rich);
        for (const path of paths) put(broken, path, WRONG);
        const named = (await checkPolicy(write(name, broken), NOW)).map(({ field }) => field);
        expect(named.sort()).toEqual(paths.map((path) => path.join('.')).sort());
      }),
      { numRuns: 40 },
    );
  });

  test('a field that nobody knows in every entry is named with its own path, and nothing follows from it', async () => {
    const broken = structuredClone(RICH[name] ?? {});
    const holders = [broken, ...Object.values(broken).flatMap((part) => (Array.isArray(part) ? part : []))].filter(
      (one): one is Tree => typeof one === 'object',
    );
    for (const holder of holders) if (!('secondsZz' in holder)) holder.qqqqqq = 1;
    const problems = await checkPolicy(write(name, broken), NOW);
    expect(problems.filter(({ field }) => field.endsWith('qqqqqq'))).toHaveLength(holders.length);
    expect(problems).toHaveLength(holders.length);
    expect(new Set(problems.map(({ line }) => line)).size).toBe(holders.length);
  });
});

const at = (problems: readonly Problem[]) => problems.map(({ field }) => field).sort();

describe('what is wrong between fields is named beside what is wrong with others', () => {
  test.each<[name: string, change: (policy: Tree) => Tree, fields: string[]]>([
    [
      'sla',
      ({ calendars, policies }) => ({
        calendars: {
          ...(calendars as Tree),
          half: { timeZone: 'Nowhere', week: { monday: ['09:00-12:00', '11:00-13:00'] } },
        },
        policies: [
          { name: 'a', when: { tier: 'x' }, calendar: 'half', firstResponse: '9 h', resolution: '8 h' },
          { name: 'b', when: { tier: 'x' }, calendar: 'moon', resolution: 'soon' },
          { name: 'b', when: { tierr: 'y' }, firstResponse: 'soon', resolution: '1 h' },
          ...(policies as Tree[]),
        ],
      }),
      [
        'calendars.half.timeZone',
        'calendars.half.week.monday.1',
        'policies.0.firstResponse',
        'policies.1',
        'policies.1.calendar',
        'policies.1.resolution',
        'policies.2.firstResponse',
        'policies.2.name',
        'policies.2.when.tierr',
      ],
    ],
    [
      'team',
      ({ agents, ...rest }) => ({
        ...rest,
        agents: [
          ...(agents as Tree[]),
          { id: 'ana', name: 'Other', capacity: 'lots', onDuty: true, email: 'a@b.example' },
          { id: 'zed', name: 'Zed', capacity: 1, onDuty: 'yes', slack: 'U0BEN00001' },
        ],
        skillRules: [{ when: {}, needs: ['klingon'] }],
        weights: [{ when: {}, weight: 1000 }],
        admins: ['zed', 'nobody'],
      }),
      // Of the one whose capacity is wrong nobody knows that it is not enough.
      ['admins.1', 'agents.5.capacity', 'agents.5.id', 'agents.6.onDuty', 'agents.6.slack', 'skillRules.0.needs'],
    ],
    [
      'escalation',
      ({ calendars, paths }) => ({
        calendars,
        rotas: { nights: { timeZone: 'UTC', from: 'monday', turn: '7 d', agents: ['ana', 'zoe'] } },
        paths: [
          {
            ...(paths as Tree[])[0],
            levels: [{ call: [{ rota: 'nights' }, { rota: 'days' }, { agent: 'zoe' }, { agent: 5 }], wait: 'long' }],
          },
          { ...(paths as Tree[])[0], when: { hours: 'moon' } },
        ],
      }),
      [
        'paths.0.levels.0.call.1',
        'paths.0.levels.0.call.2',
        'paths.0.levels.0.call.3.agent',
        'paths.0.levels.0.wait',
        'paths.1.name',
        'paths.1.when.hours',
        'rotas.nights.agents.1',
        'rotas.nights.from',
      ],
    ],
    [
      'privacy',
      ({ categories, officers, recipients, ...rest }) => ({
        ...rest,
        officers: [...(officers as Tree[]), { id: 'privacy', email: 'x', mayApprove: true }],
        categories: {
          ...(categories as Tree),
          contact: { ...((categories as Tree).contact as Tree), legalBases: ['consent'], purposes: ['news'], keep: 5 },
          ratings: { ...((categories as Tree).ratings as Tree), grounds: ['noSuch', 'consentWithdrawn'] },
        },
        recipients: [...(recipients as Tree[]), { name: 'CRM', kind: 'crm', categories: ['contact'], secretEnv: 'x' }],
      }),
      [
        'categories.contact.keep',
        'categories.contact.purposes.0',
        'categories.ratings.grounds.0',
        'categories.ratings.grounds.1',
        'officers.1.email',
        'officers.1.id',
        'recipients.1',
        'recipients.1.secretEnv',
      ],
    ],
    [
      'webhooks',
      ({ endpoints }) => ({
        endpoints: [...(endpoints as Tree[]), { name: 'desk', url: 'ftp://x', secretEnv: 'x' }],
        circuit: { openAfter: 0, firstPause: '2 h', longestPause: '1 h' },
      }),
      ['circuit.longestPause', 'circuit.openAfter', 'endpoints.2.name', 'endpoints.2.secretEnv', 'endpoints.2.url'],
    ],
  ])('%s', async (name, change, fields) => {
    expect(at(await checkPolicy(write(name, change(structuredClone(RICH[name] ?? {}))), NOW))).toEqual(fields);
  });

  test('a source', async () => {
    const file = join(dir, 'desk.yaml');
    const event = {
      source: 's',
      'detail-type': 'ticket.created',
      detail: { ticketId: 'a', customerId: 'b', subject: 'c', mesage: 'd' },
    };
    writeFileSync(
      file,
      stringify({
        otherwise: 'maybe',
        root: ['detail'],
        events: [
          { name: 'a', event: { ...event, 'detail-type': 'ticket.new' }, ignore: true },
          { name: 'b', event, known: { ...event, detail: {} } },
          { name: 'c', evnt: event },
          { name: 'd', event: { ...event, id: {} }, when: { Variable: '$.type', StringEqual: 'x' } },
        ],
      }),
    );
    expect(at(await checkSource(file))).toEqual([
      'events.0',
      'events.0.event.detail-type',
      'events.1',
      'events.1.event.detail.mesage',
      'events.1.known',
      ...Array(4).fill('events.1.known.detail'),
      'events.2.evnt',
      'events.3.event.detail.mesage',
      'events.3.event.id',
      'events.3.when',
      'events.3.when.StringEqual',
      'otherwise',
      'root.0',
    ]);
    await expect(readSourceFile(file)).rejects.toMatchObject({ code: 'InvalidPolicy' });
  });
});

test('faults of all files come together; who stands in a team with faults is known to the paths', async () => {
  const own = join(dir, 'together');
  mkdirSync(own);
  const files = Object.fromEntries(['team', 'sla', 'escalation'].map((name) => [name, join(own, `${name}.yaml`)]));
  const { team, sla, escalation } = structuredClone(RICH);
  put(team ?? {}, ['agents', '0', 'capacity'], 'lots');
  put(sla ?? {}, ['policies', '0', 'calendar'], 'moon');
  put(escalation ?? {}, ['rotas', 'nights', 'agents'], ['ana', 'zoe']);
  for (const [name, policy] of Object.entries({ team, sla, escalation }))
    writeFileSync(files[name] ?? '', stringify(policy));
  const error = await readRules(files as Record<'team' | 'sla' | 'escalation', string>, NOW).catch(
    (thrown: StewardError) => thrown,
  );
  expect('problems' in error && error.problems.map(({ file, field }) => [file, field])).toEqual([
    [files.team, 'agents.0.capacity'],
    [files.sla, 'policies.0.calendar'],
    [files.escalation, 'rotas.nights.agents.1'],
  ]);
});
