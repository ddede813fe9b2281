import { condition } from '@temporalio/workflow';
import { mailing } from './erase-activities.ts';
import type { Matter } from './erase-matter.ts';
import { failureOf } from './failure.ts';

/** Beside the main line: officers hear before the legal period ends, and when it has. An extension moves both. */
export function watchDeadline(matter: Matter): void {
  void watch(matter, 'warning', () => matter.dueAt - matter.timings.warnMs);
  void watch(matter, 'late', () => matter.dueAt);
}

async function watch(matter: Matter, what: 'warning' | 'late', at: () => number): Promise<void> {
  const over = () => matter.ended || matter.state === 'looking';
  const summary = what === 'late' ? 'The legal period ends' : 'Warning';
  while (!over()) {
    const end = at();
    const left = end - Date.now();
    if (left > 0) await condition(() => over() || at() !== end, left, { summary });
    if (over() || at() > Date.now()) continue;
    try {
      await mailing(matter).mailOfficers(matter.requestId, what);
    } catch (error) {
      failureOf(error);
      await condition(over, TELL_AGAIN_MS, { summary: `${what}: the mail did not go out` });
      continue;
    }
    await condition(() => over() || at() > end);
  }
}

const TELL_AGAIN_MS = 3_600_000;
