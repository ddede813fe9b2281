import { ALL, isReserved, RESERVED_ERRORS } from './failure.ts';
import { complain, needNext, readList, readNumber, readResultPath, readText, type Source, sourceOf } from './fields.ts';
import { MOST_SECONDS } from './inout.ts';
import { WHOLE } from './path.ts';
import { below, oneOf, shown } from './problems.ts';
import { readAssign } from './readAssign.ts';
import { writtenFields } from './readWritten.ts';
import type { Catcher, Retrier } from './types.ts';
import { expectFields, type QueryLanguage } from './vocabulary.ts';

/** Retry of a Task, a Parallel or a Map. Defaults are the language's: 1 s, three retries, rate 2. */
export function readRetry(state: Source): Retrier[] {
  return readEach(state, 'Retry', 'retriers').map(({ source, last }) => {
    expectFields(source, 'retrier');
    const jitter = readText(source, 'JitterStrategy');
    if (jitter !== undefined && jitter !== 'FULL' && jitter !== 'NONE') {
      complain(source, 'JitterStrategy', `JitterStrategy must be FULL or NONE; this is ${shown(jitter)}`);
    }
    const whole = { most: MOST_SECONDS, whole: true };
    return {
      errorEquals: readErrors(source, last),
      intervalSeconds: readNumber(source, 'IntervalSeconds', { least: 1, ...whole }) ?? 1,
      maxAttempts: readNumber(source, 'MaxAttempts', { least: 0, ...whole }) ?? 3,
      backoffRate: readNumber(source, 'BackoffRate', { least: 1, most: Number.POSITIVE_INFINITY, whole: false }) ?? 2,
      maxDelaySeconds: readNumber(source, 'MaxDelaySeconds', { least: 1, most: 31_622_399, whole: true }),
      fullJitter: jitter === 'FULL',
    };
  });
}

export function readCatch(state: Source, language: QueryLanguage = 'JSONPath'): Catcher[] {
  return readEach(state, 'Catch', 'catchers').map(({ source, last }) => {
    if (language === 'JSONata') return readJsonataCatcher(source, last);
    expectFields(source, 'catcher');
    const resultPath = readResultPath(source);
    const next = needNext(source, 'the state that takes over after the error') ?? '';
    return { errorEquals: readErrors(source, last), resultPath, next, assign: readAssign(source) };
  });
}

function readJsonataCatcher(source: Source, last: boolean): Catcher {
  expectFields(source, 'catcher in JSONata');
  const next = needNext(source, 'the state that takes over after the error') ?? '';
  const jsonata = writtenFields(source, ['Output', 'Assign']);
  return { errorEquals: readErrors(source, last), resultPath: WHOLE, next, assign: undefined, jsonata };
}

function readEach(state: Source, field: string, what: string): { source: Source; last: boolean }[] {
  const list = readList(state, field, what) ?? [];
  return list.flatMap((item, index) => {
    const source = sourceOf(item, below(below(state.path, field), index), state.report, `each of the ${what}`);
    return source ? [{ source, last: index === list.length - 1 }] : [];
  });
}

function readErrors(source: Source, last: boolean): readonly string[] {
  const list = readList(source, 'ErrorEquals', 'error names');
  const names = (list ?? []).filter((name) => typeof name === 'string');
  if (source.object.ErrorEquals === undefined || list?.length === 0) {
    complain(source, 'ErrorEquals', `ErrorEquals needs at least one error name, such as ${ALL}`);
  }
  if (list && names.length < list.length) complain(source, 'ErrorEquals', 'every error name must be a string');
  if (names.includes(ALL)) {
    if (names.length > 1) complain(source, 'ErrorEquals', `${ALL} must stand alone: it covers the others`);
    if (!last) complain(source, 'ErrorEquals', `${ALL} must come last: what follows it would never be reached`);
  }
  for (const name of names) {
    if (!name.startsWith('States.') || isReserved(name)) continue;
    source.report.warn(
      below(source.path, 'ErrorEquals'),
      `nothing reports ${shown(name)}; States. errors are ${oneOf(RESERVED_ERRORS)}`,
    );
  }
  return names;
}
