import { setTimeout as sleep } from 'node:timers/promises';
import type { Scene } from './scene.ts';
import type { Fault } from './script.ts';

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

/** What of a provider's work fails. */
const ACTIONS = {
  ses: 'SendRawEmail',
  slack: 'chat.postMessage',
  pagerDuty: 'trigger',
  comprehend: 'DetectSentiment',
} as const;
