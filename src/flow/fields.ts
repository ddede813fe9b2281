import type { Json, JsonObject } from '../domain/json.ts';
import { contextProblem } from './context.ts';
import { type Expression, pathsOf } from './expression.ts';
import { type Path, parsePath, WHOLE } from './path.ts';
import { below, holdsInvisible, oneOf, quoted, type Report, shown } from './problems.ts';
import type { Query } from './query.ts';
import { parseExpression, parseSelection } from './readExpression.ts';
import type { Template } from './template.ts';
import { isList, isObject, kindOf, own } from './values.ts';

/** An object of the definition that is being read, and where it stands. */
export interface Source {
  readonly object: JsonObject;
  readonly path: string;
  readonly report: Report;
}

export function sourceOf(value: Json | undefined, path: string, report: Report, what: string): Source | undefined {
  if (isObject(value)) return { object: value, path, report };
  report.error(path, `${what} must be an object; this is ${kindOf(value)}`);
  return undefined;
}

export function has(source: Source, field: string): boolean {
  return own(source.object, field) !== undefined;
}

export function complain(source: Source, field: string, message: string): undefined {
  source.report.error(below(source.path, field), message);
}

/** A string, or undefined when it is absent or, with a complaint, something else. */
export function readText(source: Source, field: string): string | undefined {
  const value = own(source.object, field);
  if (value === undefined || typeof value === 'string') return value;
  return complain(source, field, `${field} must be a string; this is ${kindOf(value)}`);
}

export function needText(source: Source, field: string, what: string): string | undefined {
  if (!has(source, field)) return complain(source, field, `${field} is missing: ${what}`);
  const text = readText(source, field);
  return text === '' ? complain(source, field, `${field} is empty: ${what}`) : text;
}

/** The name of the state to go to. Whether there is such a state, the graph is asked. */
export function needNext(source: Source, what: string): string | undefined {
  return has(source, 'Next') ? readText(source, 'Next') : complain(source, 'Next', `Next is missing: ${what}`);
}

export function readFlag(source: Source, field: string): boolean | undefined {
  const value = own(source.object, field);
  if (value === undefined || typeof value === 'boolean') return value;
  return complain(source, field, `${field} must be true or false; this is ${kindOf(value)}`);
}

export function readNumber(
  source: Source,
  field: string,
  bounds: { readonly least: number; readonly most: number; readonly whole: boolean },
): number | undefined {
  const value = own(source.object, field);
  if (value === undefined) return undefined;
  const { least, most, whole } = bounds;
  const right = typeof value === 'number' && value >= least && value <= most && (!whole || Number.isInteger(value));
  if (right) return value;
  const range = Number.isFinite(most) ? `from ${least} to ${most}` : `of at least ${least}`;
  const given = typeof value === 'number' ? value : kindOf(value);
  return complain(source, field, `${field} must be a ${whole ? 'whole ' : ''}number ${range}; this is ${given}`);
}

export function readList(source: Source, field: string, what: string): readonly Json[] | undefined {
  const value = own(source.object, field);
  if (value === undefined) return undefined;
  if (isList(value)) return value;
  return complain(source, field, `${field} must be an array of ${what}; this is ${kindOf(value)}`);
}

/** A path, or undefined when it is absent or, with a complaint, wrong. */
export function readPathField(source: Source, field: string): Path | undefined {
  const text = readText(source, field);
  return text === undefined ? undefined : pathOf(source, field, text);
}

/** The same for a path that may search, or a function. */
export function readExpressionField(source: Source, field: string): Expression | undefined {
  const text = readText(source, field);
  return text === undefined ? undefined : expressionOf(source, field, text, parseExpression);
}

/** `field`, a number within bounds, or `<field>Path`, the path of one. */
export function readCount(
  source: Source,
  field: string,
  bounds: { readonly least: number; readonly most: number; readonly whole?: boolean },
): number | Path | undefined {
  onlyOne(source, [field, `${field}Path`], false);
  return readNumber(source, field, { whole: true, ...bounds }) ?? readPathField(source, `${field}Path`);
}

/** A path that may search, or undefined when it is absent or, with a complaint, wrong. */
export function readSelectionField(source: Source, field: string): Path | Query | undefined {
  const text = readText(source, field);
  return text === undefined ? undefined : expressionOf(source, field, text, parseSelection);
}

/** InputPath, OutputPath: absent means the whole, `null` means nothing of it. */
export function readFilter(source: Source, field: string): Path | Query | null {
  if (own(source.object, field) === null) return null;
  return readSelectionField(source, field) ?? WHOLE;
}

/** Where the result goes: absent means in place of the input, `null` means nowhere. */
export function readResultPath(source: Source): Path | null {
  const text = own(source.object, 'ResultPath');
  if (text === null) return null;
  const ofContext = typeof text === 'string' && text.startsWith('$$');
  const path = (ofContext ? undefined : readPathField(source, 'ResultPath')) ?? WHOLE;
  if (path.root === 'input' && !ofContext) return path;
  const why = ofContext ? 'the context object $$ can only be read' : 'variables are set by Assign';
  complain(source, 'ResultPath', `${why}; write below $`);
  return WHOLE;
}

function pathOf(source: Source, field: string, text: string): Path | undefined {
  return expressionOf(source, field, text, (given) => {
    const reading = parsePath(given);
    return 'path' in reading ? { expression: reading.path } : reading;
  });
}

function expressionOf<T extends Expression>(
  source: Source,
  field: string,
  text: string,
  parse: (text: string) => { readonly expression: T } | { readonly problem: string },
): T | undefined {
  if (holdsInvisible(text)) complain(source, field, `${quoted(text)} holds control characters; a path can't`);
  const reading = parse(text);
  if ('problem' in reading) return complain(source, field, reading.problem);
  for (const path of pathsOf(reading.expression)) {
    const problem = contextProblem(path);
    if (problem !== undefined) complain(source, field, problem);
  }
  return reading.expression;
}

/** At most one of `fields`; with `needed` exactly one. Returns the one that counts. */
export function onlyOne(source: Source, fields: readonly string[], needed: boolean): string | undefined {
  const given = fields.filter((field) => has(source, field));
  if (given.length > 1) source.report.error(source.path, `${given.join(' and ')} exclude each other; keep one`);
  if (given.length === 0 && needed) source.report.error(source.path, `one of ${oneOf(fields)} is needed`);
  return given[0];
}

/** Parameters, ResultSelector: any JSON, as AWS's linter lets pass; a field `x.$` takes the value that its path finds. */
export function readTemplate(source: Source, field: string): Template | undefined {
  const value = own(source.object, field);
  return value === undefined ? undefined : templateOf(value, below(source.path, field), source.report);
}

function templateOf(value: Json, path: string, report: Report): Template {
  if (isList(value)) {
    const items = value.map((item, index) => templateOf(item, below(path, index), report));
    return items.every((item) => item.kind === 'value') ? { kind: 'value', value } : { kind: 'array', items };
  }
  if (!isObject(value)) return { kind: 'value', value };
  const source: Source = { object: value, path, report };
  const fields = Object.entries(value).map(([key, inner]): readonly [string, Template] => {
    if (!key.endsWith('.$')) return [key, templateOf(inner, below(path, key), report)];
    const name = key.slice(0, -2);
    if (name === '') complain(source, key, 'a field needs a name before .$, as in ticketId.$');
    if (has(source, name))
      complain(source, key, `${shown(name)} and ${shown(key)} would both become ${shown(name)}; keep one`);
    const text =
      typeof inner === 'string' ? inner : complain(source, key, `${shown(key)} must hold a path such as $.ticket.id`);
    const found = text === undefined ? undefined : expressionOf(source, key, text, parseExpression);
    return [name, found ? { kind: 'expression', expression: found } : { kind: 'value', value: null }];
  });
  return fields.every(([, template]) => template.kind === 'value')
    ? { kind: 'value', value }
    : { kind: 'object', fields };
}
