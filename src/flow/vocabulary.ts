import type { Source } from './fields.ts';
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

/** Complains of every field that has no place in `part`: a warning for a word nobody knows, an error for one that means something elsewhere. */
export function expectFields(
  source: Source,
  part: keyof typeof FIELDS,
  allowed: readonly string[] = FIELDS[part],
): void {
  const { report, path } = source;
  for (const field of Object.keys(source.object)) {
    if (allowed.includes(field)) continue;
    const later = Object.hasOwn(LATER_FIELDS, field) ? LATER_FIELDS[field] : undefined;
    if (later !== undefined) report.error(below(path, field), `${later} not supported yet`);
    else if (part === 'flow' && field === 'TimeoutSeconds') {
      report.error(
        below(path, field),
        'a time-out of the whole flow is not supported yet; give the Tasks TimeoutSeconds',
      );
    } else if (KNOWN.has(field))
      report.error(below(path, field), `a ${part} has no ${field}; it takes ${oneOf(allowed)}`);
    else report.warn(below(path, field), `unknown field, ignored; a ${part} takes ${oneOf(allowed)}`);
  }
}

/** Only JSONPath, at the flow and at each state. */
export function expectJsonPath(source: Source): void {
  const language = source.object.QueryLanguage;
  if (language === undefined || language === 'JSONPath') return;
  const problem =
    language === 'JSONata' ? 'JSONata is not supported yet; use JSONPath' : 'QueryLanguage must be JSONPath';
  source.report.error(below(source.path, 'QueryLanguage'), problem);
}
