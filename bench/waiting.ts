import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import { cpuOf } from './cpu.ts';
import { letIn } from './let-in.ts';
import { type BenchStack, startBenchStack } from './stack.ts';

export interface WaitingFigures {
  readonly tickets: number;
  /** While all wait and nothing falls due: CPU of the process (worker and gateway), and of the Temporal server, in % of a core. */
  readonly idle: { readonly node: number; readonly temporal: number };
  /** The process without any ticket: what its pollers cost. */
  readonly empty: { readonly node: number; readonly temporal: number };
  /** Resident memory of the process in MB, with a tenth of the tickets and with all. */
  readonly memory: { readonly tenth: number; readonly all: number };
  /** Read from the database at the end: open tickets with a clock that runs. */
  readonly open: number;
}

const SETTLE_MS = 15_000;
const LOOK_MS = 60_000;
/** As many as a person has: the others wait in line, as they do where ten thousand wait. */
const CAPACITY = 10;

/** Lets so many tickets wait for a person under a clock of days, and looks at what that costs. */
export async function benchWaiting(tickets: number, say: (line: string) => void): Promise<WaitingFigures> {
  const [sla, escalation] = await Promise.all([
    policyFile('sla', {
      policies: [{ name: 'days', calendar: 'always', firstResponse: '720 h', resolution: '1440 h' }],
    }),
    policyFile('escalation', { paths: [] }),
  ]);
  const stack = await startBenchStack(say, { STEWARD_SLA: sla, STEWARD_ESCALATION: escalation }, CAPACITY);
  try {
    await stack.stopClear();
    await sleep(SETTLE_MS);
    const empty = await idle(stack);
    await wait(stack, tickets / 10, say);
    const tenth = await memory();
    await wait(stack, tickets - tickets / 10, say);
    const all = await memory();
    say(`waiting: looking on for ${LOOK_MS / 1000} s`);
    return { tickets, idle: await idle(stack), empty, memory: { tenth, all }, open: await stack.waiting() };
  } finally {
    await stack.stop();
  }
}

async function policyFile(name: string, content: object): Promise<string> {
  const file = join(tmpdir(), `bench-${name}-${randomBytes(6).toString('hex')}.yaml`);
  await writeFile(file, stringify(content));
  return file;
}

async function wait(stack: BenchStack, more: number, say: (line: string) => void): Promise<void> {
  say(`waiting: letting ${more} tickets in`);
  const before = await stack.waiting();
  await letIn(stack, more, (ticketId) => ({ customerId: `CUST-${ticketId}` }));
  // A look that finds the database busy is not the last one.
  while ((await stack.waiting().catch(() => 0)) < before + more) await sleep(500);
}

/** The least of some looks: what garbage there is goes when it is collected, not when it is made. */
async function memory(): Promise<number> {
  await sleep(SETTLE_MS);
  let least = Number.POSITIVE_INFINITY;
  for (let look = 0; look < 10; look++) {
    least = Math.min(least, process.memoryUsage().rss);
    await sleep(500);
  }
  return Math.round(least / 1e6);
}

async function idle(stack: BenchStack): Promise<{ node: number; temporal: number }> {
  const cpu = () => {
    const { user, system } = process.cpuUsage();
    return { node: (user + system) / 1e6, temporal: cpuOf(stack.pids.temporal) };
  };
  const [before, begun] = [cpu(), performance.now()];
  await sleep(LOOK_MS);
  const [after, seconds] = [cpu(), (performance.now() - begun) / 1000];
  const share = (part: 'node' | 'temporal') => Math.round(((after[part] - before[part]) / seconds) * 1000) / 10;
  return { node: share('node'), temporal: share('temporal') };
}

export function waitingAims({ tickets, idle, empty, memory, open }: WaitingFigures) {
  return [
    { aim: `${tickets} tickets that wait: CPU of the process in % of a core <= 2`, is: idle.node, max: 2 },
    { aim: 'the same, beyond what it takes with no ticket <= 2', is: round(idle.node - empty.node), max: 2 },
    {
      aim: `memory with ${tickets} tickets / with a tenth of them <= 1.2`,
      is: round(memory.all / memory.tenth),
      max: 1.2,
    },
    { aim: 'tickets that do not wait under a clock <= 0', is: tickets - open, max: 0 },
  ];
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
