/** Where a program that a test kills stands still, for good: the test kills it there. */

/** `before` or `after`, the step's name, and which of these in this process, from 1. */
export interface Point {
  readonly when: 'before' | 'after';
  readonly step: string;
  readonly nth?: number;
}

export interface Holding {
  /** The same call, which stands still where the plan says; undefined: no step. Writes `did STEP` when it has ended. */
  guard<A extends readonly unknown[], R>(
    call: (...args: A) => Promise<R>,
    step: string | ((...args: A) => string | undefined),
  ): (...args: A) => Promise<R>;
  /** Stands still here, where this is the point. */
  at(when: Point['when'], step: string): Promise<void>;
}

/** Holds at one point of the plan, which is the JSON of a `Point`, or empty. Writes `held before|after STEP`. */
export function holdAt(plan: string): Holding {
  const point = plan === '' ? undefined : (JSON.parse(plan) as Point);
  const seen = new Map<string, number>();
  const at = async (when: Point['when'], step: string) => {
    const key = `${when} ${step}`;
    const nth = (seen.get(key) ?? 0) + 1;
    seen.set(key, nth);
    if (point === undefined || key !== `${point.when} ${point.step}` || nth !== (point.nth ?? 1)) return;
    process.stdout.write(`held ${key}\n`);
    await new Promise(() => {});
  };
  return {
    at,
    guard:
      (call, name) =>
      async (...args) => {
        const step = typeof name === 'string' ? name : name(...args);
        if (step === undefined) return call(...args);
        await at('before', step);
        // A step that failed has ended too.
        const result = await call(...args).finally(() => at('after', step));
        process.stdout.write(`did ${step}\n`);
        return result;
      },
  };
}
