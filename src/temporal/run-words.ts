/** What runs of flows hold of the words that they were given: it is in no table, but in their histories alone. */
import type { Client } from '@temporalio/client';
import type { Payload, SerializationContext } from '@temporalio/common';
import { decodeArrayFromPayloads } from '@temporalio/common/lib/internal-non-workflow/index.js';
import { ofWorkflow } from '../activities/delete-runs.ts';
import { completeTask, FLOW_WORKFLOW, type FlowArgs, taskCompleted } from '../contract-flow.ts';
import type { TaskSucceeded } from '../domain/flow-task.ts';
import type { Json } from '../domain/json.ts';
import type { RunAnswer, RunWords } from '../domain/person-export.ts';

interface Event {
  readonly eventId?: { toString(): string } | null;
  readonly eventTime?: { readonly seconds?: { toNumber(): number } | number | null } | null;
}

/** Of every run under this id that Temporal still knows, oldest first. */
export async function readRunWords(client: Client, workflowId: string): Promise<RunWords[]> {
  const runs: RunWords[] = [];
  const query = `${ofWorkflow(workflowId)} and WorkflowType = '${FLOW_WORKFLOW}'`;
  for await (const { runId, startTime, closeTime, status } of client.workflow.list({ query })) {
    const endedAt = closeTime?.toISOString() ?? null;
    const run = { workflowId, runId, startedAt: startTime.toISOString(), endedAt, status: status.name };
    runs.push({ ...run, ...(await wordsOf(client, workflowId, runId)) });
  }
  return runs.sort((a, b) => a.startedAt.localeCompare(b.startedAt));
}

type Words = Pick<RunWords, 'flow' | 'given' | 'answers' | 'result'>;

async function wordsOf(client: Client, workflowId: string, runId: string): Promise<Words> {
  const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
  const context: SerializationContext = { type: 'workflow', namespace: client.options.namespace, workflowId };
  const read = async (payloads: readonly Payload[] | null | undefined): Promise<Json> => {
    const [first] = await decodeArrayFromPayloads(client.options.loadedDataConverter, [...(payloads ?? [])], context);
    return (first ?? null) as Json;
  };
  const words: { -readonly [K in keyof Words]: Words[K] } = { flow: null, given: null, answers: [], result: null };
  const answers: RunAnswer[] = [];
  /** Which activity was asked, by the id of that event. */
  const asked = new Map<string, string>();
  for (const event of events ?? []) {
    const { activityTaskScheduledEventAttributes: scheduled, activityTaskCompletedEventAttributes: answered } = event;
    const { workflowExecutionSignaledEventAttributes: signal, workflowExecutionUpdateAcceptedEventAttributes: update } =
      event;
    const begun = event.workflowExecutionStartedEventAttributes;
    // A run that goes on from another one was given that one's place, and nothing new.
    if (begun && !begun.continuedExecutionRunId) {
      const args = (await read(begun.input?.payloads)) as unknown as Partial<FlowArgs> | null;
      words.flow = args?.flow ?? null;
      words.given = args?.input ?? null;
    }
    if (scheduled) asked.set(String(event.eventId), scheduled.activityType?.name ?? '');
    if (answered && asked.get(String(answered.scheduledEventId)) === 'callHttp')
      answers.push({ at: timeOf(event), by: 'http', words: await read(answered.result?.payloads) });
    if (signal?.signalName === taskCompleted.name) answers.push(answerOf(event, await read(signal.input?.payloads)));
    const input = update?.acceptedRequest?.input;
    if (input?.name === completeTask.name) answers.push(answerOf(event, await read(input.args?.payloads)));
    const end = event.workflowExecutionCompletedEventAttributes;
    if (end) words.result = await read(end.result?.payloads);
  }
  return { ...words, answers };
}

function answerOf(event: Event, said: Json): RunAnswer {
  return { at: timeOf(event), by: 'task', words: (said as unknown as Partial<TaskSucceeded> | null)?.output ?? null };
}

function timeOf({ eventTime }: Event): string {
  return new Date(Number(eventTime?.seconds ?? 0) * 1_000).toISOString();
}
