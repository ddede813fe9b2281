import { randomBytes } from 'node:crypto';
import type { Answer, Evaluation } from '../flow/evaluation.ts';
import { answerEvaluation } from '../jsonata/answer.ts';

/** Shorter than the step may take, so that what is too much ends with its own error. */
const LONGEST_MS = 8_000;

export function evaluateActivities() {
  return {
    /** What a flow has written in JSONata: values, or the error that the flow is told of. */
    evaluateFlow(evaluation: Evaluation): Promise<Answer | { readonly error: string; readonly cause: string }> {
      const world = { now: Date.now(), draw: () => randomBytes(32), limits: { milliseconds: LONGEST_MS } };
      return answerEvaluation(evaluation, world);
    },
  };
}
