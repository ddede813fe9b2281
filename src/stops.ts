export interface Stops {
  readonly add: (stop: () => Promise<unknown>) => void;
  /** The last first; one that fails keeps none from its turn. Doing it twice is harmless. @throws what failed, when all had their turn */
  readonly run: () => Promise<void>;
}

/** What has to be stopped at the end, kept from the moment it has started. */
export function createStops(): Stops {
  const stops: (() => Promise<unknown>)[] = [];
  return {
    add: (stop) => void stops.push(stop),
    async run() {
      const failures: unknown[] = [];
      for (const stop of stops.splice(0).reverse()) {
        try {
          await stop();
        } catch (failure) {
          failures.push(failure);
        }
      }
      throwCollected(failures);
    },
  };
}

/** Nothing for none, the very one for one. */
export function throwCollected(failures: readonly unknown[]): void {
  if (failures.length === 0) return;
  if (failures.length === 1) throw failures[0];
  const said = failures.map((failure) => (failure instanceof Error ? failure.message : String(failure)));
  throw new AggregateError(failures, `Not all parts stopped in order: ${said.join('; ')}`);
}
