import { setImmediate as othersTurn } from 'node:timers/promises';
import { type Limits, type Refusal, tooDeep, tooLong } from './limits.ts';

/** Counts what an evaluation does, ends it when that is too much, and lets others have their turn meanwhile. */
export interface Budget {
  /** @throws Refusal when more than the limit is used up */
  charge(units: number): void;
  /** A part of the expression begins to be evaluated. To be awaited where it returns something: others have their turn. */
  enter(): Promise<void> | undefined;
  leave(): void;
  /** As `enter` and `leave`, before something that may last long by itself. */
  rest(): Promise<void> | undefined;
  /** Others have their turn just now. */
  isResting(): boolean;
  /** Whatever still runs of this evaluation ends at its next step. */
  close(why: Refusal): void;
}

/** How many steps there are between two looks at the clock. */
const LOOK_EVERY = 32;

export function createBudget(limits: Limits): Budget {
  let left = limits.work;
  let pending = 0;
  let steps = 0;
  let closed: Refusal | undefined;
  let turn: Promise<void> | undefined;
  let since = performance.now();

  const charge = (units: number): void => {
    if (closed) throw closed;
    left -= units;
    if (left >= 0) return;
    closed = tooLong(`it takes more than ${limits.work} steps`);
    throw closed;
  };

  const giveTurn = async (): Promise<void> => {
    await othersTurn();
    since = performance.now();
    turn = undefined;
  };

  const lookAtClock = (): void => {
    if (!turn && performance.now() - since > limits.slice) turn = giveTurn();
  };

  return {
    charge,
    rest() {
      charge(1);
      lookAtClock();
      return turn;
    },
    enter() {
      charge(1);
      if (++pending > limits.pending) {
        closed = tooDeep(
          `more than ${limits.pending} evaluations wait for each other; is there a recursion without end?`,
        );
        throw closed;
      }
      // Parts of an object are evaluated beside each other: all of them wait.
      if (++steps % LOOK_EVERY === 0) lookAtClock();
      return turn;
    },
    leave() {
      pending--;
    },
    isResting: () => turn !== undefined,
    close(why) {
      closed ??= why;
    },
  };
}
