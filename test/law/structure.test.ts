import { expect, test } from 'vitest';
import { offences, projectFiles, readProjectFile } from './source.ts';

const FILES = projectFiles();
test('without git the same files are found', () => {
  const found = projectFiles(() => {
    throw new Error('git: command not found');
  });
  expect(found).toEqual(expect.arrayContaining(FILES));
  expect(found.filter((file) => /(^|\/)(node_modules|dist|\.git)\//.test(file))).toEqual([]);
});

// A `.d.ts` describes somebody else's code.
const CODE = FILES.filter((file) => /(?<!\.d)\.tsx?$/.test(file));
const MAX_LINES = 400;

const OFFENCES = CODE.flatMap((file) => offences(file, readProjectFile(file)).map((offence) => ({ file, offence })));

/** `file:line: what` for everything found, in the files named in `but` aside. */
function found(what: string, but: readonly string[] = []): string[] {
  return OFFENCES.filter(({ file, offence }) => offence.endsWith(`: ${what}`) && !but.includes(file)).map(
    ({ file, offence }) => `${file}:${offence}`,
  );
}

test('there is no enum', () => expect(found('enum')).toEqual([]));
test('there is no any', () => expect(found('any')).toEqual([]));

test('there is no default export where no tool asks for one', () => {
  expect(found('default export', ['vitest.config.ts'])).toEqual([]);
});

test('the environment is read in src/config.ts alone', () => {
  expect(found('process.env', ['src/config.ts']).filter((place) => place.startsWith('src/'))).toEqual([]);
});

test.each([
  ['enum Colour { Red }', '1: enum'],
  ['\nlet a: any;', '2: any'],
  ['f(x as any);', '1: any'],
  ['export default 1;', '1: default export'],
  ['export default function f() {}', '1: default export'],
  ['const a = 1; export { a as default };', '1: default export'],
  ['const a = process.env.HOME;', '1: process.env'],
  ['const a = globalThis.process.env;', '1: process.env'],
  ["const a = process['env'];", '1: process.env'],
  ['const { env } = process;', '1: process.env'],
  ["import { env } from 'node:process';", '1: process.env'],
])('the check sees what is wrong in %j', (source, offence) => {
  expect(offences('a.ts', source)).toContain(offence);
});

test('the check leaves lawful code alone', () => {
  const lawful = `switch (company) { default: break; }\n// enum, any, process.env\nexport const s = 'export default any';`;
  expect(offences('a.ts', lawful)).toEqual([]);
});

test(`no source file is longer than ${MAX_LINES} lines`, () => {
  const long = CODE.filter((file) => readProjectFile(file).split('\n').length > MAX_LINES + 1);
  expect(long).toEqual([]);
});

test('the audit log is written by src/store/audit.ts alone, which holds every writer to the list of actions', () => {
  const writing = CODE.filter(
    (file) => file.startsWith('src/') && /insert\s+into\s+audit_entries/i.test(readProjectFile(file)),
  );
  expect(writing).toEqual(['src/store/audit.ts']);
});

test('what a ticket waits for is counted, or a replay would not know when all is at rest', () => {
  const uncounted = (source: string) =>
    source.includes("from './desk.ts'") && /\bcondition\b[^}]*} from '@temporalio\/workflow'/.test(source);
  expect(uncounted(`import { condition } from '@temporalio/workflow';\nimport type { Desk } from './desk.ts';`)).toBe(
    true,
  );
  expect(CODE.filter((file) => uncounted(readProjectFile(file)) && !file.startsWith('test/'))).toEqual([]);
});

test('changes of workflows are asked for where it is safe after a step, too', () => {
  const asking = CODE.filter((file) => /\bpatched\b[^}]*} from '@temporalio\/workflow'/.test(readProjectFile(file)));
  expect(asking.filter((file) => file.startsWith('src/'))).toEqual(['src/workflows/changes.ts']);
});

test('no file names a place on the machine it was made on', () => {
  const places = new RegExp(`(?<![\\w.}])/(${['work', 'farm', 'root'].join('|')})/|"resolved": *"http`);
  const naming = FILES.filter((file) => !file.startsWith('.ci/') && places.test(readProjectFile(file)));
  expect(naming).toEqual([]);
});

test('no test is focused, leaving the others out', () => {
  const focused = CODE.filter((file) => /\b(it|test|describe)\.only\b/.test(readProjectFile(file)));
  expect(focused.filter((file) => !file.startsWith('test/law/'))).toEqual([]);
});

const PACKAGE: { dependencies: Record<string, string>; devDependencies: Record<string, string> } = JSON.parse(
  readProjectFile('package.json'),
);
const PACKAGES = Object.entries({ ...PACKAGE.dependencies, ...PACKAGE.devDependencies });

test('every package of Temporal has the same exact version', () => {
  const versions = PACKAGES.filter(([name]) => name.startsWith('@temporalio/')).map(([, version]) => version);
  expect(versions.length).toBeGreaterThan(3);
  expect([...new Set(versions)]).toEqual([expect.stringMatching(/^\d+\.\d+\.\d+$/)]);
});

test('every package is asked for at one exact version', () => {
  expect(PACKAGES.filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([]);
});
