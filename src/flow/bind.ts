import { FURTHER_NAMES } from '../domain/modules.ts';

const LAMBDA = /:function:([\w-]+)(?::(?:\$LATEST|[\w-]+))?$/u;

/** The function's name in a Lambda ARN, without version or alias; undefined when `resource` is no whole Lambda ARN. */
export function lambdaName(resource: string): string | undefined {
  return LAMBDA.exec(resource)?.[1];
}

/**
 * The module that a Task calls: `module:<name>`, by a further name too; else the Lambda function's name in the ARN; else the state's own name in camelCase.
 * Only a name in `modules` counts. A Task whose `module:` is not there is bound to nothing, whatever it is called.
 */
export function bindModule(stateName: string, resource: string, modules: readonly string[]): string | undefined {
  const named = /^module:(.*)$/su.exec(resource)?.[1];
  if (named !== undefined) return modules.find((module) => module === (FURTHER_NAMES[named] ?? named));
  const candidates = [lambdaName(resource), camelCase(stateName)];
  return candidates.find((candidate) => candidate !== undefined && modules.includes(candidate));
}

/**
 * Is `resource` a whole ARN that does not itself name `module`? Then the Task calls something else on AWS, and is bound by its state's
 * name alone. An ARN with dots for what was left out, as in sketches of a flow, claims nothing.
 */
export function isForeign(resource: string, module: string): boolean {
  return WHOLE_ARN.test(resource) && !resource.includes('...') && lambdaName(resource) !== module;
}

const WHOLE_ARN = /^arn:[\w-]+:[\w-]+:[\w-]*:\d*:./;

/** `AnalyzeTicket`, `Analyze ticket`, `analyze-ticket` -> `analyzeTicket`; `SLACheck` -> `slaCheck`. */
export function camelCase(name: string): string {
  const [first = '', ...rest] = name.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '');
  const head = first.replace(/^\p{Lu}+(?!\p{Ll})|^\p{Lu}/u, (capitals) => capitals.toLowerCase());
  return head + rest.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}
