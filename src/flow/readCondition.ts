import type { Json } from '../domain/json.ts';
import type { Condition, Family, Relation, Test } from './condition.ts';
import { complain, has, readFlag, readList, readPathField, readText, type Source, sourceOf } from './fields.ts';
import type { Path } from './path.ts';
import { below, oneOf, shown } from './problems.ts';
import { parseTimestamp } from './timestamp.ts';
import { kindOf, own } from './values.ts';
import { expectFields } from './vocabulary.ts';

const RELATIONS: Readonly<Record<string, Relation>> = {
  Equals: '=',
  LessThan: '<',
  GreaterThan: '>',
  LessThanEquals: '<=',
  GreaterThanEquals: '>=',
};
const TESTS: readonly Test[] = ['IsNull', 'IsPresent', 'IsNumeric', 'IsString', 'IsBoolean', 'IsTimestamp'];
const COMBINERS = ['And', 'Or', 'Not'];

interface Comparison {
  readonly family: Family;
  readonly relation: Relation;
  readonly path: boolean;
}

const COMPARISONS: ReadonlyMap<string, Comparison> = new Map(
  (['String', 'Numeric', 'Timestamp', 'Boolean'] as const).flatMap((family) =>
    Object.entries(RELATIONS)
      .filter(([word]) => family !== 'Boolean' || word === 'Equals')
      .flatMap(([word, relation]): [string, Comparison][] => [
        [`${family}${word}`, { family, relation, path: false }],
        [`${family}${word}Path`, { family, relation, path: true }],
      ]),
  ),
);

/** Every operator that a Choice rule can have. */
export const OPERATORS: readonly string[] = [...COMPARISONS.keys(), 'StringMatches', ...TESTS];

/** A rule's condition; `nested` inside And, Or, Not, where there is no Next. Undefined, with complaints, when it is no good. */
export function readCondition(source: Source, nested: boolean): Condition | undefined {
  const found = [...COMBINERS, ...OPERATORS].filter((operator) => has(source, operator));
  const combines = found.some((operator) => COMBINERS.includes(operator));
  const rest = ['Comment', ...(combines ? [] : ['Variable']), ...(nested ? [] : ['Next', 'Assign'])];
  expectFields(source, nested ? 'nested rule' : 'rule', [...found, ...rest], [...rest, ...COMBINERS, ...OPERATORS]);
  const [operator, other] = found;
  if (operator === undefined) {
    if (!has(source, 'Condition')) source.report.error(source.path, missingOperator(source));
    return undefined;
  }
  if (other !== undefined) {
    source.report.error(source.path, `${found.join(' and ')} in one rule; take one, or combine rules with And or Or`);
    return undefined;
  }
  if (operator === 'And' || operator === 'Or') return readParts(source, operator);
  if (operator === 'Not') {
    const inner = sourceOf(source.object.Not, below(source.path, 'Not'), source.report, 'Not');
    const part = inner && readCondition(inner, true);
    return part && { kind: 'not', part };
  }
  return readOperator(source, operator);
}

function missingOperator(source: Source): string {
  const near = Object.keys(source.object).find((field) => /^(String|Numeric|Boolean|Timestamp|Is)/u.test(field));
  if (near !== undefined)
    return `the rule has no operator: there is no ${shown(near)}; operators are ${oneOf(OPERATORS)}`;
  return 'the rule has no operator, such as StringEquals, NumericLessThan, IsPresent, And, Or, Not';
}

function readParts(source: Source, operator: 'And' | 'Or'): Condition | undefined {
  const list = readList(source, operator, 'rules');
  if (!list) return undefined;
  if (list.length === 0) return complain(source, operator, `${operator} needs at least one rule`);
  const parts = list.map((item, index) => {
    const inner = sourceOf(item, below(below(source.path, operator), index), source.report, 'a rule');
    return inner && readCondition(inner, true);
  });
  const good = parts.filter((part) => part !== undefined);
  return good.length < parts.length ? undefined : { kind: operator === 'And' ? 'and' : 'or', parts: good };
}

function readOperator(source: Source, operator: string): Condition | undefined {
  if (!has(source, 'Variable')) complain(source, 'Variable', `${operator} needs a Variable such as $.ticket.priority`);
  const variable = readPathField(source, 'Variable');
  const comparison = COMPARISONS.get(operator);
  if (comparison) return readComparison(source, operator, comparison, variable);
  if (operator === 'StringMatches') {
    const pattern = readText(source, operator);
    // Escapes taken away piece by piece: a repeated group over the whole of a long text overflows the stack of the regular expression.
    if (pattern?.replace(/\\[\\*]/gu, '').includes('\\')) {
      return complain(source, operator, 'a backslash stands before * or another backslash only');
    }
    return variable && pattern !== undefined ? { kind: 'matches', variable, pattern } : undefined;
  }
  const test = TESTS.find((name) => name === operator);
  const expected = readFlag(source, operator);
  return variable && test && expected !== undefined ? { kind: 'test', test, variable, expected } : undefined;
}

function readComparison(source: Source, operator: string, comparison: Comparison, variable: Path | undefined) {
  const { family, relation } = comparison;
  if (comparison.path) {
    const path = readPathField(source, operator);
    return variable && path && ({ kind: 'compare', family, relation, variable, value: { path } } as const);
  }
  const constant = own(source.object, operator) ?? null;
  if (!fits(family, constant)) {
    return complain(source, operator, `${operator} compares with ${EXPECTED[family]}; this is ${kindOf(constant)}`);
  }
  return variable && ({ kind: 'compare', family, relation, variable, value: { constant } } as const);
}

const EXPECTED: Readonly<Record<Family, string>> = {
  String: 'a string',
  Numeric: 'a number',
  Boolean: 'true or false',
  Timestamp: 'a timestamp like 2026-04-23T14:30:00Z',
};

function fits(family: Family, constant: Json): boolean {
  if (family === 'String') return typeof constant === 'string';
  if (family === 'Numeric') return typeof constant === 'number';
  if (family === 'Boolean') return typeof constant === 'boolean';
  return typeof constant === 'string' && parseTimestamp(constant) !== undefined;
}
