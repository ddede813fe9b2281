/** The tests that flows bring along, and what judges them. */
import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { testFlow } from '../../src/cli/flow-trial.ts';
import type { Json } from '../../src/domain/json.ts';
import { differences, type Expected, readScenarios } from '../../src/flow/scenario.ts';
import type { Trial } from '../../src/flow/trial.ts';
import { testFile } from '../support/files.ts';
import { NOW } from './support.ts';

const ground = { readText: (file: string) => readFile(file, 'utf8'), now: () => NOW };
const all = ['flows', 'examples/flows'].flatMap((folder) => readdirSync(folder).map((name) => `${folder}/${name}`));
const files = all.filter((name) => name.endsWith('.flow-test.yaml'));

test('every flow of ours has tests', () => {
  const flows = all.filter((name) => /\.asl\.(json|yaml)$/u.test(name));
  const tested = files.map((file) => /^flow: (.*)$/mu.exec(readFileSync(file, 'utf8'))?.[1]);
  expect(flows.length).toBeGreaterThan(1);
  expect(flows.filter((flow) => !tested.some((name) => name !== undefined && flow.endsWith(name)))).toEqual([]);
});

describe.each(files)('%s', (file) => {
  test('passes', async () => {
    const tested = await testFlow(ground, file);
    expect(tested.length).toBeGreaterThan(0);
    expect(tested.filter(({ ok }) => !ok)).toEqual([]);
  });
});

const trial: Trial = {
  status: 'succeeded',
  output: { a: 1, b: { c: [1, { d: 2 }] } },
  path: ['A', 'B'],
  states: [
    { state: 'A', entry: 1, input: {}, enteredAt: '2026-01-01T00:00:00.000Z', exitedAt: '2026-01-01T00:00:05.000Z' },
    { state: 'B', entry: 1, input: {}, enteredAt: '2026-01-01T00:00:05.000Z', exitedAt: '2026-01-01T00:01:00.000Z' },
  ],
};
const none: Expected = {
  status: 'succeeded',
  output: undefined,
  error: undefined,
  cause: undefined,
  path: undefined,
  seconds: undefined,
};

test.each<[Partial<Expected>, string[]]>([
  [{}, []],
  [{ output: { a: 1 } }, []],
  [{ output: { b: { c: [1, { d: 2 }] } } }, []],
  [{ output: { b: { c: [1, {}] } } }, ['output.b.c: expected [1,{}], found [1,{"d":2}]']],
  [{ output: { a: 2, z: 0 } }, ['output.a: expected 2, found 1', 'output.z: expected 0, found nothing']],
  [{ path: ['A', 'B'] }, []],
  [{ path: ['A'] }, ['path: expected ["A"], found ["A","B"]']],
  [{ seconds: 60 }, []],
  [{ seconds: 5 }, ['seconds: expected 5, found 60']],
  [{ status: 'failed' }, ['status: expected failed, and it succeeded']],
])('against %j', (then, expected) => {
  expect(differences(trial, { ...none, ...then })).toEqual(expected);
});

test('a failure is compared by error and cause', () => {
  const failed: Trial = { status: 'failed', error: 'E', cause: 'c', path: [], states: [] };
  expect(differences(failed, { ...none, status: 'failed', error: 'E', cause: 'c' })).toEqual([]);
  expect(differences(failed, { ...none, status: 'failed', error: 'F' })).toEqual(['error: expected "F", found "E"']);
  expect(differences(failed, none)).toEqual(['status: expected succeeded, and it failed: E: c']);
});

/** A test's `then`, made so that no object here can be taken for a promise. */
const expects = (value: object) => Object.fromEntries([['then', value]]);
const scenario = (more: object) => ({
  tests: [{ name: 'n', given: { input: {} }, ...expects({ status: 'succeeded' }), ...more }],
});
test.each<[unknown, string]>([
  [5, '$: a file of tests is an object'],
  [{ tests: [] }, '$.tests: must be an array with at least one test'],
  [
    { tests: [{ name: 'n', given: { input: 1 }, ...expects({ status: 'succeeded' }) }], more: 1 },
    '$.more: unknown field',
  ],
  [scenario({ name: '' }), '$.tests[0].name: a test needs a name'],
  [scenario({ given: {} }), "$.tests[0].given.input: the flow's input is missing"],
  [scenario({ given: { input: 1, at: 'soon' } }), '$.tests[0].given.at: must be a time'],
  [scenario({ when: { Z: [{ result: 1 }] } }), '$.tests[0].when.Z: there is no state Z'],
  [scenario({ when: { A: [{}] } }), '$.tests[0].when.A[0]: an answer has either'],
  [scenario({ ...expects({}) }), '$.tests[0].then: a test that expects nothing'],
  [scenario({ ...expects({ status: 'done' }) }), '$.tests[0].then.status: must be succeeded or failed'],
  [scenario({ ...expects({ path: ['Z'] }) }), "$.tests[0].then.path[0]: there is no state 'Z'"],
  [scenario({ ...expects({ outptu: 1 }) }), '$.tests[0].then.outptu: unknown field'],
])('tests %j are refused', (value, message) => {
  const { problems } = readScenarios(value as Json, ['A']);
  expect(problems.map((p) => `${p.path}: ${p.message}`).join('\n')).toContain(message);
});

test('a test that fails says how, and one whose Task nobody answers for fails alone', async () => {
  const flow = testFile('one.asl.json', { StartAt: 'A', States: { A: { Type: 'Task', Resource: 'x', End: true } } });
  const given = { input: {} };
  const file = testFile('one.flow-test.yaml', {
    flow: flow.split('/').at(-1),
    tests: [
      { name: 'right', given, when: { A: [{ result: 1 }] }, ...expects({ output: 1 }) },
      { name: 'wrong', given, when: { A: [{ result: 1 }] }, ...expects({ output: 2 }) },
      { name: 'unanswered', given, ...expects({ output: 2 }) },
    ],
  });
  const beside = {
    ...ground,
    readText: (name: string) => readFile(name.endsWith('flow-test.yaml') ? file : flow, 'utf8'),
  };
  expect(await testFlow(beside, file)).toMatchObject([
    { test: 'right', ok: true },
    { test: 'wrong', ok: false, differences: ['output: expected 2, found 1'] },
    { test: 'unanswered', ok: false, differences: [expect.stringContaining('nothing answers for the Task A')] },
  ]);
});
