import { setTimeout as sleep } from 'node:timers/promises';
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

/** A provider is away as a whole, and comes back. */
export async function outage({ standIn, db }: Scene, { provider, long }: Outage): Promise<void> {
  for (const action of OF_OUTAGE) standIn(provider).failNext('500', { action }, EVER);
  await sleep(long);
  // With the worker dead in between, it took nobody's call so far.
  const isOpen = db.selectFrom('provider_incidents').select('id').where('closed_at', 'is', null);
  await untilNothing(async () => ((await isOpen.execute()).length > 0 ? [] : ['its circuit is closed']), {
    ms: OPENS_IN_MS,
  });
  for (const action of OF_OUTAGE) standIn(provider).mend(action);
}
const OF_OUTAGE = ['DetectSentiment', 'DetectDominantLanguage'] as const;
const EVER = 100_000;
const OPENS_IN_MS = 30_000;

/** What of a provider's work fails. */
const ACTIONS = {
  ses: 'SendRawEmail',
  slack: 'chat.postMessage',
  pagerDuty: 'trigger',
  comprehend: 'DetectSentiment',
} as const;
