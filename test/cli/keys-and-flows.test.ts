import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { hashKey } from '../../src/http/keys.ts';
import { createWorld, steward } from './support.ts';

describe('key', () => {
  test('a key is shown once and kept as its hash', async () => {
    const world = createWorld();
    const { out } = await steward(world, 'key', 'create', 'my platform', '--json');
    const { id, name, key } = JSON.parse(out);
    expect({ id, name }).toEqual({ id: 'k1', name: 'my platform' });
    expect(world.keys).toMatchObject([{ name: 'my platform', hash: hashKey(key) }]);
    const listed = await steward(world, 'key', 'list');
    expect(listed.out).toContain('my platform');
    expect(listed.out).not.toContain(key);
    expect(JSON.parse((await steward(world, 'key', 'list', '--json')).out)).toEqual([
      {
        id: 'k1',
        name: 'my platform',
        role: 'agent',
        agent: null,
        createdAt: '1970-01-01T00:00:00.000Z',
        revokedAt: null,
      },
    ]);
  });

  test('a key may be the own one of an agent of the team, and of nobody else', async () => {
    const world = createWorld();
    const { out } = await steward(world, 'key', 'create', 'Ana’s', '--agent', 'ana');
    expect(out).toMatch(/Role\s+agent\nActs as\s+ana/);
    expect(world.keys).toMatchObject([{ name: 'Ana’s', role: 'agent', agent: 'ana' }]);
    expect((await steward(world, 'key', 'list')).out).toMatch(/ACTS AS .*\nk1\s+Ana’s\s+agent\s+ana/);
    expect(await steward(world, 'key', 'create', 'Zoe’s', '--agent', 'zoe')).toMatchObject({
      exit: 1,
      err: expect.stringContaining('--agent: "zoe" is nobody of policies/team.yaml'),
    });
    expect(world.keys).toHaveLength(1);
  });

  test('a key has the role that was asked for, and only one that there is', async () => {
    const world = createWorld();
    const { out } = await steward(world, 'key', 'create', 'revision', '--role', 'auditor');
    expect(out).toMatch(/Role\s+auditor/);
    expect(world.keys).toMatchObject([{ name: 'revision', role: 'auditor' }]);
    expect((await steward(world, 'key', 'list')).out).toMatch(/revision\s+auditor/);
    const wrong = await steward(world, 'key', 'create', 'boss', '--role', 'root');
    expect(wrong.exit).toBe(2);
    expect(wrong.err).toContain('agent, operator, privacyOfficer, auditor, admin');
    expect(world.keys).toHaveLength(1);
  });

  test('a key that is not there is not revoked', async () => {
    const world = createWorld();
    await steward(world, 'key', 'create', 'a');
    expect((await steward(world, 'key', 'revoke', 'k1')).exit).toBe(0);
    const { exit, err } = await steward(world, 'key', 'revoke', 'k9');
    expect(exit).toBe(1);
    expect(err).toContain('no key k9');
  });
});

test('migrate tells what it applied, and that there was nothing to do', async () => {
  expect((await steward(createWorld(), 'migrate')).out).toContain('The tables were up to date');
  const world = createWorld({ migrations: ['0001_tickets', '0002_help'] });
  expect((await steward(world, 'migrate')).out).toContain('Applied: 0001_tickets, 0002_help');
  expect(JSON.parse((await steward(world, 'migrate', '--json')).out)).toEqual({ applied: world.migrations });
});

describe('flow', () => {
  const WRONG = JSON.stringify({
    StartAt: 'Nowhere',
    States: { A: { Type: 'Task', Resource: 'module:nobody', Next: 'B' } },
  });
  const flows = async () =>
    createWorld({
      files: {
        'reference.json': await readFile('test/fixtures/reference-flow.asl.json', 'utf8'),
        'ours.json': await readFile('flows/support-escalation.asl.json', 'utf8'),
        'wrong.json': WRONG,
        'broken.yaml': 'StartAt: [',
        'comma.json': '{"StartAt": "A",}',
      },
    });

  test('every problem is told with its path, in every file', async () => {
    const { exit, out } = await steward(
      await flows(),
      'flow',
      'check',
      'wrong.json',
      'missing.json',
      'ours.json',
      '--json',
    );
    expect(exit).toBe(1);
    const [wrong, missing, ours] = JSON.parse(out);
    expect(wrong.problems.map((p: { path: string }) => p.path)).toEqual(
      expect.arrayContaining(['$.StartAt', '$.States.A.Next', '$.States.A.Resource']),
    );
    expect(missing).toMatchObject({ ok: false, problems: [{ severity: 'error', message: 'there is no such file' }] });
    expect(ours).toEqual({ file: 'ours.json', ok: true, problems: [] });
  });

  test('people read the same, a file at a time', async () => {
    const { exit, out } = await steward(await flows(), 'flow', 'check', 'wrong.json', 'ours.json');
    expect(exit).toBe(1);
    expect(out).toMatch(/^wrong\.json: \d+ errors/);
    expect(out).toContain("there is no state 'Nowhere'");
    expect(out).toContain('ours.json: in order');
  });

  test('warnings pass, and fail where they are asked to', async () => {
    expect((await steward(await flows(), 'flow', 'check', 'reference.json')).exit).toBe(0);
    expect((await steward(await flows(), 'flow', 'check', 'reference.json', '--strict')).exit).toBe(1);
  });

  test('a file that can not be read as what its name says is a problem of that file, with its place', async () => {
    const { exit, out } = await steward(await flows(), 'flow', 'check', 'broken.yaml', 'comma.json', '--json');
    expect(exit).toBe(1);
    expect(JSON.parse(out)).toMatchObject([
      {
        problems: [{ path: '$', message: 'the indentation is wrong, or a bracket is not closed (line 1, column 11)' }],
      },
      { problems: [{ path: '$', message: 'JSON has no comma before }; take it out (line 1, column 16)' }] },
    ]);
    expect((await steward(await flows(), 'flow', 'draw', 'comma.json')).err).toContain('comma.json: JSON has no comma');
  });

  test('a flow is drawn as Mermaid, a wrong one is not', async () => {
    const world = await flows();
    const { out } = await steward(world, 'flow', 'draw', 'ours.json');
    expect(out).toMatch(/^flowchart TD\n/);
    expect(JSON.parse((await steward(world, 'flow', 'draw', 'ours.json', '--json')).out)).toEqual({
      file: 'ours.json',
      mermaid: out,
    });
    const wrong = await steward(world, 'flow', 'draw', 'wrong.json');
    expect({ exit: wrong.exit, out: wrong.out }).toEqual({ exit: 1, out: '' });
  });

  describe('eval and test', () => {
    const wait = {
      StartAt: 'A',
      States: { A: { Type: 'Task', Resource: 'any', Next: 'W' }, W: { Type: 'Wait', Seconds: 2_592_000, End: true } },
    };
    const files = {
      'wait.json': JSON.stringify(wait),
      'in.json': '{"n": 1}',
      'mocks.json': '{"A": [{"result": {"r": 2}}]}',
      'w.flow-test.yaml':
        'flow: wait.json\ntests:\n  - {name: n, given: {input: 1}, when: {A: [{result: 5}]}, then: {output: 5, seconds: 2592000}}\n',
      'bad.flow-test.yaml':
        'flow: wait.json\ntests:\n  - {name: n, given: {input: 1}, when: {A: [{result: 5}]}, then: {output: 6}}\n',
      'unnamed.yaml': 'tests: []\n',
    };
    const run = (...args: string[]) => steward(createWorld({ files }), 'flow', ...args);
    const evaluation = ['eval', '--definition', 'wait.json', '--input', 'in.json'];

    test('a flow runs to its end on a clock of its own', async () => {
      const { exit, out } = await run(...evaluation, '--mocks', 'mocks.json', '--at', '2026-01-01T00:00:00Z', '--json');
      expect(exit).toBe(0);
      expect(JSON.parse(out)).toMatchObject({
        status: 'succeeded',
        output: { r: 2 },
        path: ['A', 'W'],
        states: [{ input: { n: 1 } }, { exitedAt: '2026-01-31T00:00:00.000Z' }],
      });
      expect((await run(...evaluation, '--mocks', 'mocks.json')).out).toMatch(/A +1 attempt +{"r":2}/);
    });

    test('what it lacks is named', async () => {
      expect(await run(...evaluation)).toMatchObject({
        exit: 1,
        err: expect.stringContaining('nothing answers for the Task A; add "A": [{"result": …}] to the mocks'),
      });
      expect((await run(...evaluation, '--mocks', 'in.json')).err).toContain('$.n: there is no state n');
      expect((await run(...evaluation, '--at', 'soon')).err).toContain('--at must be a time');
      expect((await run('eval', '--definition', 'in.json', '--input', 'in.json')).err).toContain('States is missing');
    });

    test('a flow’s own tests decide the exit code', async () => {
      expect(await run('test', 'w.flow-test.yaml')).toMatchObject({
        exit: 0,
        out: expect.stringContaining('1 passed, 0 failed'),
      });
      const failed = await run('test', 'w.flow-test.yaml', 'bad.flow-test.yaml');
      expect(failed).toMatchObject({ exit: 1, out: expect.stringContaining('output: expected 6, found 5') });
      expect((await run('test', 'unnamed.yaml')).err).toContain('$.flow is missing');
    });
  });

  test('flows are judged without anything being opened', async () => {
    const world = await flows();
    await steward(world, 'flow', 'check', 'ours.json');
    await steward(world, 'flow', 'draw', 'ours.json');
    expect(world.opened).toEqual([]);
  });
});
