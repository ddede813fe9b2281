import type { Operations } from '../client.ts';
import type { TicketView } from '../contract.ts';
import { type Context, type JsonOption, sayJson } from './context.ts';
import { readJsonOption } from './input.ts';

export interface StepOptions extends JsonOption {
  readonly step?: string;
}
export interface FixOptions extends StepOptions {
  readonly input: string;
}
export interface SkipOptions extends StepOptions {
  readonly result: string;
}

/** `retry` and `abort` of a parked step; without `--step` the one that was parked first. */
export async function again(context: Context, act: 'retry' | 'abort', id: string, options: StepOptions): Promise<void> {
  await operate(context, id, act, stepOf(options), options);
}

export async function fix(context: Context, id: string, options: FixOptions): Promise<void> {
  const input = await readJsonOption('--input', options.input, context.readText);
  await operate(context, id, 'fix', { ...stepOf(options), input }, options);
}

export async function skip(context: Context, id: string, options: SkipOptions): Promise<void> {
  const result = await readJsonOption('--result', options.result, context.readText);
  await operate(context, id, 'skip', { ...stepOf(options), result }, options);
}

async function operate<K extends keyof Operations>(
  context: Context,
  id: string,
  act: K,
  args: Operations[K],
  options: StepOptions,
): Promise<void> {
  const steward = await context.steward();
  const view = await steward.operate(id, act, args);
  if (options.json) return sayJson(context, view);
  context.out(`${id}: ${DONE[act]}${options.step === undefined ? '' : ` (${options.step})`}. ${sayNow(view)}\n`);
}

const DONE: Readonly<Record<keyof Operations, string>> = {
  retry: 'the step is tried again',
  fix: 'the step is tried again with the new input',
  skip: 'the step is skipped',
  abort: 'the step is given up; where it was the flow’s, a person takes the ticket',
};

function sayNow(view: TicketView): string {
  return `It waits for ${view.waitingFor}.`;
}

function stepOf(options: StepOptions): { step?: string } {
  return options.step === undefined ? {} : { step: options.step };
}
