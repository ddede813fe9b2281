/** Random flows, inputs and answers for the properties that every flow has. */
import fc from 'fast-check';
import type { Json } from '../../src/domain/json.ts';
import { checkFlow } from '../../src/flow/check.ts';
import { OPERATORS } from '../../src/flow/readCondition.ts';
import type { FlowEvent, Turn } from '../../src/flow/run.ts';

const NAMES = ['A', 'B', 'two words', '__proto__', 'E', 'F'];
const ERRORS = ['E1', 'E2', 'States.Timeout', 'States.Runtime', 'States.TaskFailed'];
const PATHS = [
  '$',
  '$.a',
  '$.b',
  '$.a.b',
  '$.a[0]',
  "$['c d'].x",
  '$$.Execution.Id',
  '$$.State.RetryCount',
  '$$.Execution.Input',
];

export const name = fc.constantFrom(...NAMES);
const path = fc.constantFrom(...PATHS);
const inner = fc.constantFrom(...PATHS.filter((text) => !text.startsWith('$$')));
const small = fc.jsonValue({ maxDepth: 2 });
const leaf = fc.oneof(small, fc.constantFrom<unknown>('x', 'xyz', 1, 2, true, '2026-04-23T14:30:00Z', { b: 'x' }, [1]));
const list = fc.array(leaf, { maxLength: 4 });
export const data = fc.record({ a: leaf, b: leaf, 'c d': fc.record({ x: leaf }), list }, { requiredKeys: ['list'] });

const filters = { InputPath: fc.oneof(fc.constant(null), path), OutputPath: fc.oneof(fc.constant(null), path) };
const resultPath = { ResultPath: fc.oneof(fc.constant(null), inner) };
const template = fc
  .dictionary(fc.constantFrom('p.$', 'q.$'), path)
  .chain((paths) => small.map((c) => ({ ...paths, c })));
/** A Next for most, so that random flows are longer than one state. */
const going = fc.oneof({ weight: 4, arbitrary: name.map((Next) => ({ Next })) }, fc.constant({ End: true }));

function constantFor(operator: string): fc.Arbitrary<unknown> {
  if (operator.endsWith('Path')) return path;
  if (operator === 'StringMatches') return fc.constantFrom('*', 'x*', '*y*', '\\*');
  if (operator.startsWith('String')) return fc.constantFrom('x', 'y');
  if (operator.startsWith('Numeric')) return fc.constantFrom(1, 2);
  if (operator.startsWith('Timestamp')) return fc.constantFrom('2026-04-23T14:30:00Z', '2027-01-01T00:00:00+02:00');
  return fc.boolean();
}

const simple = fc
  .constantFrom(...OPERATORS)
  .chain((operator) =>
    fc.tuple(path, constantFor(operator)).map(([Variable, value]) => ({ Variable, [operator]: value })),
  );
const { condition } = fc.letrec<{ condition: object }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    simple,
    fc.array(tie('condition'), { minLength: 1, maxLength: 3 }).map((And) => ({ And })),
    fc.array(tie('condition'), { minLength: 1, maxLength: 3 }).map((Or) => ({ Or })),
    tie('condition').map((Not) => ({ Not })),
  ),
}));

const errorEquals = fc.oneof(fc.constant<string[]>(['States.ALL']), fc.subarray<string>(ERRORS, { minLength: 1 }));
const lastAll = <T extends { ErrorEquals: readonly string[] }>(list: T[]): T[] =>
  list.filter((item, i) => item.ErrorEquals[0] !== 'States.ALL' || i === list.length - 1);
const retrier = fc.record(
  {
    ErrorEquals: errorEquals,
    IntervalSeconds: fc.integer({ min: 1, max: 9 }),
    MaxAttempts: fc.nat(3),
    BackoffRate: fc.double({ min: 1, max: 3, noNaN: true }),
    MaxDelaySeconds: fc.integer({ min: 1, max: 20 }),
    JitterStrategy: fc.constantFrom('FULL', 'NONE'),
  },
  { requiredKeys: ['ErrorEquals'] },
);
const catcher = fc.record(
  { ErrorEquals: errorEquals, Next: name, ...resultPath },
  { requiredKeys: ['ErrorEquals', 'Next'] },
);

/** Some of the optional fields, together with a way on. */
const some = <T>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }) => fc.record(fields, { requiredKeys: [] });
const choice = fc
  .tuple(fc.array(fc.tuple(condition, name), { minLength: 1, maxLength: 3 }), some({ ...filters, Default: name }))
  .map(([rules, fields]) => ({
    Type: 'Choice',
    ...fields,
    Choices: rules.map(([rule, Next]) => ({ ...rule, Next })),
  }));
const simpleState = fc.oneof(
  fc
    .tuple(
      some({
        ...filters,
        ...resultPath,
        Parameters: template,
        ResultSelector: template,
        TimeoutSeconds: fc.integer({ min: 1, max: 60 }),
        Retry: fc.array(retrier, { maxLength: 3 }).map(lastAll),
        Catch: fc.array(catcher, { maxLength: 3 }).map(lastAll),
      }),
      going,
    )
    .map(([fields, way]) => ({ Type: 'Task', Resource: 'module:m', ...fields, ...way })),
  // Few of the flows that are let pass would come to a Choice otherwise.
  { weight: 2, arbitrary: choice },
  fc
    .tuple(some({ ...filters, ...resultPath, Parameters: template, Result: small }), going)
    .map(([fields, way]) => ({ Type: 'Pass', ...fields, ...way })),
  fc
    .tuple(
      some(filters),
      fc.oneof(
        fc.nat(9).map((Seconds) => ({ Seconds })),
        inner.map((SecondsPath) => ({ SecondsPath })),
        inner.map((TimestampPath) => ({ TimestampPath })),
        fc.constant({ Timestamp: '2026-04-23T14:30:00Z' }),
      ),
      going,
    )
    .map(([fields, until, way]) => ({ Type: 'Wait', ...fields, ...until, ...way })),
  some(filters).map((fields) => ({ Type: 'Succeed', ...fields })),
  some({ Error: fc.constantFrom('E1'), CausePath: inner }).map((fields) => ({ Type: 'Fail', ...fields })),
);

/** A flow of two states within another; `@@` stands for the name of the state around it, so that all names differ. */
const within = fc.tuple(simpleState, fc.nat(3)).map(([state, branch]) => {
  const names = [`@@ ${branch}`, `@@ ${branch} end`];
  const leads = (value: unknown): unknown => (typeof value === 'string' && NAMES.includes(value) ? names[1] : value);
  const bent = JSON.parse(
    JSON.stringify({ End: true, ...state }, (key, value) =>
      key === 'Next' || key === 'Default' ? leads(value) : value,
    ),
  ) as Record<string, unknown>;
  if ('Next' in bent || ['Choice', 'Succeed', 'Fail'].includes(String(bent.Type))) delete bent.End;
  return { StartAt: names[0], States: { [`${names[0]}`]: bent, [`${names[1]}`]: { Type: 'Succeed' } } };
});
const working = {
  ...filters,
  ...resultPath,
  ResultSelector: template,
  Retry: fc.array(retrier, { maxLength: 2 }).map(lastAll),
  Catch: fc.array(catcher, { maxLength: 2 }).map(lastAll),
};
const branches = fc.uniqueArray(within, { minLength: 1, maxLength: 3, selector: (flow) => flow.StartAt });
const state = fc.oneof(
  { weight: 4, arbitrary: simpleState },
  fc
    .tuple(some(working), branches, going)
    .map(([fields, Branches, way]) => ({ Type: 'Parallel', ...fields, Branches, ...way })),
  fc
    .tuple(
      some({
        ...working,
        ItemsPath: fc.constantFrom('$', '$.a', '$$.Execution.Input.list'),
        ItemSelector: template,
        MaxConcurrency: fc.nat(3),
        ToleratedFailureCount: fc.nat(2),
      }),
      within,
      going,
    )
    .map(([fields, ItemProcessor, way]) => ({ Type: 'Map', ...fields, ItemProcessor, ...way })),
);

/** Flows that are right state by state; their ways may lead nowhere, or never to an end. */
export const written = fc
  .tuple(...NAMES.map(() => state))
  .map((states) => ({ StartAt: 'A', States: Object.fromEntries(states.map((s, i) => [NAMES[i], ownNames(s, i)])) }));

function ownNames<T>(given: T, index: number): T {
  return JSON.parse(JSON.stringify(given).replaceAll('@@', NAMES[index] ?? '')) as T;
}

export function isAccepted(flow: unknown): boolean {
  return !checkFlow(flow, { modules: ['m'], bound: 'error' }).some((problem) => problem.severity === 'error');
}

/** Flows that the checker lets pass. */
export const definition = written.filter(isAccepted);

/** What the driver and the operator may answer; the flow's effect says which of them is due. */
export const answer = fc.record({
  output: data,
  fails: fc.boolean(),
  error: fc.constantFrom(...ERRORS),
  more: fc.record({ retryable: fc.boolean(), retryAfterMs: fc.nat(9999), counts: fc.boolean() }, { requiredKeys: [] }),
  operator: fc.constantFrom('retry' as const, 'fix' as const, 'skip' as const),
  which: fc.nat(9),
});

export function eventFor(
  turn: Turn,
  given: typeof answer extends fc.Arbitrary<infer A> ? A : never,
): FlowEvent | undefined {
  const json = given.output as Json;
  const { effect } = turn;
  if (effect.kind === 'lines') {
    const one = effect.effects[given.which % effect.effects.length];
    const event = one && eventFor({ ...turn, effect: one }, given);
    return event && one.line && { ...event, line: one.line };
  }
  switch (effect.kind) {
    case 'task':
      return given.fails
        ? { kind: 'error', error: given.error, cause: 'c', ...given.more }
        : { kind: 'result', output: json };
    case 'wait':
      return { kind: 'elapsed' };
    case 'failed':
      if (given.operator === 'retry') return { kind: 'retry' };
      return given.operator === 'fix' ? { kind: 'fix', input: json } : { kind: 'skip', result: json };
    case 'succeeded':
      return undefined;
  }
}

export const runs = fc.tuple(definition, data, fc.array(answer, { minLength: 4, maxLength: 16 }));
