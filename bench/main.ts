/**
 * `npm run bench [-- --json] [--seconds N]`: four kinds of work on one server in one run, one at a time and 50 in flight. Only the
 * ratios between them mean anything: machines are shared. Rounds alternate, so that a neighbour's noise falls on all alike.
 * Then the audit log on a database of its own; `--only audit [--entries N]` measures nothing else. `--only erasure [--tickets N]` erases one
 * customer with many tickets, `--only deadlines [--tickets N]` lets as many deadlines of the SLA come in one instant, and `--only clicks [--tickets N]`
 * has somebody click in Slack while as many tickets are open; `--only waiting [--tickets N]` (10,000 where nothing is said) lets tickets wait and looks at
 * what that costs; `--only flows` runs and checks flows without any server, `--only flow-steps` compares a flow of ten Tasks with the same by hand.
 * They are a part of no other run.
 */
import { randomBytes } from 'node:crypto';
import { Agent, request } from 'node:http';
import { parseArgs } from 'node:util';
import { type AuditFigures, auditAims, benchAudit } from './audit.ts';
import { benchClicks, type ClickFigures, clickAims } from './clicks.ts';
import { cpuOf } from './cpu.ts';
import { benchDeadlines, type DeadlineFigures, deadlineAims } from './deadlines.ts';
import { benchErasure, type ErasureFigures, erasureAims } from './erasure.ts';
import { benchFlowSteps, type FlowStepFigures, flowStepAims } from './flow-steps.ts';
import { benchFlows, type FlowFigures, flowAims } from './flows.ts';
import { type Kind, readOnly } from './only.ts';
import { type BenchStack, startBenchStack } from './stack.ts';
import { benchWaiting, type WaitingFigures, waitingAims } from './waiting.ts';

const { values: flags } = parseArgs({
  options: {
    json: { type: 'boolean' },
    seconds: { type: 'string', default: '8' },
    rounds: { type: 'string', default: '3' },
    /** Of the kinds these only, with commas between: for a profile, or for one question; or one of those that are runs of their own. */
    only: { type: 'string' },
    /** How long an audit log is to be verified. */
    entries: { type: 'string', default: '1000000' },
    /** How many tickets the customer who is erased has, or how many deadlines come, or clicks, or wait. */
    tickets: { type: 'string' },
  },
});
const seconds = Number(flags.seconds);
const rounds = Number(flags.rounds);
const tickets = Number(flags.tickets ?? (flags.only === 'waiting' ? 10_000 : 1_000));
const say = (line: string) => void process.stderr.write(`${line}\n`);

const TITLES: Record<Kind, string> = {
  noop: '(a) no-op workflow, eager start',
  four: '(b) four normal activities',
  ticket: '(c) a whole ticket, HTTP to recorded delivery',
  clear: '(d) the same without encryption',
};

interface Sample {
  readonly done: number;
  readonly seconds: number;
  readonly latencies: number[];
  readonly cpu: { readonly node: number; readonly temporal: number; readonly postgres: number };
}

const only = readOnly(flags.only);
if ('problem' in only) {
  say(only.problem);
  process.exit(2);
}
if ('apart' in only) {
  switch (only.apart) {
    case 'audit':
      report({ audit: await benchAudit(Number(flags.entries), say) });
      break;
    case 'erasure':
      report({ erasure: await benchErasure(tickets, say) });
      break;
    case 'deadlines':
      report({ deadlines: await benchDeadlines(tickets, say) });
      break;
    case 'clicks':
      report({ clicks: await benchClicks(tickets, say) });
      break;
    case 'waiting':
      report({ waiting: await benchWaiting(tickets, say) });
      break;
    case 'flows':
      report({ flows: await benchFlows(say) });
      break;
    case 'flow-steps':
      report({ flowSteps: await benchFlowSteps({ rounds, seconds }, say) });
  }
  process.exit(0);
}
const { kinds } = only;
const stack = await startBenchStack(say);
const agent = new Agent({ keepAlive: true, maxSockets: 100 });
try {
  const work: Record<Kind, () => Promise<unknown>> = {
    noop: () => start('noop', true),
    four: () => start('fourSteps', false),
    ticket: () => wholeTicket('encrypted'),
    clear: () => wholeTicket('clear'),
  };
  for (const kind of kinds) await measure(work[kind], 10, 2);
  const samples: Record<string, Sample[]> = {};
  for (const inFlight of [1, 50]) {
    for (let round = 0; round < rounds; round++) {
      for (const kind of kinds) {
        say(`${TITLES[kind]}, ${inFlight} in flight, round ${round + 1} of ${rounds}`);
        samples[`${kind}/${inFlight}`] ??= [];
        samples[`${kind}/${inFlight}`]?.push(await measure(work[kind], inFlight, seconds));
        await stack.clearDesks();
      }
    }
  }
  const history = await historyOf(stack);
  report({ samples, history, audit: flags.only ? undefined : await benchAudit(Number(flags.entries), say) });
} finally {
  agent.destroy();
  await stack.stop();
}

function start(type: string, requestEagerStart: boolean): Promise<unknown> {
  const workflowId = `bench-${randomBytes(8).toString('hex')}`;
  return stack.temporal.client.workflow.execute(type, { workflowId, taskQueue: 'bench', args: [], requestEagerStart });
}

/** From POST /v1/events to the delivery that is recorded as sent. */
async function wholeTicket(half: keyof BenchStack['ports']): Promise<string> {
  const ticketId = `BENCH-${randomBytes(8).toString('hex')}`;
  const recorded = new Promise<void>((resolve) => stack.recorded.set(ticketId, resolve));
  const body = JSON.stringify({
    source: 'support.platform',
    'detail-type': 'ticket.created',
    detail: {
      ticketId,
      customerId: `CUST-${ticketId}`,
      subject: 'Login issue',
      message: "I can't access my account.",
      sentimentScore: -0.7,
      customerTier: 'premium',
    },
  });
  const status = await post(body, stack.ports[half]);
  if (status !== 202) throw new Error(`POST /v1/events answered ${status}`);
  await recorded;
  stack.recorded.delete(ticketId);
  return ticketId;
}

function post(body: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${stack.apiKey}`, 'content-type': 'application/json' };
    const sent = request(
      { host: '127.0.0.1', port, path: '/v1/events', method: 'POST', agent, headers },
      (response) => {
        response.resume();
        response.once('end', () => resolve(response.statusCode ?? 0));
      },
    );
    sent.once('error', reject);
    sent.end(body);
  });
}

/** Closed loop: as one is done, the next begins. */
async function measure(work: () => Promise<unknown>, inFlight: number, forSeconds: number): Promise<Sample> {
  const latencies: number[] = [];
  const cpuBefore = cpuNow();
  const begun = performance.now();
  const end = begun + forSeconds * 1000;
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      while (performance.now() < end) {
        const from = performance.now();
        await work();
        latencies.push(performance.now() - from);
      }
    }),
  );
  const took = (performance.now() - begun) / 1000;
  const cpu = cpuNow();
  return {
    done: latencies.length,
    seconds: took,
    latencies,
    cpu: {
      node: cpu.node - cpuBefore.node,
      temporal: cpu.temporal - cpuBefore.temporal,
      postgres: cpu.postgres - cpuBefore.postgres,
    },
  };
}

function cpuNow() {
  const { user, system } = process.cpuUsage();
  return { node: (user + system) / 1e6, temporal: cpuOf(stack.pids.temporal), postgres: cpuOf(stack.pids.postgres) };
}

async function historyOf({ temporal }: BenchStack): Promise<{ events: number; bytes: number }> {
  const ticketId = await wholeTicket('encrypted');
  const handle = temporal.client.workflow.getHandle(`ticket-${ticketId}`);
  // The workflow task that records the decision must be over: it is when the query is answered.
  await handle.query('ticket');
  const { raw } = await handle.describe();
  const info = raw.workflowExecutionInfo;
  return { events: Number(info?.historyLength ?? 0), bytes: Number(info?.historySizeBytes ?? 0) };
}

/** What was measured in this run. */
interface Measured {
  readonly samples?: Record<string, Sample[]>;
  readonly history?: { readonly events: number; readonly bytes: number };
  readonly audit?: AuditFigures | undefined;
  readonly erasure?: ErasureFigures;
  readonly deadlines?: DeadlineFigures;
  readonly clicks?: ClickFigures;
  readonly waiting?: WaitingFigures;
  readonly flows?: FlowFigures;
  readonly flowSteps?: FlowStepFigures;
}

function report(measured: Measured): void {
  const {
    samples = {},
    history = { events: 0, bytes: 0 },
    audit,
    erasure,
    deadlines,
    clicks,
    waiting,
    flows,
    flowSteps,
  } = measured;
  const rows = Object.entries(samples).map(([key, list]) => {
    const [kind, inFlight] = key.split('/') as [Kind, string];
    const done = sum(list, (s) => s.done);
    const latencies = list.flatMap((s) => s.latencies).sort((a, b) => a - b);
    const perTicket = (part: keyof Sample['cpu']) => round((sum(list, (s) => s.cpu[part]) / done) * 1000);
    return {
      kind,
      inFlight: Number(inFlight),
      perSecond: round(done / sum(list, (s) => s.seconds)),
      p50: round(quantile(latencies, 0.5)),
      p99: round(quantile(latencies, 0.99)),
      cpuMs: { node: perTicket('node'), temporal: perTicket('temporal'), postgres: perTicket('postgres') },
    };
  });
  const of = (kind: Kind, inFlight: number) => rows.find((row) => row.kind === kind && row.inFlight === inFlight);
  const ratio = (x: number | undefined, y: number | undefined) => Math.round(((x ?? 0) / (y ?? 1)) * 100) / 100;
  const cpuOfTicket = (kind: Kind) => {
    const { node = 0, temporal = 0, postgres = 0 } = of(kind, 50)?.cpuMs ?? {};
    return node + temporal + postgres;
  };
  const ticketAims = [
    {
      aim: '(c) / (a) tickets/s at 50 in flight >= 0.55',
      is: ratio(of('ticket', 50)?.perSecond, of('noop', 50)?.perSecond),
      min: 0.55,
    },
    {
      aim: '(c) / (b) tickets/s at 50 in flight >= 2',
      is: ratio(of('ticket', 50)?.perSecond, of('four', 50)?.perSecond),
      min: 2,
    },
    { aim: '(c) / (a) p50 one at a time <= 2.5', is: ratio(of('ticket', 1)?.p50, of('noop', 1)?.p50), max: 2.5 },
    {
      aim: 'encryption: CPU per ticket (c) / (d) at 50 in flight <= 1.15',
      is: ratio(cpuOfTicket('ticket'), cpuOfTicket('clear')),
      max: 1.15,
    },
    { aim: 'history events at the decision <= 20', is: history.events, max: 20 },
    { aim: 'history bytes at the decision <= 12000', is: history.bytes, max: 12_000 },
  ];
  const aims = [
    ...(rows.length > 0 ? ticketAims : []),
    ...(audit ? auditAims(audit) : []),
    ...(erasure ? erasureAims(erasure) : []),
    ...(deadlines ? deadlineAims(deadlines) : []),
    ...(clicks ? clickAims(clicks) : []),
    ...(waiting ? waitingAims(waiting) : []),
    ...(flows ? flowAims(flows) : []),
    ...(flowSteps ? flowStepAims(flowSteps) : []),
  ].map((aim) => ({
    ...aim,
    met: 'min' in aim ? aim.is >= Number(aim.min) : aim.is <= Number(aim.max),
  }));
  if (flags.json) {
    process.stdout.write(`${JSON.stringify({ ...measured, samples: undefined, rows, history, aims }, null, 2)}\n`);
    return;
  }
  const head = ['', 'in flight', 'per s', 'p50 ms', 'p99 ms', 'CPU ms: node', 'temporal', 'postgres'];
  const table = rows.map((r) => [
    TITLES[r.kind],
    ...[r.inFlight, r.perSecond, r.p50, r.p99, r.cpuMs.node, r.cpuMs.temporal, r.cpuMs.postgres].map(String),
  ]);
  if (rows.length > 0) sayTable([head, ...table]);
  if (audit) {
    const { appended, appendP99Ms, entries, placedPerSecond } = audit;
    const lines = [`appended one at a time: ${appended}, p99 ${appendP99Ms} ms`, `verified: ${entries} entries`];
    process.stdout.write(`The audit log: ${[...lines, `placed: ${placedPerSecond} per s`].join('; ')}\n\n`);
  }
  if (erasure)
    process.stdout.write(`Until Temporal knew none of the histories any more: ${erasure.absentSeconds} s\n\n`);
  if (clicks) process.stdout.write(`Clicks: p50 ${clicks.p50} ms; all claimed after ${clicks.seconds} s\n\n`);
  if (waiting) {
    const { idle, empty, memory } = waiting;
    const cpu = `CPU ${idle.node} % of a core (${empty.node} % with none), the Temporal server ${idle.temporal} % (${empty.temporal} %)`;
    process.stdout.write(`Waiting: ${cpu}; memory ${memory.tenth} MB with a tenth, ${memory.all} MB with all\n\n`);
  }
  if (flowSteps) {
    const { flow, byHand, steps, runs } = flowSteps;
    const rowOf = (name: string, { events, bytes, node, temporal }: typeof flow) => [
      name,
      ...[events, bytes, node, temporal].map(String),
    ];
    process.stdout.write(`${steps} steps, each ${runs} times at least\n`);
    sayTable([['', 'events', 'bytes', 'CPU ms: node', 'temporal'], rowOf('a flow', flow), rowOf('by hand', byHand)]);
  }
  for (const { aim, is, met } of aims) process.stdout.write(`${met ? 'met   ' : 'MISSED'}  ${aim}: ${is}\n`);
}

function sayTable(rows: readonly (readonly string[])[]): void {
  const [head = [], ...table] = rows;
  const widths = head.map((name, i) => Math.max(name.length, ...table.map((row) => row[i]?.length ?? 0)));
  for (const row of [head, ...table]) {
    process.stdout.write(
      `${row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  ')}\n`,
    );
  }
  process.stdout.write('\n');
}

function sum<T>(list: readonly T[], of: (item: T) => number): number {
  return list.reduce((total, item) => total + of(item), 0);
}
function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0;
}
function round(value: number): number {
  return Math.round(value * 10) / 10;
}
