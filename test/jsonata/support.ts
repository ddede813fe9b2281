import type { Json, JsonObject } from '../../src/domain/json.ts';
import { evaluateJsonata, type Failed, type Options } from '../../src/jsonata/evaluate.ts';
import type { Bindings } from '../../src/jsonata/expression.ts';

export const NOW = Date.parse('2026-04-23T10:00:00Z');
export const options: Options = { now: NOW, draw: () => new Uint8Array(32).fill(7) };

export async function evaluate(fields: JsonObject, bindings: Bindings = { states: {} }, how: Options = options) {
  return evaluateJsonata({ fields, ...bindings }, how);
}

/** What one expression makes of an input. */
export async function made(expression: string, input: Json = {}, variables: JsonObject = {}): Promise<Json> {
  const answer = await evaluate({ Output: `{% ${expression} %}` }, { states: { input }, variables });
  if (!answer.ok) throw new Error(answer.cause);
  return answer.values.Output ?? null;
}

/** How one expression fails with an input. */
export async function failed(expression: string, input: Json = {}, how: Options = options): Promise<Failed> {
  const answer = await evaluate({ Output: `{% ${expression} %}` }, { states: { input } }, how);
  if (answer.ok) throw new Error(`it made ${JSON.stringify(answer.values)}`);
  return answer;
}
