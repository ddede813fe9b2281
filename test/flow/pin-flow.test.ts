import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { pinFlow } from '../../src/compose-flow.ts';
import { emptyDirectory } from '../support/files.ts';

const DIRECTORY = emptyDirectory();

function fileOf(name: string, text: string): string {
  const file = join(DIRECTORY, name);
  writeFileSync(file, text);
  return file;
}

const YAML = `
StartAt: A
x-task: &task { Type: Task, Retry: [{ ErrorEquals: [States.ALL] }] }
States:
  A: { <<: *task, Resource: module:analyzeTicket, Next: B }
  B: { <<: *task, Resource: module:escalateToAgent, End: true }
`;

test('a flow is pinned by the name of its file and a hash of its content', async () => {
  const { flow: pinned, warnings } = await pinFlow('flows/support-escalation.asl.json');
  expect(pinned).toMatchObject({ name: 'support-escalation', version: expect.stringMatching(/^[\da-f]{12}$/) });
  expect(warnings).toEqual([]);
  const { flow } = await pinFlow(fileOf('a.asl.yaml', JSON.stringify(pinned.definition)));
  expect(flow.version).toBe(pinned.version);
});

test('a flow in YAML is pinned with its anchors and merges resolved', async () => {
  const { name, definition } = (await pinFlow(fileOf('mine.asl.yml', YAML))).flow;
  expect(name).toBe('mine');
  const retry = [{ ErrorEquals: ['States.ALL'] }];
  expect(definition).toMatchObject({
    States: { A: { Type: 'Task', Retry: retry }, B: { Type: 'Task', Retry: retry } },
  });
});

test('warnings stop no start; they come beside the flow, with its file and their place', async () => {
  const file = fileOf('open.yaml', 'StartAt: A\nStates: { A: { Type: Pass } }');
  const { flow, warnings } = await pinFlow(file);
  expect(flow.definition).toEqual({ StartAt: 'A', States: { A: { Type: 'Pass' } } });
  expect(warnings).toEqual([
    `the flow ${file}: $.States.A: neither Next nor End: the flow ends here; say so with "End": true`,
  ]);
});

test.each([
  ['broken.asl.json', '{\n "StartAt": "A",\n}', 'JSON has no comma before }; take it out (line 2, column 16)'],
  ['twice.yaml', 'StartAt: A\nStartAt: B', "the key 'StartAt' stands twice (line 2, column 1)"],
  ['tag.yaml', 'StartAt: !Ref A', "there is no tag '!Ref' here; write the value itself (line 1, column 10)"],
])('%s stops the start with InvalidFlow, its file and its place', async (name, text, fault) => {
  const file = fileOf(name, text);
  await expect(pinFlow(file)).rejects.toMatchObject({ code: 'InvalidFlow', message: `${file}: ${fault}` });
});

test('a flow that is wrong stops the start with every error', async () => {
  const file = fileOf('wrong.yaml', 'StartAt: A\nStates:\n  A: { Type: Pass, next: B }\n  B: { Type: Tusk }');
  await expect(pinFlow(file)).rejects.toMatchObject({
    code: 'InvalidFlow',
    message: expect.stringMatching(/is wrong:\n {2}\$\.States\.A\.next: .*\n {2}\$\.States\.B\.Type: /u),
  });
});

test('a file that is not there is named with the setting that names it', async () => {
  await expect(pinFlow(join(DIRECTORY, 'none.json'))).rejects.toMatchObject({
    code: 'InvalidFlow',
    message: expect.stringContaining('STEWARD_FLOW'),
  });
});

test('an expression that can’t be read stops a start like any other mistake', async () => {
  const state = { Type: 'Pass', QueryLanguage: 'JSONata', Output: '{% 1 + %}', End: true };
  const file = fileOf('expression.json', JSON.stringify({ StartAt: 'A', States: { A: state } }));
  await expect(pinFlow(file)).rejects.toThrow(/\$\.States\.A\.Output: /);
});
