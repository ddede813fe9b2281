import type { Expression } from './expression.ts';
import {
  complain,
  has,
  needNext,
  needText,
  onlyOne,
  readCount,
  readExpressionField,
  readFilter,
  readFlag,
  readNumber,
  readPathField,
  readResultPath,
  readTemplate,
  readText,
  type Source,
} from './fields.ts';
import { MOST_SECONDS } from './inout.ts';
import type { Path } from './path.ts';
import { oneOf, quoted } from './problems.ts';
import { readAssign } from './readAssign.ts';
import { readCondition } from './readCondition.ts';
import { readJsonataState } from './readJsonata.ts';
import { readCatch, readRetry } from './readRecovery.ts';
import { readTaskResource } from './readResource.ts';
import { ruleSources } from './readRules.ts';
import { readBranches, readMap } from './readWithin.ts';
import type { Surroundings } from './surroundings.ts';
import { parseTimestamp } from './timestamp.ts';
import type { Rule, State, TaskState, Until } from './types.ts';
import { own } from './values.ts';
import { expectFields, readLanguage, STATE_TYPES } from './vocabulary.ts';

/** One state of the definition; undefined, with complaints, when not even its type is known. */
export function readState(name: string, source: Source, around: Surroundings): State | undefined {
  const { within, readInner } = around;
  const named = needText(source, 'Type', `every state has a Type: ${oneOf(STATE_TYPES)}`);
  const type = STATE_TYPES.find((known) => known === named);
  if (named !== undefined && type === undefined)
    complain(source, 'Type', `there is no ${quoted(named)}; a state is ${oneOf(STATE_TYPES)}`);
  if (type === undefined) return undefined;
  const common = { name, path: source.path, comment: readText(source, 'Comment') };
  if (readLanguage(source, around.language) === 'JSONata') {
    return readJsonataState(type, source, common, around, () => readNext(source, within));
  }
  expectFields(source, type);
  if (type === 'Fail') {
    return { type, ...common, error: readEither(source, 'Error'), cause: readEither(source, 'Cause') };
  }
  const filtered = {
    ...common,
    inputPath: readFilter(source, 'InputPath'),
    outputPath: readFilter(source, 'OutputPath'),
  };
  if (type === 'Succeed') return { type, ...filtered };
  const assign = readAssign(source);
  if (type === 'Choice') {
    return { type, ...filtered, assign, choices: readChoices(source), default: readText(source, 'Default') };
  }
  const going = { ...filtered, assign, next: readNext(source, within) };
  if (type === 'Wait') return { type, ...going, until: readUntil(source) };
  const payload = { ...going, parameters: readTemplate(source, 'Parameters'), resultPath: readResultPath(source) };
  if (type === 'Pass') return { type, ...payload, result: own(source.object, 'Result') };
  const working = {
    ...payload,
    resultSelector: readTemplate(source, 'ResultSelector'),
    retry: readRetry(source),
    catch: readCatch(source),
  };
  if (type === 'Parallel') return { type, ...working, branches: readBranches(source, readInner) };
  return type === 'Map' ? readMap(source, working, readInner) : { type, ...working, ...readTask(source) };
}

function readNext(source: Source, within: boolean): string | undefined {
  const next = readText(source, 'Next');
  const end = readFlag(source, 'End');
  if (has(source, 'Next') && end) complain(source, 'End', 'Next and End exclude each other; keep one');
  if (!has(source, 'Next') && end === false) {
    complain(source, 'End', '"End": false leads nowhere: name the Next state, or say "End": true');
  } else if (!has(source, 'Next') && !end) {
    const what = 'neither Next nor End';
    if (within) source.report.error(source.path, `${what}: name the state to go to, or say "End": true`);
    else source.report.warn(source.path, `${what}: the flow ends here; say so with "End": true`);
  }
  return end ? undefined : next;
}

/** Error or ErrorPath, Cause or CausePath. */
function readEither(source: Source, field: 'Error' | 'Cause'): string | Expression | undefined {
  onlyOne(source, [field, `${field}Path`], false);
  return readText(source, field) ?? readExpressionField(source, `${field}Path`);
}

function readChoices(source: Source): Rule[] {
  return ruleSources(source).flatMap((rule) => {
    const next = needNext(rule, 'the state to go to when the rule is met');
    const condition = readCondition(rule, false);
    const assign = readAssign(rule);
    return condition && next !== undefined ? [{ condition, next, assign }] : [];
  });
}

function readUntil(source: Source): Until {
  const given = onlyOne(source, ['Seconds', 'Timestamp', 'SecondsPath', 'TimestampPath'], true);
  switch (given) {
    case 'SecondsPath':
      return { kind: 'seconds', seconds: readPathField(source, given) ?? 0 };
    case 'TimestampPath':
      return { kind: 'timestamp', at: readPathField(source, given) ?? 0 };
    case 'Timestamp': {
      const text = readText(source, given);
      const at = text === undefined ? undefined : parseTimestamp(text);
      if (text !== undefined && at === undefined)
        complain(source, given, 'Timestamp must be like 2026-04-23T14:30:00Z');
      return { kind: 'timestamp', at: at ?? 0 };
    }
    default:
      return {
        kind: 'seconds',
        seconds: readNumber(source, 'Seconds', { least: 0, most: MOST_SECONDS, whole: true }) ?? 0,
      };
  }
}

type TaskOwn = Pick<TaskState, 'resource' | 'invoke' | 'awaitsToken' | 'timeoutSeconds' | 'heartbeatSeconds'>;

function readTask(source: Source): TaskOwn {
  const timeoutSeconds = readSeconds(source, 'TimeoutSeconds');
  const heartbeatSeconds = readSeconds(source, 'HeartbeatSeconds');
  if (
    typeof timeoutSeconds === 'number' &&
    typeof heartbeatSeconds === 'number' &&
    heartbeatSeconds >= timeoutSeconds
  ) {
    complain(
      source,
      'HeartbeatSeconds',
      `HeartbeatSeconds must be less than TimeoutSeconds, which is ${timeoutSeconds}`,
    );
  }
  return { ...readTaskResource(source), timeoutSeconds, heartbeatSeconds };
}

/** A number of seconds from 1, or the path of one. */
function readSeconds(source: Source, field: 'TimeoutSeconds' | 'HeartbeatSeconds'): number | Path | undefined {
  return readCount(source, field, { least: 1, most: MOST_SECONDS });
}
