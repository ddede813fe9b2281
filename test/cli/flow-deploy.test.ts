/** Flows on their way to new tickets, on a real Temporal and PostgreSQL. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { pinFlow } from '../../src/compose-flow.ts';
import { createFlowDesk } from '../../src/store/flow-desk.ts';
import { standingOf } from '../../src/store/flows.ts';
import { changeOf } from '../store/support.ts';
import { emptyDirectory } from '../support/files.ts';
import { outcome } from '../support/outcome.ts';
import { envelope, useSteward } from '../support/steward.ts';
import { until } from '../workflows/support.ts';
import { runOn } from './support.ts';

const DIRECTORY = emptyDirectory();

/** A flow that routes by priority, and brings whom `toPerson` names to a person. */
function flowThat(toPerson: string, more: object = {}) {
  return {
    StartAt: 'Analyze',
    States: {
      Analyze: { Type: 'Task', Resource: 'module:analyzeTicket', Next: 'Route' },
      Route: {
        Type: 'Choice',
        Choices: [{ Variable: '$.priority', StringEquals: toPerson, Next: 'Person' }],
        Default: 'Bot',
      },
      Bot: { Type: 'Task', Resource: 'module:resolveWithBot', End: true },
      Person: { Type: 'Task', Resource: 'module:escalateToAgent', End: true },
    },
    ...more,
  };
}

/** A file of its own directory, and its tests beside it where some are given. */
let count = 0;
function flowFile(flow: object, tests?: object[], name = 'main'): string {
  const directory = join(DIRECTORY, `${++count}`);
  mkdirSync(directory);
  writeFileSync(join(directory, `${name}.asl.json`), JSON.stringify(flow));
  const all = { flow: `${name}.asl.json`, tests };
  if (tests) writeFileSync(join(directory, `${name}.flow-test.yaml`), JSON.stringify(all));
  return join(directory, `${name}.asl.json`);
}

const first = flowFile(flowThat('HIGH'));
const steward = useSteward({ settings: () => ({ STEWARD_FLOW: first }) });
const desk = (id = 'login/test') =>
  createFlowDesk(steward.composed.databases.as('steward_operator'), { kind: 'person', id });
const run = (...args: string[]) => runWith({}, ...args);
const runWith = (parts: { ask?: (question: string) => Promise<boolean> }, ...args: string[]) =>
  runOn(
    {
      ...parts,
      readText: (file) => readFile(file, 'utf8'),
      operator: async () => ({ flows: desk(), flowFile: first }) as never,
    },
    'flow',
    ...args,
  );
const json = async (...args: string[]) => JSON.parse((await run(...args, '--json')).out);
const versionIn = async (file: string) => (await pinFlow(file)).flow.version;

/** A ticket of HIGH priority whose way is on record, and the version that it began with. */
async function ticket() {
  const event = envelope();
  await steward.steward.submit(event);
  const { ticketId } = event.detail;
  await outcome(async () => expect((await steward.read.ticket(ticketId))?.facts.decisions).toBeDefined());
  return { ticketId, version: (await steward.read.ticket(ticketId))?.flow.split('@')[1] };
}

describe('in the order of their life', () => {
  test('as long as nothing is deployed, tickets go by the file, and its version is kept', async () => {
    const version = await versionIn(first);
    const { ticketId, version: began } = await ticket();
    expect(began).toBe(version);
    await until(steward, ticketId, { state: 'waitingForAgent', route: 'agent' });
    expect(await desk().fromFile('main')).toBe(version);
    expect((await desk().find({ name: 'main', version }))?.definition).toEqual(flowThat('HIGH'));
    expect((await run('history')).out).toContain('Nothing of main was deployed');
    expect((await run('rollback')).err).toContain('nothing of it was deployed');
    expect((await run('draw', 'main')).out).toContain('HIGH');
    expect((await run('draw', 'nothing')).err).toContain('flow nothing: nobody knows it; there are main');
    const app = await steward.app.request('/readyz');
    expect(await app.json()).toMatchObject({ flow: 'file' });
  });

  const second = flowFile(flowThat('LOW'), [
    {
      name: 'a low one goes to a person',
      given: { input: {} },
      when: { Analyze: [{ result: { priority: 'LOW' } }], Person: [{ result: {} }] },
      ...Object.fromEntries([['then', { path: ['Analyze', 'Route', 'Person'] }]]),
    },
  ]);

  test('a deployment that changes decisions shows each, and does nothing until somebody says yes', async () => {
    const { ticketId } = await ticket();
    await until(steward, ticketId, { state: 'waitingForAgent' });
    const { exit, out } = await run('deploy', second);
    expect(exit).toBe(1);
    expect(out).toContain('1 of its tests passed, 0 failed');
    expect(out).toContain('2 decisions about 2 of the last 2 tickets would change');
    expect(out).toMatch(new RegExp(`${ticketId} +[\\da-f]{12} +Route#1 +Person +Bot +no rule was met`));
    expect(out).toContain('Nothing was deployed; --yes deploys it.');
    expect(await desk().history('main')).toEqual([]);
    expect((await run('deploy', second, '--dry-run')).exit).toBe(0);
    // At a terminal somebody is asked.
    const asked: string[] = [];
    const no = async (question: string) => asked.push(question) === 0;
    expect((await runWith({ ask: no }, 'deploy', second)).exit).toBe(1);
    expect(asked).toEqual(['Deploy it?']);
    expect(await desk().history('main')).toEqual([]);
  });

  test('what is deployed rules new tickets at once, and those that are there keep theirs', async () => {
    const before = await ticket();
    const said = await json('deploy', second, '--yes');
    expect(said).toMatchObject({ flow: 'main', outcome: 'deployed', number: 1, replaces: before.version });
    const after = await ticket();
    expect(after.version).toBe(await versionIn(second));
    expect((await json('draw', 'main')).mermaid).toContain('LOW');
    await until(steward, after.ticketId, { route: 'bot' });
    const ways = (await steward.read.timeline(after.ticketId)).filter(({ kind }) => kind === 'decided');
    expect(ways[0]?.facts).toMatchObject({ state: 'Route', next: 'Bot' });
    expect((await steward.read.ticket(before.ticketId))?.flow).toBe(`main@${before.version}`);
    const audited = await steward.owner
      .selectFrom('audit_entries')
      .select(['actor_id', 'object', 'before', 'after'])
      .where('action', '=', 'flow.deployed')
      .execute();
    expect(audited).toEqual([
      {
        actor_id: 'login/test',
        object: 'flow/main',
        before: { version: before.version },
        after: { version: after.version, number: 1, percent: null },
      },
    ]);
    expect(await json('deploy', second)).toMatchObject({ outcome: 'same', number: null });
  });

  test('a file that says something else than what is deployed is told of', async () => {
    const { flow } = await pinFlow(first);
    const worker = steward.composed.databases.as('steward_worker');
    expect(await standingOf(worker, flow)).toEqual({ standing: 'edited', ruling: await versionIn(second) });
    expect(await (await steward.app.request('/readyz')).json()).toMatchObject({ status: 'ready', flow: 'edited' });
    expect((await run('history')).out).toContain(`The file ${first} says something else`);
    expect(await standingOf(worker, { name: 'main', version: await versionIn(second) })).toMatchObject({
      standing: 'deployed',
    });
  });

  test('of two deployments made of the same state one loses, and hears of the other', async () => {
    const { flow: one } = await pinFlow(flowFile(flowThat('MEDIUM')));
    const { flow: two } = await pinFlow(flowFile(flowThat('URGENT')));
    const order = { kind: 'deploy', baseVersion: null, seen: 1 } as const;
    const ends = await Promise.allSettled([
      desk('login/ana').deploy({ ...order, flow: one }),
      desk('login/ben').deploy({ ...order, flow: two }),
    ]);
    expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const lost = ends.find((end) => end.status === 'rejected');
    const [winner] = (await desk().history('main')).slice(-1);
    expect(lost?.reason).toMatchObject({ code: 'RequestConflict' });
    expect(String(lost?.reason.message)).toContain(`${winner?.by} made version ${winner?.version} its deploy`);
    expect(await desk().history('main')).toHaveLength(2);
    // Also where the other was long before.
    await expect(desk().deploy({ ...order, flow: one })).rejects.toMatchObject({ code: 'RequestConflict' });
  });

  test('a rollback goes one version back each time, and at last there is none', async () => {
    const [base, deployed] = [await versionIn(first), await versionIn(second)];
    // Kept for good, in the history and in the audit log.
    for (const [why, message] of [
      ['ada@example.com was sent away', '--why: holds an e-mail address'],
      ['call +49 30 1234567', '--why: holds a telephone number'],
      ['one\nof two lines', '--why: expected 1 to 300 printable characters on one line'],
      ['x'.repeat(301), '--why: expected 1 to 300 printable characters on one line'],
    ] as const) {
      expect((await run('rollback', '--why', why)).err).toContain(message);
    }
    expect(await json('rollback', '--why', 'it was too eager')).toMatchObject({ version: deployed });
    expect((await ticket()).version).toBe(deployed);
    expect(await json('rollback', 'main')).toMatchObject({ version: base, replaces: deployed });
    expect((await ticket()).version).toBe(base);
    expect((await run('rollback')).err).toContain('there was none to go back to');
    const { deployments, active, file } = await json('history');
    expect(deployments.map((one: { kind: string }) => one.kind)).toEqual(['rollback', 'rollback', 'deploy', 'deploy']);
    expect(deployments[1]).toMatchObject({ why: 'it was too eager', by: 'login/test' });
    expect([active, file]).toEqual([base, base]);
    const { out } = await run('history', 'main');
    expect(out).toMatch(new RegExp(`4 .* rollback +${base} +${deployed} +login/test +by hand`));
  });

  test('versions are compared by state and path', async () => {
    const [base, deployed] = [await versionIn(first), await versionIn(second)];
    const { out } = await run('diff', base, deployed.slice(0, 6));
    expect(out).toBe('~ state Route $.Choices[0].StringEquals: "HIGH" -> "LOW"\n');
    expect((await run('diff', 'active', first)).out).toBe('They say the same.\n');
    expect((await run('diff', 'ffffffffffff', first)).err).toContain('there is no version ffffffffffff of main');
    expect((await run('diff', 'active', first, '--flow', 'nope')).err).toContain('nobody knows it; there are main');
  });
});

test('a flow that is wrong, or whose tests fail, is not deployed', async () => {
  const seen = (await desk().history('main')).length;
  const wrong = flowFile({ ...flowThat('HIGH'), StartAt: 'Nowhere' });
  expect((await run('deploy', wrong, '--yes')).err).toContain("there is no state 'Nowhere'");
  const unbound = flowFile({ StartAt: 'A', States: { A: { Type: 'Task', Resource: 'module:nobody', End: true } } });
  expect((await run('deploy', unbound, '--yes')).exit).toBe(1);
  const failing = flowFile(flowThat('NEVER'), [
    {
      name: 'fails',
      given: { input: {} },
      when: { Analyze: [{ result: { priority: 'LOW' } }], Bot: [{ result: {} }] },
      ...Object.fromEntries([['then', { path: ['Analyze', 'Route', 'Person'] }]]),
    },
  ]);
  const { exit, out } = await run('deploy', failing, '--yes');
  expect(exit).toBe(1);
  expect(out).toContain('FAILED');
  expect(out).toContain('Nothing was deployed.');
  const open = flowFile({ StartAt: 'A', States: { A: { Type: 'Pass' } } });
  expect((await run('deploy', open, '--yes', '--strict')).exit).toBe(1);
  expect((await run('deploy', first, '--watch', '10m')).err).toContain('--canary 10%');
  expect((await run('deploy', first, '--canary', '100%')).exit).toBe(2);
  expect(await desk().history('main')).toHaveLength(seen);
});

test('a flow of another name is deployed beside, and leaves tickets alone', async () => {
  const { version } = await ticket();
  const said = await run('deploy', flowFile(flowThat('LOW'), undefined, 'other'), '--yes');
  expect(said.out).toContain('There is no past ticket to try it on.');
  expect(said.out).toContain('Tickets go by main (STEWARD_FLOW), and not by it.');
  expect((await ticket()).version).toBe(version);
  // Nobody could tell by tickets how it fares: it would be taken back for want of them.
  const compared = await run('deploy', flowFile(flowThat('NONE'), undefined, 'other'), '--yes', '--canary', '10%');
  expect(compared).toMatchObject({
    exit: 1,
    err: expect.stringContaining('go by main (STEWARD_FLOW) and not by other'),
  });
  expect(await desk().history('other')).toHaveLength(1);
});

test('a step that is repeated after another deployment keeps the version that it chose', async () => {
  const { tickets } = steward.composed.deps;
  const event = envelope();
  const { ticketId } = event.detail;
  const change = changeOf(ticketId, 1, {}, 'received');
  const { flow } = await pinFlow(first);
  const claim = () => tickets.claim(event, { runId: 'run-1', flow, change });
  const before = await claim();
  const another = await pinFlow(flowFile(flowThat('SOMETIMES')));
  const seen = (await desk().history('main')).length;
  await desk().deploy({ kind: 'deploy', flow: another.flow, baseVersion: null, seen });
  expect(await claim()).toEqual(before);
  expect((await ticket()).version).toBe(another.flow.version);
});

test('what past tickets can not tell is said, and is no change', async () => {
  const bySubject = flowFile({
    StartAt: 'Way',
    States: {
      Way: {
        Type: 'Choice',
        Choices: [{ Variable: '$.detail.subject', StringMatches: '*refund*', Next: 'Person' }],
        Default: 'Person',
      },
      Person: { Type: 'Task', Resource: 'module:escalateToAgent', End: true },
    },
  });
  const { dryRun } = await json('deploy', bySubject, '--dry-run', '--last', '1');
  expect(dryRun).toMatchObject({
    tickets: 1,
    changes: [],
    unknown: [{ why: 'Way decides by what the customer wrote' }],
  });
  const asks = flowFile({
    ...flowThat('HIGH'),
    States: {
      ...flowThat('HIGH').States,
      Person: {
        Type: 'Task',
        Resource: 'module:askPeople',
        Parameters: { question: 'Well?', audience: ['ana'], form: ['approve', 'refuse'] },
        ResultPath: '$.asked',
        Next: 'Second',
      },
      Second: {
        Type: 'Choice',
        Choices: [{ Variable: '$.asked.decision', StringEquals: 'approve', Next: 'Bot' }],
        Default: 'Bot',
      },
    },
  });
  const said = await json('deploy', asks, '--dry-run', '--last', '1');
  expect(said.dryRun.changes).toMatchObject([{ state: 'Route', was: 'Bot', would: 'Person' }]);
  expect(said.dryRun.unknown).toMatchObject([{ why: 'what Person would have found is not on record' }]);
});

test('a flow that would fail on past tickets shows it', async () => {
  const fails = flowThat('HIGH', { StartAt: 'Bad' });
  const states = { Bad: { Type: 'Pass', InputPath: '$.detail.gone', Next: 'Analyze' }, ...fails.States };
  const { dryRun } = await json('deploy', flowFile({ ...fails, States: states }), '--dry-run', '--last', '1');
  expect(dryRun.changes).toContainEqual(expect.objectContaining({ state: 'Bad', would: 'fails: States.Runtime' }));
});
