import type { JsonObject } from '../domain/json.ts';
import { lambdaName } from './bind.ts';
import { complain, has, needText, readTemplate, type Source } from './fields.ts';
import { below } from './problems.ts';
import type { TaskState } from './types.ts';
import { isObject, own } from './values.ts';

const TOKEN = '.waitForTaskToken';

/** What a Task calls, and how. */
export function readTaskResource(source: Source): Pick<TaskState, 'resource' | 'invoke' | 'awaitsToken'> {
  const given = needText(source, 'Resource', 'what the Task calls, such as module:analyzeTicket') ?? '';
  const awaitsToken = given.endsWith(TOKEN);
  const resource = awaitsToken ? given.slice(0, -TOKEN.length) : given;
  if (/:function:/u.test(resource) && lambdaName(resource) === undefined) {
    complain(source, 'Resource', 'after :function: comes the name, then perhaps one :version or :alias');
  }
  if (has(source, 'Credentials')) {
    if (!isObject(source.object.Credentials)) complain(source, 'Credentials', 'Credentials must be an object');
    readTemplate(source, 'Credentials');
    source.report.warn(below(source.path, 'Credentials'), 'ignored: a module has its own credentials');
  }
  const invoke = /^arn:[\w-]+:states:[^:]*:[^:]*:lambda:invoke$/u.test(resource);
  return {
    resource: invoke ? invokedFunction(source.object, resource) : resource,
    invoke,
    awaitsToken,
  };
}

/** The function that `lambda:invoke` names, as an ARN, so that the Task is bound like one that calls it directly. */
function invokedFunction(state: JsonObject, resource: string): string {
  const parameters = own(state, 'Parameters') ?? own(state, 'Arguments');
  const name = isObject(parameters) ? own(parameters, 'FunctionName') : undefined;
  if (typeof name !== 'string') return resource;
  return name.includes(':function:') ? name : `arn:aws:lambda:::function:${name}`;
}
