/** What a state reads: every path and expression in it, with the field that it stands in. */
import type { Condition } from './condition.ts';
import { type Expression, pathsOf } from './expression.ts';
import type { Path } from './path.ts';
import type { Template } from './template.ts';
import type { State } from './types.ts';

/** Paths of a state in JSONPath, by field. Of a search, where it begins. */
export function pathsRead(state: State): readonly (readonly [field: string, path: Path])[] {
  const found: (readonly [string, Path])[] = [];
  const take = (field: string, value: unknown): void => {
    if (isExpression(value)) for (const path of pathsOf(value)) found.push([field, path]);
  };
  const fill = (field: string, template: Template | undefined): void => {
    for (const expression of expressionsIn(template)) take(field, expression);
  };
  const any = state as unknown as Readonly<Record<string, unknown>>;
  for (const [key, field] of PATH_FIELDS) take(field, any[key]);
  for (const [key, field] of TEMPLATE_FIELDS) fill(field, any[key] as Template | undefined);
  if (state.type === 'Wait') {
    take('Seconds', state.until.kind === 'seconds' ? state.until.seconds : state.until.at);
  }
  if (state.type === 'Choice') {
    for (const [index, { condition, assign }] of state.choices.entries()) {
      for (const path of conditionPaths(condition)) take(`Choices[${index}]`, path);
      fill(`Choices[${index}].Assign`, assign);
    }
  }
  if ('catch' in state) for (const [index, { assign }] of state.catch.entries()) fill(`Catch[${index}].Assign`, assign);
  return found;
}

const PATH_FIELDS = [
  ['inputPath', 'InputPath'],
  ['outputPath', 'OutputPath'],
  ['itemsPath', 'ItemsPath'],
  ['maxConcurrency', 'MaxConcurrencyPath'],
  ['toleratedFailureCount', 'ToleratedFailureCountPath'],
  ['toleratedFailurePercentage', 'ToleratedFailurePercentagePath'],
  ['timeoutSeconds', 'TimeoutSecondsPath'],
  ['heartbeatSeconds', 'HeartbeatSecondsPath'],
  ['error', 'ErrorPath'],
  ['cause', 'CausePath'],
] as const;
const TEMPLATE_FIELDS = [
  ['parameters', 'Parameters'],
  ['resultSelector', 'ResultSelector'],
  ['itemSelector', 'ItemSelector'],
  ['assign', 'Assign'],
] as const;

function isExpression(value: unknown): value is Expression {
  return typeof value === 'object' && value !== null && 'text' in value;
}

function expressionsIn(template: Template | undefined): readonly Expression[] {
  switch (template?.kind) {
    case 'expression':
      return [template.expression];
    case 'object':
      return template.fields.flatMap(([, field]) => expressionsIn(field));
    case 'array':
      return template.items.flatMap(expressionsIn);
    default:
      return [];
  }
}

function conditionPaths(condition: Condition): readonly Path[] {
  switch (condition.kind) {
    case 'and':
    case 'or':
      return condition.parts.flatMap(conditionPaths);
    case 'not':
      return conditionPaths(condition.part);
    case 'jsonata':
      return [];
    case 'compare':
      return 'path' in condition.value ? [condition.variable, condition.value.path] : [condition.variable];
    default:
      return [condition.variable];
  }
}

/** Names of the variables that a state sets, in whichever way it is left. */
export function variablesSet(state: State): readonly string[] {
  const templates = [
    'assign' in state ? state.assign : undefined,
    ...('catch' in state ? state.catch.map((catcher) => catcher.assign) : []),
    ...(state.type === 'Choice' ? state.choices.map((rule) => rule.assign) : []),
  ];
  const written = [
    state.jsonata,
    ...('catch' in state ? state.catch.map((catcher) => catcher.jsonata) : []),
    ...(state.type === 'Choice' ? state.choices.map((rule) => rule.jsonata) : []),
  ];
  return [
    ...templates.flatMap((template) => namesIn(template)),
    ...written.flatMap((fields) => Object.keys((fields?.Assign as object | undefined) ?? {})),
  ];
}

function namesIn(template: Template | undefined): readonly string[] {
  if (template?.kind === 'object') return template.fields.map(([name]) => name);
  return template?.kind === 'value' ? Object.keys((template.value as object | null) ?? {}) : [];
}
