import { complain, readTemplate, type Source } from './fields.ts';
import { below, quoted } from './problems.ts';
import type { Template } from './template.ts';
import { isObject, kindOf, own } from './values.ts';

/** AWS's bound on a variable's name, in characters. */
const LONGEST_NAME = 80;
const NAME = /^[\p{ID_Start}_][\p{ID_Continue}]*$/u;
/** What an execution knows of itself stands in `$states`. */
const RESERVED = 'states';

/** Assign: a payload template whose fields are the variables. */
export function readAssign(source: Source): Template | undefined {
  const value = own(source.object, 'Assign');
  if (value === undefined) return undefined;
  if (!isObject(value)) {
    return complain(source, 'Assign', `Assign must be an object of variables by name; this is ${kindOf(value)}`);
  }
  for (const field of Object.keys(value)) {
    const problem = nameProblem(field.endsWith('.$') ? field.slice(0, -2) : field);
    if (problem !== undefined) source.report.error(below(below(source.path, 'Assign'), field), problem);
  }
  return readTemplate(source, 'Assign');
}

export function nameProblem(name: string): string | undefined {
  if (name === RESERVED) return `a variable can't be called ${RESERVED}: $states is the execution's own`;
  if ([...name].length > LONGEST_NAME) return `a variable's name has at most ${LONGEST_NAME} characters`;
  if (NAME.test(name)) return undefined;
  return `${quoted(name)} is no name of a variable: letters, digits and _, and no digit first`;
}
