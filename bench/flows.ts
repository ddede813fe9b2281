import { readFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import type { Json } from '../src/domain/json.ts';
import { MODULES } from '../src/domain/modules.ts';
import { checkFlow } from '../src/flow/check.ts';
import { type Mocks, readMocks } from '../src/flow/mocks.ts';
import { parseFlow } from '../src/flow/parse.ts';
import { tryFlow } from '../src/flow/trial.ts';
import { writtenProblem } from '../src/jsonata/answer.ts';

export interface FlowFigures {
  /** Runs of the reference flow from its start to its end, per s of CPU. */
  readonly trialsPerSecond: number;
  /** CPU seconds of checking 1,000 definitions, no two of them alike. */
  readonly checkSeconds: number;
}

const REFERENCE = 'flows/support-escalation.asl.json';
const TRIALS = 40_000;
const DEFINITIONS = 1_000;

/** In this process alone, by CPU time: a neighbour on the machine does not count. */
export async function benchFlows(say: (line: string) => void): Promise<FlowFigures> {
  const definition = JSON.parse(await readFile(REFERENCE, 'utf8')) as { readonly States: Record<string, Json> };
  say(`flows: ${cpus().length} cores; ${TRIALS} trials of the reference flow, ${DEFINITIONS} definitions to check`);
  return { trialsPerSecond: await trials(definition), checkSeconds: checks(definition) };
}

async function trials(definition: unknown): Promise<number> {
  const flow = parseFlow(definition, 'bench');
  const answers: Json = {
    AnalyzeTicket: [{ result: { priority: 'LOW', customerHistory: { isNew: true } } }],
    SendWelcomeEmail: [{ result: { delivered: true } }],
    ResolveWithBot: [{ result: { answered: true, articleId: 'refunds' } }],
  };
  const { mocks } = readMocks(answers, [...flow.states.keys()]);
  const input: Json = { detail: { ticketId: 'TKT-1', message: 'Where is my order?' } };
  await run(TRIALS / 10);
  const before = process.cpuUsage();
  await run(TRIALS);
  return Math.round(TRIALS / cpuSince(before));

  async function run(times: number): Promise<void> {
    for (let i = 0; i < times; i += 1) await once(flow, input, mocks);
  }
}

async function once(flow: ReturnType<typeof parseFlow>, input: Json, mocks: Mocks): Promise<void> {
  const { status } = await tryFlow(flow, input, { mocks, now: 0 });
  if (status !== 'succeeded') throw new Error(`the trial ${status}`);
}

function checks(definition: { readonly States: Record<string, Json> }): number {
  const all = Array.from({ length: DEFINITIONS }, (_, i) => {
    const renamed = JSON.stringify(definition).replaceAll('ResolveWithBot', `Resolve${i}`);
    return JSON.parse(renamed) as unknown;
  });
  const before = process.cpuUsage();
  for (const one of all) checkFlow(one, { modules: MODULES, bound: 'warning', written: writtenProblem });
  return Math.round(cpuSince(before) * 100) / 100;
}

function cpuSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

export function flowAims({ trialsPerSecond, checkSeconds }: FlowFigures) {
  return [
    { aim: 'trials of the reference flow in one process, per s of CPU >= 20000', is: trialsPerSecond, min: 20_000 },
    { aim: `checking ${DEFINITIONS} definitions, s of CPU <= 2`, is: checkSeconds, max: 2 },
  ];
}
