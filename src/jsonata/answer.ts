import type { JsonObject } from '../domain/json.ts';
import type { Answer, Evaluation } from '../flow/evaluation.ts';
import { chooseByCondition, evaluateForItems, evaluateJsonata, type Failed, type Options } from './evaluate.ts';
import type { Bindings } from './expression.ts';
import { parseJsonata } from './parse.ts';
import { readWritten } from './text.ts';

/** What the interpreter of flows asks for, evaluated. */
export async function answerEvaluation(
  evaluation: Evaluation,
  world: Options,
): Promise<Answer | { readonly error: string; readonly cause: string }> {
  const bindings: Bindings = { states: evaluation.states, variables: evaluation.variables as JsonObject };
  switch (evaluation.kind) {
    case 'fields': {
      const answer = await evaluateJsonata({ ...bindings, fields: evaluation.fields }, world);
      return answer.ok ? { kind: 'fields', values: answer.values } : wrong(answer);
    }
    case 'items': {
      const { fields, items } = evaluation;
      const answer = await evaluateForItems({ ...bindings, fields, items }, world);
      return answer.ok ? { kind: 'items', values: answer.values } : wrong(answer);
    }
    case 'choice': {
      const answer = await chooseByCondition({ ...bindings, conditions: evaluation.conditions }, world);
      return answer.ok ? { kind: 'choice', chosen: answer.chosen ?? null } : wrong(answer);
    }
  }
}

function wrong({ error, cause }: Failed) {
  return { error, cause };
}

/** What is wrong with a string of a state in JSONata; undefined when it is a text, or an expression that can be read. */
export function writtenProblem(text: string): string | undefined {
  const written = readWritten(text);
  if (written.kind === 'open') return written.problem;
  if (written.kind === 'text') return undefined;
  const parsed = parseJsonata(written.expression);
  if (!('problem' in parsed)) return undefined;
  return parsed.position > 0 ? `${parsed.problem}, at character ${parsed.position} of the expression` : parsed.problem;
}
