import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import { letIn } from './let-in.ts';
import { startBenchStack } from './stack.ts';

export interface DeadlineFigures {
  readonly tickets: number;
  /** How many of them have exactly one breach on their timeline, stamped with the deadline. */
  readonly struckOnce: number;
  /** From the deadline until the last one was seen written, by a look twice a second. */
  readonly seconds: number;
}

const MINUTE_MS = 60_000;

/** So many tickets whose one deadline is the same instant: their working hours begin with a later minute, whenever they came. */
export async function benchDeadlines(tickets: number, say: (line: string) => void): Promise<DeadlineFigures> {
  // Time enough to let them all in.
  const opens = Math.ceil((Date.now() + 30_000 + tickets * 60) / MINUTE_MS) * MINUTE_MS;
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
    const due = opens + 10_000;
    if (Date.now() > opens)
      throw new Error('letting the tickets in took too long: their deadlines are not one instant');
    say(`deadlines: all are due at ${new Date(due).toISOString()}`);
    await sleep(due - Date.now());
    for (;;) {
      const once = await stack.breaches(new Date(due));
      if (once >= tickets || Date.now() > due + 5 * MINUTE_MS) {
        return { tickets, struckOnce: once, seconds: Math.round((Date.now() - due) / 100) / 10 };
      }
      await sleep(500);
    }
  } finally {
    await stack.stop();
  }
}

export function deadlineAims({ tickets, struckOnce, seconds }: DeadlineFigures) {
  return [
    { aim: `${tickets} deadlines of one instant, s until the last is acted on <= 30`, is: seconds, max: 30 },
    { aim: 'deadlines lost or struck twice <= 0', is: tickets - struckOnce, max: 0 },
  ];
}
