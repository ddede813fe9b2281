/** Flows run without a ticket. */
import { randomUUID } from 'node:crypto';
import type { FlowEnd } from '../deps-flow.ts';
import { StewardError } from '../domain/errors.ts';
import type { Json } from '../domain/json.ts';
import { type Context, type JsonOption, sayJson } from './context.ts';
import { nameOf, parseJson } from './input.ts';
import { sayTable } from './say.ts';

export interface RunFlowOptions extends JsonOption {
  readonly input?: string;
  readonly id?: string;
  readonly customer?: string;
  readonly wait?: boolean;
}

/** Answers whether it succeeded, as far as it was waited for. @throws StewardError InvalidRequest */
export async function runFlow(
  context: Context,
  flow: string,
  options: RunFlowOptions,
): Promise<{ readonly ok: boolean }> {
  const { input: file, id = randomUUID(), customer, wait, json = false } = options;
  const input =
    file === undefined ? {} : (parseJson(await context.readText(file), nameOf(file), 'InvalidRequest') as Json);
  const flows = await context.flows();
  const args = { flow, input, ...(customer === undefined ? {} : { customerId: customer }) };
  const started = { id, ...(await flows.start(id, args)) };
  if (!wait) {
    if (json) sayJson(context, started);
    else context.out(`${sayStarted(started)}\n`);
    return { ok: true };
  }
  // What another one came to is not this command's: whoever reads it goes by the codec, which logs who did.
  if (started.known) {
    throw new StewardError(
      'RequestConflict',
      `--id: there was a run ${id} already, and nothing was started; \`npx steward flow show ${id}\` says how it stands`,
    );
  }
  const end = await flows.end(id);
  if (json) sayJson(context, { ...started, ...end });
  else context.out(`${sayEnd(end)}\n`);
  return { ok: end.status === 'succeeded' };
}

function sayStarted({ id, workflowId, known }: { id: string; workflowId: string; known: boolean }): string {
  return sayTable([
    ['Run', known ? `${id} (known already: nothing was started)` : id],
    ['Workflow', workflowId],
    ['How it stands', `npx steward flow show ${id}`],
  ]);
}

function sayEnd(end: FlowEnd): string {
  if (end.status === 'succeeded') return JSON.stringify(end.output, null, 2);
  return `failed: ${end.error}${end.cause === '' ? '' : `: ${end.cause}`}`;
}

/** How a run stands. @throws StewardError FlowRunUnknown */
export async function showFlowRun(context: Context, id: string, { json }: JsonOption): Promise<void> {
  const flows = await context.flows();
  const view = await flows.describe(id);
  if (json) return sayJson(context, view);
  const rows = [
    ['Run', view.id],
    ['Flow', `${view.flow}, version ${view.version}`],
    ['At', view.at ?? 'its end'],
    ['Waits for', view.waitingFor],
  ];
  context.out(`${sayTable(rows)}\n`);
}
