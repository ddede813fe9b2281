import { randomBytes } from 'node:crypto';
import { cancellationSignal } from '@temporalio/activity';
import type { Answer, Evaluation } from '../flow/evaluation.ts';
import { answerEvaluation } from '../jsonata/answer.ts';

/** Shorter than the step may take, so that what is too much ends with its own error. */
const LONGEST_MS = 8_000;

export function evaluateActivities() {
  return {
    /** What a flow has written in JSONata: values, or the error that the flow is told of. */
    evaluateFlow(evaluation: Evaluation): Promise<Answer | { readonly error: string; readonly cause: string }> {
      const limits = { milliseconds: LONGEST_MS };
      // An attempt whose time is over would go on beside the next one, and take its time from everybody.
      const signal = cancellationSignal();
      return answerEvaluation(evaluation, { now: Date.now(), draw: () => randomBytes(32), limits, signal });
    },
  };
}
