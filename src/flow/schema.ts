/** A flow's definition as JSON Schema (draft 7, which editors know best), so that they complete and check while one is written. */
import type { Json, JsonObject } from '../domain/json.ts';
import { RESERVED_ERRORS } from './failure.ts';
import { MOST_SECONDS } from './inout.ts';
import { OPERATORS } from './readCondition.ts';
import { FIELDS, JSONATA_FIELDS, STATE_TYPES, type StateType } from './vocabulary.ts';

/**
 * Looser than the checker: what depends on other fields, on other states or on the query language is the checker's to judge. Whatever the
 * checker accepts is accepted here.
 */
export function flowSchema(): JsonObject {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Flow in the Amazon States Language',
    ...part(FIELDS.flow, ['StartAt', 'States']),
    definitions: {
      state: {
        type: 'object',
        required: ['Type'],
        properties: { Type: { enum: [...STATE_TYPES] } },
        allOf: STATE_TYPES.map((type) => ({
          if: { properties: { Type: { const: type } } },
          // biome-ignore lint/suspicious/noThenProperty: it is JSON Schema's word, and nothing awaits it.
          then: { $ref: `#/definitions/${type}` },
        })),
      },
      ...Object.fromEntries(STATE_TYPES.map((type) => [type, part(fieldsOf(type), NEEDED[type])])),
      branch: part(FIELDS.branch, ['StartAt', 'States']),
      processor: part(FIELDS.processor, ['StartAt', 'States']),
      'processor config': part(FIELDS['processor config'], []),
      retrier: part(FIELDS.retrier, ['ErrorEquals']),
      catcher: part([...FIELDS.catcher, ...FIELDS['catcher in JSONata']], ['ErrorEquals', 'Next']),
      rule: part([...FIELDS.rule, ...FIELDS['rule in JSONata'], ...COMBINERS, ...OPERATORS], ['Next']),
      'nested rule': part([...FIELDS['nested rule'], ...COMBINERS, ...OPERATORS], []),
    },
  };
}

const COMBINERS = ['And', 'Or', 'Not'];

function fieldsOf(type: StateType): readonly string[] {
  return [...FIELDS[type], ...JSONATA_FIELDS[type]];
}

const NEEDED: Readonly<Record<StateType, readonly string[]>> = {
  Task: ['Resource'],
  Choice: ['Choices'],
  Pass: [],
  Wait: [],
  Succeed: [],
  Fail: [],
  Parallel: ['Branches'],
  Map: [],
};

function part(fields: readonly string[], required: readonly string[]): JsonObject {
  return {
    type: 'object',
    ...(required.length > 0 ? { required } : {}),
    properties: Object.fromEntries([...new Set(fields)].map((field) => [field, fieldSchema(field)])),
    // Fields of one's own.
    patternProperties: { '^x-': {} },
    additionalProperties: false,
  };
}

function fieldSchema(field: string): Json {
  const known = Object.hasOwn(SCHEMAS, field) ? SCHEMAS[field] : undefined;
  return known ?? operatorSchema(field);
}

const text = (description: string, more: JsonObject = {}): JsonObject => ({ type: 'string', description, ...more });
const ref = (name: string): JsonObject => ({ $ref: `#/definitions/${name}` });
const listOf = (name: string, description: string): JsonObject => ({ type: 'array', items: ref(name), description });
/** In JSONata an expression may stand in the place of a number. */
const number = (least: number, most: number, description: string): JsonObject => ({
  anyOf: [{ type: 'number', minimum: least, maximum: most }, text('{% … %}')],
  description,
});
const path = (description: string): JsonObject => text(description, { pattern: '^(\\$|States\\.)' });
const filter = (description: string): JsonObject => ({ type: ['string', 'null'], description });
const any = (description: string): JsonObject => ({ description });
const whole = Number.MAX_SAFE_INTEGER;

const SCHEMAS: Readonly<Record<string, Json>> = {
  Comment: text('For whoever reads the flow.'),
  StartAt: text('The name of the first state.'),
  States: { type: 'object', minProperties: 1, additionalProperties: ref('state'), description: 'The states by name.' },
  Version: text('Of the language.', { const: '1.0' }),
  QueryLanguage: { enum: ['JSONPath', 'JSONata'], description: 'Of the flow, or of one state.' },
  Type: { enum: [...STATE_TYPES] },
  Next: text('The state to go to.'),
  End: { type: 'boolean', description: 'The flow, or the branch, ends here.' },
  Resource: text('What the Task calls: module:<name>, or the ARN of a Lambda function.'),
  TimeoutSeconds: number(1, MOST_SECONDS, 'How long it may take, in s.'),
  TimeoutSecondsPath: path('Where that stands.'),
  HeartbeatSeconds: number(1, MOST_SECONDS, 'How long it may give no sign of life, in s.'),
  HeartbeatSecondsPath: path('Where that stands.'),
  Credentials: { type: 'object', description: 'Ignored: modules have their own.' },
  InputPath: filter('What of the input the state works on; null: nothing.'),
  OutputPath: filter('What of the output goes on; null: nothing.'),
  Parameters: any('What the state works with; fields x.$ take what their path or function finds.'),
  Arguments: any('The same in JSONata.'),
  ResultSelector: any('What of the result is taken.'),
  ResultPath: filter('Where in the input the result is put; null: nowhere.'),
  Result: any('The result of a Pass.'),
  Output: any('The output, in JSONata.'),
  Assign: { type: 'object', description: 'Variables to set, by name.' },
  Retry: listOf('retrier', 'Which errors are tried again, and how.'),
  Catch: listOf('catcher', 'Which state takes over after which error.'),
  Branches: { ...listOf('branch', 'Flows that run side by side.'), minItems: 1 },
  ItemProcessor: { ...ref('processor') },
  Iterator: { ...ref('processor') },
  ProcessorConfig: { ...ref('processor config') },
  Mode: { const: 'INLINE' },
  Items: { type: ['array', 'string'], description: 'The items, in JSONata.' },
  ItemsPath: path('Where the items stand.'),
  ItemSelector: any('What each item’s flow begins with; $$.Map.Item.Value is the item.'),
  MaxConcurrency: number(0, whole, 'How many items at once; 0: as many as there may be.'),
  MaxConcurrencyPath: path('Where that stands.'),
  ToleratedFailureCount: number(0, whole, 'How many items may fail.'),
  ToleratedFailureCountPath: path('Where that stands.'),
  ToleratedFailurePercentage: number(0, 100, 'Which share of the items may fail, in percent.'),
  ToleratedFailurePercentagePath: path('Where that stands.'),
  Choices: { ...listOf('rule', 'Asked in order: the first that is met decides.'), minItems: 1 },
  Default: text('The state to go to when no rule is met.'),
  Condition: { type: ['string', 'boolean'], description: 'In JSONata: {% … %}, true or false.' },
  Variable: path('What the rule looks at.'),
  And: listOf('nested rule', 'All of them.'),
  Or: listOf('nested rule', 'One of them.'),
  Not: ref('nested rule'),
  Seconds: number(0, MOST_SECONDS, 'How long to wait, in s.'),
  SecondsPath: path('Where that stands.'),
  Timestamp: text('Until when to wait: 2026-04-23T14:30:00Z.'),
  TimestampPath: path('Where that stands.'),
  Error: text('The name of the error.'),
  ErrorPath: path('Where that stands.'),
  Cause: text('Why, in words.'),
  CausePath: path('Where that stands.'),
  ErrorEquals: {
    type: 'array',
    minItems: 1,
    items: { anyOf: [{ enum: [...RESERVED_ERRORS] }, { type: 'string' }] },
    description: 'Names of errors; States.ALL alone for all of them.',
  },
  IntervalSeconds: number(1, MOST_SECONDS, 'Before the first retry, in s; 1 if absent.'),
  MaxAttempts: number(0, MOST_SECONDS, 'How many retries; 3 if absent.'),
  BackoffRate: number(1, whole, 'How much longer each next wait is; 2 if absent.'),
  MaxDelaySeconds: number(1, 31_622_399, 'The longest wait, in s.'),
  JitterStrategy: { enum: ['FULL', 'NONE'] },
};

/** An operator of a Choice's rule, by its name. */
function operatorSchema(operator: string): Json {
  if (operator.endsWith('Path')) return path('Compares with what stands there.');
  if (operator.startsWith('Numeric')) return { type: 'number' };
  if (operator.startsWith('Boolean') || operator.startsWith('Is')) return { type: 'boolean' };
  return { type: 'string' };
}
