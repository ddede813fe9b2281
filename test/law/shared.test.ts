/** What `workflows/shared.ts` has all workflows of a worker share: everything that may be shared, and nothing that must not. */
import { posix } from 'node:path';
import { expect, test } from 'vitest';
import { projectFiles, readProjectFile } from './source.ts';

const SHARED = 'src/workflows/shared.ts';
const IMPORT = /^(?:import|export) (?!type\b)(?:[^;']*? from )?'(\.{1,2}\/[^']*)'/gm;

function importsOf(file: string, text = readProjectFile(file)): string[] {
  return [...text.matchAll(IMPORT)].map(([, path = '']) => posix.join(posix.dirname(file), path));
}
function reachedFrom(files: readonly string[]): Set<string> {
  const reached = new Set<string>();
  const left = [...files];
  for (let file = left.pop(); file !== undefined; file = left.pop()) {
    if (reached.has(file)) continue;
    reached.add(file);
    left.push(...importsOf(file));
  }
  return reached;
}
const reached = reachedFrom(importsOf(SHARED));

/** A variable at the top of a module that may be set again: one workflow would see what another has set. */
const heldBy = (text: string) => [...text.matchAll(/^(?:export )?(?:let|var) \w+/gm)].map(([held]) => held);

test('every module that decides and that a workflow uses is shared', () => {
  const workflows = projectFiles().filter(
    (file) => /^src\/(workflows\/|contract)[^.]*\.ts$/.test(file) && file !== SHARED,
  );
  const used = new Set(
    workflows.flatMap((file) => importsOf(file)).filter((file) => /^src\/(domain|flow)\//.test(file)),
  );
  expect(used.size).toBeGreaterThan(20);
  expect([...used].filter((file) => !reached.has(file))).toEqual([]);
});

/** Hashes, Base64 and JSONPath: each call begins anew, and nothing of it is left for the next. */
const PACKAGES = /^(@noble\/hashes\/|@scure\/base$|json-p3$)/;

test('nothing is shared but what decides: no workflow, no contract, and of packages those that hold nothing', () => {
  expect([...reached].filter((file) => !/^src\/(domain|flow)\//.test(file))).toEqual([]);
  const packages = [...reached].flatMap((file) =>
    [...readProjectFile(file).matchAll(/^import (?!type\b)[^;]*? from '([^.][^']*)'/gm)].map(([, name = '']) => name),
  );
  expect(packages.filter((name) => !PACKAGES.test(name))).toEqual([]);
});

test('what is shared holds nothing that one workflow could set for another', () => {
  expect([...reached].flatMap((file) => heldBy(readProjectFile(file)).map((held) => `${file}: ${held}`))).toEqual([]);
});

test('a variable that is held is seen', () => {
  expect(heldBy('const a = 1;\nlet last = 0;\nexport let other;\nfunction f() {\n  let mine;\n}\n')).toEqual([
    'let last',
    'export let other',
  ]);
});
