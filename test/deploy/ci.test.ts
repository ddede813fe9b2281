/** The pipeline that we show: YAML as GitHub takes it, and every command of ours in it is one. */
import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import type { Context } from '../../src/cli/context.ts';
import { createProgram } from '../../src/cli/program.ts';
import { readYaml } from '../../src/yaml.ts';
import { readProjectFile } from '../law/source.ts';

interface Step {
  readonly uses?: string;
  readonly run?: string;
}
interface Job {
  readonly needs?: string;
  readonly if?: string;
  readonly environment?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly 'runs-on': string;
  readonly steps: readonly Step[];
}
interface Pipeline {
  readonly on: { readonly push: { readonly paths: string[]; readonly branches: string[] } };
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

const { faults, value } = readYaml(readProjectFile('examples/ci/github-actions.yaml'), { merge: false });
const pipeline = value as Pipeline;
const program = createProgram({ out() {}, err() {} } as unknown as Context, () => {});

/** Each call of ours in the scripts: its words and its options. */
const calls = Object.entries(pipeline.jobs).flatMap(([job, { steps }]) =>
  steps.flatMap(({ run = '' }) =>
    [...run.matchAll(/npx steward ([^|\n]+)/gu)].map(([, words = '']) => ({ job, words: words.trim().split(/\s+/u) })),
  ),
);

function commandOf(words: readonly string[]): Command {
  let found: Command = program;
  for (const word of words) {
    const next = found.commands.find((one) => one.name() === word);
    if (!next) break;
    found = next;
  }
  return found;
}

test('it is YAML without faults, with jobs that GitHub can run', () => {
  expect(faults).toEqual([]);
  for (const [name, job] of Object.entries(pipeline.jobs)) {
    expect(job['runs-on'], name).toEqual(expect.any(String));
    for (const step of job.steps) expect([step.uses, step.run].filter((one) => one !== undefined)).toHaveLength(1);
    if (job.needs !== undefined) expect(Object.keys(pipeline.jobs)).toContain(job.needs);
  }
});

test('a push to flows/** checks, tests and deploys, in this order, and may only read the repository', () => {
  expect(pipeline.on.push).toMatchObject({ paths: ['flows/**'], branches: ['main'] });
  expect(pipeline.permissions).toEqual({ contents: 'read' });
  expect(calls.map(({ job, words }) => `${job}: ${words.slice(0, 2).join(' ')}`)).toEqual([
    'check: flow check',
    'check: flow test',
    'try: flow deploy',
    'deploy: flow deploy',
    'deploy: flow history',
  ]);
  expect(pipeline.jobs).toMatchObject({ try: { needs: 'check' }, deploy: { needs: 'try', environment: 'flows' } });
  // Nothing is deployed before somebody has read the table.
  expect(calls.filter(({ words }) => words.includes('--yes')).map(({ job }) => job)).toEqual(['deploy']);
});

describe.each(calls)('npx steward $words', ({ words }) => {
  test('is a command, with options that it has', () => {
    const command = commandOf(words);
    const path = words.filter((word) => !word.startsWith('-')).slice(0, 2);
    expect(command.name()).toBe(path[1]);
    const known = command.options.map(({ long }) => long);
    for (const option of words.filter((word) => word.startsWith('--'))) expect(known).toContain(option);
  });
});

test('what stands in its comments to be used instead is there too', () => {
  const text = readProjectFile('examples/ci/github-actions.yaml');
  const instead = /--canary \d+% --watch \d+m/u.exec(text)?.[0].split(' ') ?? [];
  const known = commandOf(['flow', 'deploy']).options.map(({ long }) => long);
  expect(instead.filter((word) => word.startsWith('--')).every((option) => known.includes(option))).toBe(true);
  expect(instead).toHaveLength(4);
});
