import type { Condition, Family, Test } from './condition.ts';

const TESTS: Readonly<Record<Test, readonly [yes: string, no: string]>> = {
  IsNull: ['is null', 'is not null'],
  IsPresent: ['is present', 'is absent'],
  IsNumeric: ['is a number', 'is not a number'],
  IsString: ['is a string', 'is not a string'],
  IsBoolean: ['is a boolean', 'is not a boolean'],
  IsTimestamp: ['is a timestamp', 'is not a timestamp'],
};

/** By path, `"10" < "9"` and `10 < 9` look the same and mean the opposite. */
const FAMILIES: Readonly<Record<Family, string>> = {
  String: 'as text',
  Numeric: 'as a number',
  Boolean: 'as a boolean',
  Timestamp: 'as a timestamp',
};

const said = new WeakMap<Condition, string>();

/** A condition as a person reads it: `$.priority = "HIGH"`, `($.a is present and $.a > 3)`. */
export function sayCondition(condition: Condition): string {
  const before = said.get(condition);
  if (before !== undefined) return before;
  const words = wordsOf(condition);
  said.set(condition, words);
  return words;
}

function wordsOf(condition: Condition): string {
  switch (condition.kind) {
    case 'and':
    case 'or':
      return `(${condition.parts.map(sayCondition).join(` ${condition.kind} `)})`;
    case 'jsonata':
      return condition.text;
    case 'not':
      return `not ${sayCondition(condition.part)}`;
    case 'test':
      return `${condition.variable.text} ${TESTS[condition.test][condition.expected ? 0 : 1]}`;
    case 'matches':
      return `${condition.variable.text} matches ${JSON.stringify(condition.pattern)}`;
    case 'compare': {
      const { family, relation, variable, value } = condition;
      // A constant tells by itself what is compared, except that a timestamp is written like text.
      if ('path' in value) return `${variable.text} ${relation} ${value.path.text} ${FAMILIES[family]}`;
      const constant = JSON.stringify(value.constant);
      return `${variable.text} ${relation} ${constant}${family === 'Timestamp' ? ` ${FAMILIES[family]}` : ''}`;
    }
  }
}
