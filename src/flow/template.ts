import type { Json } from '../domain/json.ts';
import { type Expression, evaluate } from './expression.ts';
import { FlowFailure, PARAMETER_PATH_FAILURE } from './failure.ts';
import type { Scope } from './path.ts';
import { isObject } from './values.ts';

/** A payload template (Parameters, ResultSelector): fields whose name ends in `.$` are replaced by what their path finds or their function makes. */
export type Template =
  | { readonly kind: 'value'; readonly value: Json }
  | { readonly kind: 'expression'; readonly expression: Expression }
  | { readonly kind: 'object'; readonly fields: readonly (readonly [name: string, template: Template])[] }
  | { readonly kind: 'array'; readonly items: readonly Template[] };

/** @throws FlowFailure States.ParameterPathFailure when a path finds nothing. */
export function fillTemplate(template: Template, scope: Scope): Json {
  switch (template.kind) {
    case 'value':
      return template.value;
    case 'array':
      return template.items.map((item) => fillTemplate(item, scope));
    case 'object':
      return Object.fromEntries(template.fields.map(([name, field]) => [name, fillTemplate(field, scope)]));
    case 'expression': {
      const value = evaluate(template.expression, scope);
      if (value !== undefined) return value;
      throw new FlowFailure(PARAMETER_PATH_FAILURE, `there is nothing at ${template.expression.text}`);
    }
  }
}

/** Its fields by their names, written out or not; none where it is no object. */
export function fieldsOf(template: Template): ReadonlyMap<string, Template> {
  if (template.kind === 'object') return new Map(template.fields);
  if (template.kind !== 'value' || !isObject(template.value)) return new Map();
  return new Map(Object.entries(template.value).map(([name, value]) => [name, { kind: 'value', value }]));
}
