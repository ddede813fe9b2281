import { setTimeout as sleep } from 'node:timers/promises';
import { WINDOW_MS } from './rules.ts';
import type { Scene } from './scene.ts';
import type { Fault, Outage } from './script.ts';
import { untilNothing } from './until.ts';

/** One thing breaks, and is mended where it does not mend by itself. */
export async function breakOne({ stage, child, start, standIn }: Scene, fault: Fault): Promise<void> {
  switch (fault.fault) {
    case 'kill':
      if (fault.part === 'worker') await child().kill();
      else await stage.kill(fault.part);
      await sleep(fault.down);
      return fault.part === 'worker' ? start() : stage.start(fault.part);
    case 'hang':
      await stage.hang(fault.part);
      await sleep(fault.long);
      return stage.resume(fault.part);
    case 'provider':
      return standIn(fault.provider).failNext(fault.failure, { action: ACTIONS[fault.provider] }, fault.times);
  }
}

/**
 * A provider is away as a whole, and comes back when its circuit has opened, or when nobody has called it for long. Answers how many calls came
 * within one window at most: so few may be no reason to open it.
 */
export async function outage({ standIn, db }: Scene, { provider, long }: Outage): Promise<number> {
  const { asked } = standIn(provider);
  const calls: number[] = [];
  let known = asked.length;
  let most = 0;
  const count = () => {
    const now = Date.now();
    for (; known < asked.length; known += 1) if (isOfOutage(asked[known]?.action)) calls.push(now);
    most = Math.max(most, calls.filter((at) => at > now - WINDOW_MS).length);
  };
  for (const action of OF_OUTAGE) standIn(provider).failNext('500', { action }, EVER);
  // With the worker dead in between, it took nobody's call so far.
  const isOpen = db.selectFrom('provider_incidents').select('id').where('closed_at', 'is', null);
  const begun = Date.now();
  await untilNothing(
    async () => {
      count();
      if (Date.now() - begun < long) return ['it is not over'];
      return (await isOpen.execute()).length > 0 ? [] : ['its circuit is closed'];
    },
    { soFar: async () => calls.length, every: 250, still: NOBODY_CALLS },
  );
  for (const action of OF_OUTAGE) standIn(provider).mend(action);
  return most;
}
const OF_OUTAGE: readonly string[] = ['DetectSentiment', 'DetectDominantLanguage'];
const isOfOutage = (action: string | undefined) => action !== undefined && OF_OUTAGE.includes(action);
const EVER = 100_000;
const NOBODY_CALLS = { ms: 30_000, looks: 60 };

/** What of a provider's work fails. */
const ACTIONS = {
  ses: 'SendRawEmail',
  slack: 'chat.postMessage',
  pagerDuty: 'trigger',
  comprehend: 'DetectSentiment',
} as const;
