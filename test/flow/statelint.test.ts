import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { checkFlow } from '../../src/flow/check.ts';

/** AWS's own linter and a second validator say of public definitions whether they are valid. The data is not ours and stays outside. */
const DATA = new URL('../../../shared/data/asl/', import.meta.url);

const NO_CONTEXT = 'the context object has no such place, so the path could find nothing; they do not look at names';

/** Where we see it another way than they do, and why. */
const DISAGREED: Record<string, string> = {
  'choice-with-context-object.json': NO_CONTEXT,
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
  const problems = checkFlow(definition, { modules: [], bound: 'warning' });
  return problems.filter((p) => p.severity === 'error').map((p) => `${p.path}: ${p.message}`);
}

const LATER = 'not supported yet';
const all = verdicts();
const supported = all.filter(({ file }) => !errorsIn(file).some((message) => message.includes(LATER)));

describe.skipIf(all.length === 0)('public definitions (skipped: ../shared/data/asl is not there)', () => {
  test.each(supported.map(({ file, valid }) => [file, valid] as const))('%s is valid: %s', (file, valid) => {
    const disagreed = DISAGREED[file.split('/')[1] ?? ''] !== undefined;
    const errors = errorsIn(file);
    expect({ errors, valid: errors.length === 0 }).toMatchObject({ valid: disagreed ? !valid : valid });
  });

  test('a definition is set aside only for a feature that comes later', () => {
    const later = /"(Parallel|Map|JSONata|Assign|Heartbeat\w*|Output|Arguments|TimeoutSeconds)"|\$[a-z]\w*/u;
    for (const { file } of all.filter((verdict) => !supported.includes(verdict))) {
      expect([file, later.test(readFileSync(new URL(file, DATA), 'utf8'))]).toEqual([file, true]);
    }
    expect(supported.length).toBeGreaterThanOrEqual(112);
  });

  test('every disagreement that is listed is one', () => {
    const names = new Set(supported.map(({ file }) => file.split('/')[1]));
    expect(Object.keys(DISAGREED).filter((name) => !names.has(name))).toEqual([]);
  });
});
