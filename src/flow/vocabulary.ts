import type { Source } from './fields.ts';
import { nearest } from './nearest.ts';
import { below, oneOf } from './problems.ts';

const FILTERS = ['InputPath', 'OutputPath'];
const GOING = ['Next', 'End'];
const ALWAYS = ['Type', 'Comment', 'QueryLanguage'];

/** Which fields each part of a definition may have. */
export const FIELDS = {
  flow: ['Comment', 'StartAt', 'States', 'Version', 'QueryLanguage'],
  Task: [
    'Resource',
    'Parameters',
    'ResultSelector',
    'ResultPath',
    'TimeoutSeconds',
    'TimeoutSecondsPath',
    'Retry',
    'Catch',
    'Credentials',
    ...GOING,
    ...FILTERS,
    ...ALWAYS,
  ],
  Choice: ['Choices', 'Default', ...FILTERS, ...ALWAYS],
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
  catcher: ['Comment', 'ErrorEquals', 'Next', 'ResultPath'],
  rule: ['Comment', 'Variable', 'Next'],
  'nested rule': ['Comment', 'Variable'],
} as const satisfies Record<string, readonly string[]>;

export const STATE_TYPES = ['Task', 'Choice', 'Pass', 'Wait', 'Succeed', 'Fail'] as const;
export type StateType = (typeof STATE_TYPES)[number];
export const LATER_TYPES: readonly string[] = ['Parallel', 'Map'];

/** Fields of the language that the interpreter can't obey yet. Ignoring one would run another flow than the one that was written. */
const LATER_FIELDS: Readonly<Record<string, string>> = {
  Assign: 'variables (Assign) are',
  Arguments: 'JSONata (Arguments) is',
  Output: 'JSONata (Output) is',
  Condition: 'JSONata (Condition) is',
  HeartbeatSeconds: 'HeartbeatSeconds is',
  HeartbeatSecondsPath: 'HeartbeatSecondsPath is',
};

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
    const later = Object.hasOwn(LATER_FIELDS, field) ? LATER_FIELDS[field] : undefined;
    if (later !== undefined) report.error(below(path, field), `${later} not supported yet`);
    else if (part === 'flow' && field === 'TimeoutSeconds') {
      report.error(
        below(path, field),
        'a time-out of the whole flow is not supported yet; give the Tasks TimeoutSeconds',
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

/** Only JSONPath, at the flow and at each state. */
export function expectJsonPath(source: Source): void {
  const language = source.object.QueryLanguage;
  if (language === undefined || language === 'JSONPath') return;
  const problem =
    language === 'JSONata' ? 'JSONata is not supported yet; use JSONPath' : 'QueryLanguage must be JSONPath';
  source.report.error(below(source.path, 'QueryLanguage'), problem);
}
