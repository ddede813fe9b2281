import type { Source } from './fields.ts';
import { nearest } from './nearest.ts';
import { below, oneOf } from './problems.ts';

const FILTERS = ['InputPath', 'OutputPath'];
const GOING = ['Next', 'End', 'Assign'];
const WORKING = ['Parameters', 'ResultSelector', 'ResultPath', 'Retry', 'Catch', ...GOING, ...FILTERS];
const ALWAYS = ['Type', 'Comment', 'QueryLanguage'];

/** Which fields each part of a definition may have. */
export const FIELDS = {
  flow: ['Comment', 'StartAt', 'States', 'Version', 'QueryLanguage', 'TimeoutSeconds'],
  branch: ['Comment', 'StartAt', 'States', 'QueryLanguage'],
  processor: ['Comment', 'StartAt', 'States', 'QueryLanguage', 'ProcessorConfig'],
  'processor config': ['Mode'],
  Task: [
    'Resource',
    'TimeoutSeconds',
    'TimeoutSecondsPath',
    'HeartbeatSeconds',
    'HeartbeatSecondsPath',
    'Credentials',
    ...WORKING,
    ...ALWAYS,
  ],
  Parallel: ['Branches', ...WORKING, ...ALWAYS],
  Map: [
    'ItemProcessor',
    'Iterator',
    'ItemsPath',
    'ItemSelector',
    'MaxConcurrency',
    'MaxConcurrencyPath',
    'ToleratedFailureCount',
    'ToleratedFailureCountPath',
    'ToleratedFailurePercentage',
    'ToleratedFailurePercentagePath',
    ...WORKING,
    ...ALWAYS,
  ],
  Choice: ['Choices', 'Default', 'Assign', ...FILTERS, ...ALWAYS],
  Pass: ['Parameters', 'Result', 'ResultPath', ...GOING, ...FILTERS, ...ALWAYS],
  Wait: ['Seconds', 'Timestamp', 'SecondsPath', 'TimestampPath', ...GOING, ...FILTERS, ...ALWAYS],
  Succeed: [...FILTERS, ...ALWAYS],
  Fail: ['Error', 'ErrorPath', 'Cause', 'CausePath', ...ALWAYS],
  retrier: [
    'Comment',
    'ErrorEquals',
    'IntervalSeconds',
    'MaxAttempts',
    'BackoffRate',
    'MaxDelaySeconds',
    'JitterStrategy',
  ],
  catcher: ['Comment', 'ErrorEquals', 'Next', 'ResultPath', 'Assign'],
  rule: ['Comment', 'Variable', 'Next', 'Assign'],
  'nested rule': ['Comment', 'Variable'],
  'rule in JSONata': ['Comment', 'Condition', 'Next', 'Output', 'Assign'],
  'catcher in JSONata': ['Comment', 'ErrorEquals', 'Next', 'Output', 'Assign'],
} as const satisfies Record<string, readonly string[]>;

export const STATE_TYPES = ['Task', 'Choice', 'Pass', 'Wait', 'Succeed', 'Fail', 'Parallel', 'Map'] as const;
export type StateType = (typeof STATE_TYPES)[number];

const OUT = ['Output', 'Assign', 'Next', 'End'];
const RECOVERING = ['Retry', 'Catch'];
/** The same for a state in JSONata. */
export const JSONATA_FIELDS: Readonly<Record<StateType, readonly string[]>> = {
  Task: [
    'Resource',
    'Arguments',
    'TimeoutSeconds',
    'HeartbeatSeconds',
    'Credentials',
    ...RECOVERING,
    ...OUT,
    ...ALWAYS,
  ],
  Parallel: ['Branches', 'Arguments', ...RECOVERING, ...OUT, ...ALWAYS],
  Map: [
    'ItemProcessor',
    'Iterator',
    'Items',
    'ItemSelector',
    'MaxConcurrency',
    'ToleratedFailureCount',
    'ToleratedFailurePercentage',
    ...RECOVERING,
    ...OUT,
    ...ALWAYS,
  ],
  Choice: ['Choices', 'Default', 'Output', 'Assign', ...ALWAYS],
  Pass: [...OUT, ...ALWAYS],
  Wait: ['Seconds', 'Timestamp', ...OUT, ...ALWAYS],
  Succeed: ['Output', ...ALWAYS],
  Fail: ['Error', 'Cause', ...ALWAYS],
};

/** Which fields of a state in JSONata may hold expressions. */
export const WRITTEN_FIELDS: readonly string[] = [
  'Arguments',
  'Output',
  'Assign',
  'Items',
  'ItemSelector',
  'MaxConcurrency',
  'ToleratedFailureCount',
  'ToleratedFailurePercentage',
  'Seconds',
  'Timestamp',
  'TimeoutSeconds',
  'HeartbeatSeconds',
  'Error',
  'Cause',
];

const ONLY_JSONATA = ['Arguments', 'Output', 'Condition', 'Items'];
const ONLY_JSONPATH = [
  'InputPath',
  'OutputPath',
  'Parameters',
  'ResultSelector',
  'ResultPath',
  'Result',
  'ItemsPath',
  'Variable',
  'SecondsPath',
  'TimestampPath',
  'TimeoutSecondsPath',
  'HeartbeatSecondsPath',
  'ErrorPath',
  'CausePath',
  'MaxConcurrencyPath',
  'ToleratedFailureCountPath',
  'ToleratedFailurePercentagePath',
];

/** Fields of AWS's Map in distributed mode, which takes its items from a bucket and has no place here. */
const DISTRIBUTED = ['ItemReader', 'ItemBatcher', 'ResultWriter', 'Label'];

const KNOWN: ReadonlySet<string> = new Set(Object.values(FIELDS).flat());

/** Fields for whoever writes flows: notes, and anchors of YAML. Nothing reads them. */
const OWN_FIELD = 'x-';

/**
 * Complains of every field that has no place in `part`. A word that nobody knows is an error too: it is a misspelt one more often than not,
 * and a flow without its Retry or its Catch would run all the same. `near`: the fields that may have been meant.
 */
export function expectFields(
  source: Source,
  part: keyof typeof FIELDS,
  allowed: readonly string[] = FIELDS[part],
  near: readonly string[] = allowed,
): void {
  const { report, path } = source;
  for (const field of Object.keys(source.object)) {
    if (allowed.includes(field) || field.startsWith(OWN_FIELD)) continue;
    const language = inOtherLanguage(part, field, allowed);
    if (language !== undefined) report.error(below(path, field), language);
    else if (part === 'Map' && DISTRIBUTED.includes(field)) {
      report.error(
        below(path, field),
        `${field} is not supported: it belongs to AWS's distributed Map; hand the items in`,
      );
    } else if (KNOWN.has(field))
      report.error(below(path, field), `a ${part} has no ${field}; it takes ${oneOf(allowed)}`);
    else report.error(below(path, field), `unknown field; ${sayInstead(part, allowed, nearest(field, near))}`);
  }
}

function sayInstead(part: string, allowed: readonly string[], meant: string | undefined): string {
  if (meant !== undefined) return `perhaps ${meant} is meant`;
  return `a ${part} takes ${oneOf(allowed)}, and fields of your own that begin with ${OWN_FIELD}`;
}

/** What is wrong with a field that belongs to the other query language; undefined when that is not what is wrong. */
function inOtherLanguage(part: keyof typeof FIELDS, field: string, allowed: readonly string[]): string | undefined {
  const isJsonata = part.endsWith('in JSONata') || (isStateType(part) && allowed === JSONATA_FIELDS[part]);
  const others = isJsonata ? ONLY_JSONPATH : ONLY_JSONATA;
  if (!others.includes(field)) return undefined;
  const [own, other] = isJsonata ? ['JSONata', 'JSONPath'] : ['JSONPath', 'JSONata'];
  return `${field} belongs to ${other}, and this is in ${own}; QueryLanguage says which, of the flow or of a state`;
}

function isStateType(part: string): part is StateType {
  return (STATE_TYPES as readonly string[]).includes(part);
}

export type QueryLanguage = 'JSONPath' | 'JSONata';

/** The language of a flow, or of a state: its own QueryLanguage or else the one `around`. */
export function readLanguage(source: Source, around: QueryLanguage): QueryLanguage {
  const language = source.object.QueryLanguage;
  if (language === undefined) return around;
  const at = below(source.path, 'QueryLanguage');
  if (language !== 'JSONPath' && language !== 'JSONata') {
    source.report.error(at, 'QueryLanguage must be JSONPath or JSONata');
    return around;
  }
  if (around === 'JSONata' && language === 'JSONPath') {
    source.report.error(
      at,
      "a state can't be in JSONPath when the flow is in JSONata; give the flow JSONPath and its other states JSONata",
    );
  }
  return language;
}
