import type { JsonObject } from '../domain/json.ts';
import { lambdaName } from './bind.ts';
import type { Expression } from './expression.ts';
import {
  complain,
  has,
  needNext,
  needText,
  onlyOne,
  readExpressionField,
  readFilter,
  readFlag,
  readList,
  readNumber,
  readPathField,
  readResultPath,
  readTemplate,
  readText,
  type Source,
  sourceOf,
} from './fields.ts';
import { MOST_SECONDS } from './inout.ts';
import { below, oneOf, quoted } from './problems.ts';
import { readCondition } from './readCondition.ts';
import { readCatch, readRetry } from './readRecovery.ts';
import { parseTimestamp } from './timestamp.ts';
import type { State, TaskState, Until } from './types.ts';
import { isObject, own } from './values.ts';
import { expectFields, expectJsonPath, LATER_TYPES, STATE_TYPES } from './vocabulary.ts';

/** One state of the definition; undefined, with complaints, when not even its type is known. */
export function readState(name: string, source: Source): State | undefined {
  const named = needText(source, 'Type', `every state has a Type: ${oneOf(STATE_TYPES)}`);
  const type = STATE_TYPES.find((known) => known === named);
  if (named !== undefined && LATER_TYPES.includes(named))
    return complain(source, 'Type', `${named} is not supported yet`);
  if (named !== undefined && type === undefined)
    complain(source, 'Type', `there is no ${quoted(named)}; a state is ${oneOf(STATE_TYPES)}`);
  if (type === undefined) return undefined;
  expectFields(source, type);
  expectJsonPath(source);
  const common = { name, comment: readText(source, 'Comment') };
  if (type === 'Fail') {
    return { type, ...common, error: readEither(source, 'Error'), cause: readEither(source, 'Cause') };
  }
  const filtered = {
    ...common,
    inputPath: readFilter(source, 'InputPath'),
    outputPath: readFilter(source, 'OutputPath'),
  };
  if (type === 'Succeed') return { type, ...filtered };
  if (type === 'Choice') {
    return { type, ...filtered, choices: readChoices(source), default: readText(source, 'Default') };
  }
  const going = { ...filtered, next: readNext(source) };
  if (type === 'Wait') return { type, ...going, until: readUntil(source) };
  const payload = { ...going, parameters: readTemplate(source, 'Parameters'), resultPath: readResultPath(source) };
  if (type === 'Pass') return { type, ...payload, result: own(source.object, 'Result') };
  return { type, ...payload, ...readTask(source) };
}

function readNext(source: Source): string | undefined {
  const next = readText(source, 'Next');
  const end = readFlag(source, 'End');
  if (has(source, 'Next') && end) complain(source, 'End', 'Next and End exclude each other; keep one');
  if (!has(source, 'Next') && end === false) {
    complain(source, 'End', '"End": false leads nowhere: name the Next state, or say "End": true');
  } else if (!has(source, 'Next') && !end) {
    source.report.warn(source.path, 'neither Next nor End: the flow ends here; say so with "End": true');
  }
  return end ? undefined : next;
}

/** Error or ErrorPath, Cause or CausePath. */
function readEither(source: Source, field: 'Error' | 'Cause'): string | Expression | undefined {
  onlyOne(source, [field, `${field}Path`], false);
  return readText(source, field) ?? readExpressionField(source, `${field}Path`);
}

function readChoices(source: Source) {
  if (!has(source, 'Choices')) complain(source, 'Choices', 'Choices is missing: a Choice needs at least one rule');
  const list = readList(source, 'Choices', 'rules') ?? [];
  if (has(source, 'Choices') && Array.isArray(source.object.Choices) && list.length === 0) {
    complain(source, 'Choices', 'a Choice needs at least one rule');
  }
  if (!has(source, 'Default')) {
    source.report.warn(source.path, 'no Default: the flow fails with States.NoChoiceMatched when no rule is met');
  }
  return list.flatMap((item, index) => {
    const rule = sourceOf(item, below(below(source.path, 'Choices'), index), source.report, 'a rule');
    const next = rule && needNext(rule, 'the state to go to when the rule is met');
    const condition = rule && readCondition(rule, false);
    return condition && next !== undefined ? [{ condition, next }] : [];
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

type TaskOwn = Pick<TaskState, 'resource' | 'invoke' | 'resultSelector' | 'timeoutSeconds' | 'retry' | 'catch'>;

function readTask(source: Source): TaskOwn {
  const given = needText(source, 'Resource', 'what the Task calls, such as module:analyzeTicket') ?? '';
  if (/:function:/u.test(given) && lambdaName(given) === undefined) {
    complain(source, 'Resource', 'after :function: comes the name, then perhaps one :version or :alias');
  }
  if (given.endsWith('.waitForTaskToken')) {
    complain(source, 'Resource', 'waiting for a token (.waitForTaskToken) is not supported yet');
  }
  onlyOne(source, ['TimeoutSeconds', 'TimeoutSecondsPath'], false);
  const bounds = { least: 1, most: MOST_SECONDS, whole: true };
  if (has(source, 'Credentials')) {
    if (!isObject(source.object.Credentials)) complain(source, 'Credentials', 'Credentials must be an object');
    readTemplate(source, 'Credentials');
    source.report.warn(below(source.path, 'Credentials'), 'ignored: a module has its own credentials');
  }
  const invoke = /^arn:[\w-]+:states:[^:]*:[^:]*:lambda:invoke$/u.test(given);
  return {
    resource: invoke ? invokedFunction(source.object, given) : given,
    invoke,
    resultSelector: readTemplate(source, 'ResultSelector'),
    timeoutSeconds: readNumber(source, 'TimeoutSeconds', bounds) ?? readPathField(source, 'TimeoutSecondsPath'),
    retry: readRetry(source),
    catch: readCatch(source),
  };
}

/** The function that `lambda:invoke` names, as an ARN, so that the Task is bound like one that calls it directly. */
function invokedFunction(state: JsonObject, resource: string): string {
  const parameters = own(state, 'Parameters');
  const name = isObject(parameters) ? own(parameters, 'FunctionName') : undefined;
  if (typeof name !== 'string') return resource;
  return name.includes(':function:') ? name : `arn:aws:lambda:::function:${name}`;
}
