import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkFlow } from '../../src/flow/check.ts';
import { flowSchema } from '../../src/flow/schema.ts';
import { written } from './arbitrary.ts';

const validate = new Ajv({ allErrors: true, strict: false }).compile(flowSchema());
const errorsIn = (flow: unknown) => {
  validate(flow);
  return (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message}`);
};
const isRight = (flow: unknown) =>
  !checkFlow(flow, { modules: ['m'], bound: 'warning' }).some(({ severity }) => severity === 'error');

test('the published schema is the one in the code', () => {
  expect(JSON.parse(readFileSync('docs/flow.schema.json', 'utf8'))).toEqual(JSON.parse(JSON.stringify(flowSchema())));
});

test('accepts what the checker accepts', () => {
  let right = 0;
  fc.assert(
    fc.property(written, (flow) => {
      if (!isRight(flow)) return;
      right += 1;
      expect(errorsIn(flow)).toEqual([]);
    }),
    { numRuns: 300 },
  );
  expect(right).toBeGreaterThan(20);
});

const DATA = new URL('../../../shared/data/asl/', import.meta.url);
describe.skipIf(!existsSync(DATA))('public definitions (skipped: ../shared/data/asl is not there)', () => {
  const files = ['statelint', 'validator'].flatMap((folder) =>
    existsSync(DATA) ? readdirSync(new URL(folder, DATA)).map((name) => `${folder}/${name}`) : [],
  );
  test.each(files.filter((name) => name.endsWith('.json')))('%s', (file) => {
    const flow: unknown = JSON.parse(readFileSync(new URL(file, DATA), 'utf8'));
    if (isRight(flow)) expect(errorsIn(flow)).toEqual([]);
  });
});

const state = (more: object) => ({ StartAt: 'S', States: { S: { Type: 'Pass', End: true, ...more } } });
test.each<[object, string]>([
  [{ States: {} }, "must have required property 'StartAt'"],
  [state({ Type: 'Tusk' }), '/States/S/Type must be equal to one of the allowed values'],
  [state({ Nxt: 'S' }), '/States/S must NOT have additional properties'],
  [state({ Type: 'Task' }), "/States/S must have required property 'Resource'"],
  [state({ Type: 'Wait', Seconds: -1 }), '/States/S/Seconds must be >= 0'],
  [state({ Type: 'Task', Resource: 'x', Retry: [{}] }), "/States/S/Retry/0 must have required property 'ErrorEquals'"],
  [
    state({ Type: 'Choice', Choices: [{ Variable: '$.a', NumericEquals: '1', Next: 'S' }] }),
    '/States/S/Choices/0/NumericEquals must be number',
  ],
  [
    state({ Type: 'Parallel', Branches: [{ StartAt: 'A', States: { A: { Type: 'No' } } }] }),
    '/States/S/Branches/0/States/A/Type must be equal',
  ],
])('refuses %j', (flow, message) => {
  expect(errorsIn(flow).join('\n')).toContain(message);
});
