import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import { cpuOf } from './cpu.ts';
import { letIn } from './let-in.ts';
import { type BenchStack, startBenchStack } from './stack.ts';

export interface DeadlineFigures {
  readonly tickets: number;
  /** How many of them have exactly one breach on their timeline, stamped with the deadline. */
  readonly struckOnce: number;
  /** From the deadline until the last one was seen written, by a look twice a second. */
  readonly seconds: number;
  /** CPU seconds that it took meanwhile; of PostgreSQL by the backends that were there all the time. */
  readonly cpu: { readonly node: number; readonly temporal: number; readonly postgres: number };
}

const MINUTE_MS = 60_000;

/** So many tickets whose one deadline is the same instant: their working hours begin with a later minute, whenever they came. */
export async function benchDeadlines(tickets: number, say: (line: string) => void): Promise<DeadlineFigures> {
  // Time enough to let them all in.
  const opens = Math.ceil((Date.now() + 30_000 + tickets * 120) / MINUTE_MS) * MINUTE_MS;
  const at = new Date(opens).toISOString().slice(11, 16);
  const days = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];
  const week = Object.fromEntries(days.map((day) => [day, [`${at}-24:00`]]));
  const file = join(tmpdir(), `bench-sla-${randomBytes(6).toString('hex')}.yaml`);
  const policies = [{ name: 'one instant', calendar: 'later', firstResponse: '10 s', warnAt: '99%' }];
  await writeFile(file, stringify({ calendars: { later: { timeZone: 'UTC', week } }, policies }));
  const stack = await startBenchStack(say, { STEWARD_SLA: file });
  try {
    say(`deadlines: letting ${tickets} tickets in`);
    await letIn(stack, tickets);
    // What is still on its way in would be counted with the deadlines.
    while ((await stack.waiting().catch(() => 0)) < tickets && Date.now() < opens) await sleep(500);
    const due = opens + 10_000;
    if (Date.now() > opens)
      throw new Error('letting the tickets in took too long: their deadlines are not one instant');
    say(`deadlines: all are due at ${new Date(due).toISOString()}`);
    await sleep(due - Date.now());
    const before = cpuNow(stack);
    for (;;) {
      const once = await stack.breaches(new Date(due));
      if (once >= tickets || Date.now() > due + 5 * MINUTE_MS) {
        const after = cpuNow(stack);
        const used = (part: keyof typeof after) => Math.round((after[part] - before[part]) * 10) / 10;
        const cpu = { node: used('node'), temporal: used('temporal'), postgres: used('postgres') };
        return { tickets, struckOnce: once, seconds: Math.round((Date.now() - due) / 100) / 10, cpu };
      }
      await sleep(500);
    }
  } finally {
    await stack.stop();
  }
}

function cpuNow({ pids }: BenchStack): DeadlineFigures['cpu'] {
  const { user, system } = process.cpuUsage();
  return { node: (user + system) / 1e6, temporal: cpuOf(pids.temporal), postgres: cpuOf(pids.postgres) };
}

export function deadlineAims({ tickets, struckOnce, seconds }: DeadlineFigures) {
  return [
    { aim: `${tickets} deadlines of one instant, s until the last is acted on <= 30`, is: seconds, max: 30 },
    { aim: 'deadlines lost or struck twice <= 0', is: tickets - struckOnce, max: 0 },
  ];
}
