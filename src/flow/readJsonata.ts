import { complain, has, needNext, onlyOne, readText, type Source } from './fields.ts';
import { WHOLE } from './path.ts';
import { readCatch, readRetry } from './readRecovery.ts';
import { readTaskResource } from './readResource.ts';
import { ruleSources } from './readRules.ts';
import { readBranches, readProcessor } from './readWithin.ts';
import { writtenFields } from './readWritten.ts';
import type { Surroundings } from './surroundings.ts';
import type { Rule, State } from './types.ts';
import { expectFields, JSONATA_FIELDS, type StateType, WRITTEN_FIELDS } from './vocabulary.ts';

interface Common {
  readonly name: string;
  readonly path: string;
  readonly comment: string | undefined;
}

export function readJsonataState(
  type: StateType,
  source: Source,
  common: Common,
  { readInner }: Surroundings,
  readNext: () => string | undefined,
): State | undefined {
  expectFields(source, type, JSONATA_FIELDS[type]);
  const jsonata = writtenFields(source, WRITTEN_FIELDS);
  if (type === 'Fail') return { type, ...common, jsonata, error: undefined, cause: undefined };
  const filtered = { ...common, jsonata, inputPath: WHOLE, outputPath: WHOLE };
  if (type === 'Succeed') return { type, ...filtered };
  const assigning = { ...filtered, assign: undefined };
  if (type === 'Choice') {
    return { type, ...assigning, choices: readRules(source), default: readText(source, 'Default') };
  }
  const going = { ...assigning, next: readNext() };
  if (type === 'Wait') {
    onlyOne(source, ['Seconds', 'Timestamp'], true);
    return { type, ...going, until: { kind: 'seconds', seconds: 0 } };
  }
  const payload = { ...going, parameters: undefined, resultPath: WHOLE };
  if (type === 'Pass') return { type, ...payload, result: undefined };
  const working = {
    ...payload,
    resultSelector: undefined,
    retry: readRetry(source),
    catch: readCatch(source, 'JSONata'),
  };
  if (type === 'Parallel') return { type, ...working, branches: readBranches(source, readInner) };
  if (type === 'Map') {
    const processor = readProcessor(source, readInner);
    const none = { itemSelector: undefined, toleratedFailureCount: undefined, toleratedFailurePercentage: undefined };
    return processor && { type, ...working, ...none, itemsPath: WHOLE, maxConcurrency: 0, processor };
  }
  return { type, ...working, ...readTaskResource(source), timeoutSeconds: undefined, heartbeatSeconds: undefined };
}

function readRules(source: Source): Rule[] {
  return ruleSources(source).flatMap((rule) => {
    expectFields(rule, 'rule in JSONata');
    if (!has(rule, 'Condition')) complain(rule, 'Condition', 'Condition is missing: {% … %}, true or false');
    const next = needNext(rule, 'the state to go to when the rule is met');
    const jsonata = writtenFields(rule, ['Condition', 'Output', 'Assign']);
    const text = typeof jsonata.Condition === 'string' ? jsonata.Condition : JSON.stringify(jsonata.Condition ?? null);
    return next === undefined ? [] : [{ condition: { kind: 'jsonata', text }, next, assign: undefined, jsonata }];
  });
}
