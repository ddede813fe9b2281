import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { checkFlow } from '../../src/flow/check.ts';
import { writtenProblem } from '../../src/jsonata/answer.ts';

/** AWS's own linter and a second validator say of public definitions whether they are valid. The data is not ours and stays outside. */
const DATA = new URL('../../../shared/data/asl/', import.meta.url);

const NO_CONTEXT = 'the context object has no such place, so the path could find nothing; they do not look at names';

const DISTRIBUTED = 'a distributed Map reads its items from a bucket, and there is none here';

const ONE_BLANK = 'the expression can be read all the same; they want just one blank on each side of it';

/** Where we see it another way than they do, and why. */
const DISAGREED: Record<string, string> = {
  'choice-with-context-object.json': NO_CONTEXT,
  'map-with-itemspath-context-object.json': NO_CONTEXT,
  'map-with-resultselector.json': NO_CONTEXT,
  'parallel-with-resultselector.json': NO_CONTEXT,
  'valid-assign.asl.json':
    "a variable's name is an identifier on AWS, and `top-level` is none; they do not look at names",
  'valid-map-with-item-batcher-jsonata.json': DISTRIBUTED,
  'invalid-json-surround-syntax-extra-spaces.json': ONE_BLANK,
  'invalid-jsonata-surround-syntax-no-spaces.json': ONE_BLANK,
  'valid-map-distributed.asl.json': DISTRIBUTED,
  'valid-map-noconfig.asl.json': DISTRIBUTED,
  'valid-map-with-item-batcher.json': DISTRIBUTED,
  'pass-with-io-path-context-object.json': NO_CONTEXT,
  'task-with-resultselector.json': NO_CONTEXT,
  'invalid-unreachable-state.json': 'a state that is never reached is a warning here: the flow runs all the same',
  'valid-current-value-predicate.json':
    'a bare word in a filter is compared with nothing; RFC 9535 wants a text in quotes',
  'valid-path-array-context.json': 'a path that computes its index is a program; [-1] says the same',
  'invalid-cfn-definition-substitutions.json':
    'a Resource that is bound to nothing is refused where it is to run, not here',
  'valid-task-intrisic-function.json': 'a Resource of CloudFormation functions must be resolved before it comes here',
};

interface Verdict {
  readonly file: string;
  readonly valid: boolean;
}

function verdicts(): Verdict[] {
  if (!existsSync(DATA)) return [];
  const counts = JSON.parse(readFileSync(new URL('statelint-problems.json', DATA), 'utf8')) as Record<string, number>;
  const statelint = Object.entries(counts).map(([name, count]) => ({ file: `statelint/${name}`, valid: count === 0 }));
  const validator = readdirSync(new URL('validator/', DATA)).filter((name) => name.endsWith('.json'));
  return [...statelint, ...validator.map((name) => ({ file: `validator/${name}`, valid: name.startsWith('valid') }))];
}

function errorsIn(file: string): string[] {
  const definition: unknown = JSON.parse(readFileSync(new URL(file, DATA), 'utf8'));
  const problems = checkFlow(definition, { modules: [], bound: 'warning', written: writtenProblem });
  return problems.filter((p) => p.severity === 'error').map((p) => `${p.path}: ${p.message}`);
}

const all = verdicts();

describe.skipIf(all.length === 0)('public definitions (skipped: ../shared/data/asl is not there)', () => {
  test.each(all.map(({ file, valid }) => [file, valid] as const))('%s is valid: %s', (file, valid) => {
    const disagreed = DISAGREED[file.split('/')[1] ?? ''] !== undefined;
    const errors = errorsIn(file);
    expect({ errors, valid: errors.length === 0 }).toMatchObject({ valid: disagreed ? !valid : valid });
  });

  test('all of them were looked at', () => {
    expect(all.length).toBeGreaterThanOrEqual(112);
  });

  test('every disagreement that is listed is one', () => {
    const names = new Set(all.map(({ file }) => file.split('/')[1]));
    expect(Object.keys(DISAGREED).filter((name) => !names.has(name))).toEqual([]);
  });
});
