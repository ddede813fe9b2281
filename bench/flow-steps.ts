import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { stringify } from 'yaml';
import { flowWorkflowId } from '../src/contract-flow.ts';
import { cpuOf } from './cpu.ts';
import { type BenchStack, startBenchStack } from './stack.ts';

interface Cost {
  /** Of one run's history. */
  readonly events: number;
  readonly bytes: number;
  /** CPU ms of one run. */
  readonly node: number;
  readonly temporal: number;
}

export interface FlowStepFigures {
  readonly steps: number;
  readonly runs: number;
  readonly flow: Cost;
  readonly byHand: Cost;
}

const STEPS = 10;
const FLOW = 'ten-steps';
const IN_FLIGHT = 10;

/** A flow of ten Tasks against a workflow written by hand that asks for the same ten activities: each a request to a server on this machine. */
export async function benchFlowSteps(
  { rounds, seconds }: { readonly rounds: number; readonly seconds: number },
  say: (line: string) => void,
): Promise<FlowStepFigures> {
  const outside = await startOutside();
  const dir = await mkdtemp(join(tmpdir(), 'steward-bench-flow-'));
  const url = `http://127.0.0.1:${outside.port}/`;
  const reference = join(dir, 'support-escalation.asl.json');
  const policy = join(dir, 'http.yaml');
  await cp('flows/support-escalation.asl.json', reference);
  await writeFile(join(dir, `${FLOW}.asl.json`), JSON.stringify(flowOf(url)));
  await writeFile(policy, stringify({ hosts: [{ host: `127.0.0.1:${outside.port}`, addresses: 'any' }] }));
  const stack = await startBenchStack(say, { STEWARD_FLOW: reference, STEWARD_HTTP: policy });
  try {
    // Half of what it costs to wait would be the other's.
    await stack.stopClear();
    const works = {
      flow: () =>
        run(stack, 'runFlow', flowWorkflowId(`bench-${randomBytes(8).toString('hex')}`), [{ flow: FLOW, input: {} }]),
      byHand: () => run(stack, 'tenCalls', `bench-${randomBytes(8).toString('hex')}`, [url]),
    };
    const sums = { flow: none(), byHand: none() };
    for (const work of Object.values(works)) await measure(stack, work, 3);
    for (let round = 0; round < rounds; round++) {
      for (const name of ['flow', 'byHand'] as const) {
        const { done, node, temporal } = await measure(stack, works[name], seconds);
        say(`flow-steps: round ${round + 1} of ${rounds}, ${name}: ${done} runs`);
        const sum = sums[name];
        sums[name] = { done: sum.done + done, node: sum.node + node, temporal: sum.temporal + temporal };
      }
    }
    const cost = async (name: 'flow' | 'byHand'): Promise<Cost> => {
      const { done, node, temporal } = sums[name];
      const each = (cpuSeconds: number) => Math.round((cpuSeconds / done) * 10_000) / 10;
      return { ...(await historyOf(stack, await works[name]())), node: each(node), temporal: each(temporal) };
    };
    const runs = Math.min(sums.flow.done, sums.byHand.done);
    return { steps: STEPS, runs, flow: await cost('flow'), byHand: await cost('byHand') };
  } finally {
    await stack.stop();
    outside.stop();
    await rm(dir, { recursive: true, force: true });
  }
}

function flowOf(url: string) {
  const nameOf = (step: number) => `Step ${step + 1}`;
  const states = Array.from({ length: STEPS }, (_, step) => {
    const way = step + 1 < STEPS ? { Next: nameOf(step + 1) } : { End: true };
    return [nameOf(step), { Type: 'Task', Resource: 'module:http', Parameters: { url, method: 'GET' }, ...way }];
  });
  return { StartAt: nameOf(0), States: Object.fromEntries(states) };
}

async function run(stack: BenchStack, type: string, workflowId: string, args: unknown[]): Promise<string> {
  const { workflow } = stack.temporal.client;
  await workflow.execute(type, { workflowId, taskQueue: 'bench', args, requestEagerStart: true });
  return workflowId;
}

async function historyOf(stack: BenchStack, workflowId: string): Promise<{ events: number; bytes: number }> {
  const { raw } = await stack.temporal.client.workflow.getHandle(workflowId).describe();
  const info = raw.workflowExecutionInfo;
  return { events: Number(info?.historyLength ?? 0), bytes: Number(info?.historySizeBytes ?? 0) };
}

interface Sum {
  readonly done: number;
  readonly node: number;
  readonly temporal: number;
}

const none = (): Sum => ({ done: 0, node: 0, temporal: 0 });

/** Closed loop: as one is done, the next begins. */
async function measure(stack: BenchStack, work: () => Promise<unknown>, seconds: number): Promise<Sum> {
  const before = cpuNow(stack);
  const end = performance.now() + seconds * 1000;
  let done = 0;
  await Promise.all(
    Array.from({ length: IN_FLIGHT }, async () => {
      for (; performance.now() < end; done += 1) await work();
    }),
  );
  const after = cpuNow(stack);
  return { done, node: after.node - before.node, temporal: after.temporal - before.temporal };
}

function cpuNow({ pids }: BenchStack) {
  const { user, system } = process.cpuUsage();
  return { node: (user + system) / 1e6, temporal: cpuOf(pids.temporal) };
}

const SERVER = `require('node:http').createServer((_, answer) => answer.setHeader('content-type', 'application/json').end('{"ok":true}'))
  .listen(0, '127.0.0.1', function () { console.log(this.address().port); })`;

/** In a process of its own, so that what it takes counts for nobody. */
async function startOutside(): Promise<{ readonly port: number; readonly stop: () => void }> {
  const child: ChildProcess = spawn(process.execPath, ['-e', SERVER], { stdio: ['ignore', 'pipe', 'inherit'] });
  if (!child.stdout) throw new Error('the stand-in says nothing');
  for await (const line of createInterface({ input: child.stdout })) {
    return { port: Number(line), stop: () => void child.kill() };
  }
  throw new Error('the stand-in did not start');
}

export function flowStepAims({ flow, byHand, steps }: FlowStepFigures) {
  const ratio = (one: number, other: number) => Math.round((one / other) * 100) / 100;
  const of = `a flow of ${steps} Tasks / the same by hand`;
  return [
    { aim: `${of}: events of the history <= 1.3`, is: ratio(flow.events, byHand.events), max: 1.3 },
    { aim: `${of}: CPU ms of the worker <= 1.3`, is: ratio(flow.node, byHand.node), max: 1.3 },
  ];
}
