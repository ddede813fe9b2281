/** Temporal asked by somebody who waits for an answer. */
import type { Client } from '@temporalio/client';
import type { StewardClient } from '../client.ts';
import { StewardError } from '../domain/errors.ts';

/**
 * Temporal answers in milliseconds, and while it moves a shard within a second or two. Beyond that who sent the request should hear
 * that it is away while still listening: EventBridge hangs up after 5 s.
 */
export const TEMPORAL_PATIENCE_MS = 4_000;

/** The client as the gateway has it: what it starts and tells ends in time, or with Unavailable. */
export function patient(client: StewardClient, temporal: Client, ms = TEMPORAL_PATIENCE_MS): StewardClient {
  return {
    ...client,
    submit: (envelope) => inTime(temporal, ms, () => client.submit(envelope)),
    requestErasure: (...said) => inTime(temporal, ms, () => client.requestErasure(...said)),
    tellProved: (...said) => inTime(temporal, ms, () => client.tellProved(...said)),
    operateErasure: (...said) => inTime(temporal, ms, () => client.operateErasure(...said)),
    withdrawErasure: (...said) => inTime(temporal, ms, () => client.withdrawErasure(...said)),
    tell: (...said) => inTime(temporal, ms, () => client.tell(...said)),
    decide: (...said) => inTime(temporal, ms, () => client.decide(...said)),
    flows: {
      ...client.flows,
      start: (...said) => inTime(temporal, ms, () => client.flows.start(...said)),
      answer: (...said) => inTime(temporal, ms, () => client.flows.answer(...said)),
    },
    tasks: {
      start: (...said) => inTime(temporal, ms, () => client.tasks.start(...said)),
      decide: (...said) => inTime(temporal, ms, () => client.tasks.decide(...said)),
      delegate: (...said) => inTime(temporal, ms, () => client.tasks.delegate(...said)),
      click: (...said) => inTime(temporal, ms, () => client.tasks.click(...said)),
      withdraw: (...said) => inTime(temporal, ms, () => client.tasks.withdraw(...said)),
      callOff: (...said) => inTime(temporal, ms, () => client.tasks.callOff(...said)),
    },
  };
}

/**
 * The deadline ends a call that hangs, so that none pile up; it does not end the SDK's own retries of one that is refused, which go on
 * for 6 to 10 s (measured). Hence the timer. A call that nobody waits for any more may still take effect: a repeat is taken once.
 */
async function inTime<T>(temporal: Client, ms: number, call: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = new StewardError('Unavailable', `Temporal has not answered within ${ms} ms`);
    timer = setTimeout(reject, ms, error);
  });
  const answer = temporal.withDeadline(Date.now() + ms, call);
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}
