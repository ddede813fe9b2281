import { sayTime } from './say-time.ts';

/** What a run of a flow waits for. */
export type Waiting =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'time'; readonly until: number; readonly why: 'wait' | 'retry' | 'yield'; readonly error?: string }
  | { readonly kind: 'step' }
  | { readonly kind: 'token' }
  | { readonly kind: 'people'; readonly taskId: string }
  | { readonly kind: 'lines'; readonly states: readonly string[] };

/** In one sentence, without personal data: states and errors are named by the definition. */
export function sayFlowWaiting(waiting: Waiting): string {
  switch (waiting.kind) {
    case 'nothing':
      return 'nothing: it has ended';
    case 'time': {
      if (waiting.why === 'yield') return 'others, whom it lets run';
      const until = `until ${sayTime(waiting.until)}`;
      return waiting.why === 'wait'
        ? `time to pass, ${until}`
        : `the next attempt after ${waiting.error ?? 'an error'}, ${until}`;
    }
    case 'step':
      return 'its step to end';
    case 'token':
      return 'whoever has its token';
    case 'people':
      return `people, who decide task ${waiting.taskId}`;
    case 'lines':
      return `${waiting.states.length} under way: ${sayStates(waiting.states)}`;
  }
}

const MOST_NAMED = 5;

function sayStates(states: readonly string[]): string {
  const named = [...new Set(states)];
  const more = named.length > MOST_NAMED ? ', …' : '';
  return `${named.slice(0, MOST_NAMED).join(', ')}${more}`;
}

/** Markdown for the Temporal Web UI. */
export function sayFlowRun(run: {
  readonly flow: string;
  readonly version: string;
  readonly at: string | null;
  readonly waitingFor: string;
  readonly refused: number;
}): string {
  const at = run.at === null ? '**Ended**' : `**At ${run.at}**`;
  const refused = run.refused === 0 ? [] : [`Signals that did not count: ${run.refused}`];
  return [at, `Waits for ${run.waitingFor}`, ...refused, `Flow ${run.flow}, version ${run.version}`].join('\n\n');
}
