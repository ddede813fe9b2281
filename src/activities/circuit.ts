import { cancellationSignal } from '@temporalio/activity';
import type { Deps } from '../deps.ts';
import type { OpenCircuit } from '../deps-healing.ts';
import { isOutage, type Watched } from '../domain/circuit.ts';
import { type ProviderError, StewardError } from '../domain/errors.ts';

export type CircuitParts = Pick<Deps, 'healing'>;

/** A call to a provider: its failures are counted, where they are the provider's and not of this call alone. */
export async function watched<T>(
  { healing: { circuits } }: CircuitParts,
  provider: Watched,
  call: () => Promise<T>,
): Promise<T> {
  try {
    const answer = await call();
    circuits.succeeded(provider);
    return answer;
  } catch (error) {
    // Cut short because the worker stops: not the provider's answer.
    if (isOutage(error) && !cancellationSignal().aborted) await countFailure(circuits, provider, error);
    throw error;
  }
}

/** That it can't be counted must not hide the answer, nor make Temporal repeat the call. */
async function countFailure(
  circuits: CircuitParts['healing']['circuits'],
  provider: Watched,
  error: ProviderError,
): Promise<void> {
  await circuits.failed(provider, error.reason).catch(unlessOurs);
}

/** PostgreSQL is away: the next failure counts. A bug is none of that. */
export function unlessOurs(error: unknown): void {
  if (error instanceof StewardError || error instanceof TypeError) throw error;
}

/** The circuit, where the provider is to be left alone: one use of the remedy is taken. Null: it is called. */
export async function leftAlone({ healing }: CircuitParts, provider: Watched): Promise<OpenCircuit | null> {
  const circuit = await healing.circuits.open(provider);
  if (circuit === null || circuit.stopped) return null;
  return (await healing.circuits.useRemedy(circuit)) ? circuit : null;
}
