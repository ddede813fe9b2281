/** How a process of Steward is asked to end, and how it does. */
import { StewardError, sayAtLength, sayCauses } from './domain/errors.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const NUMBERS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;
type EndSignal = (typeof SIGNALS)[number];

/** One Ctrl-C may come several times: from the terminal, from npm, and from the shell between them. */
const SAME_MS = 1_000;

export interface Ending {
  /** Aborts at the first signal. */
  readonly asked: AbortSignal;
  readonly hear: (signal: EndSignal) => void;
}

/** @param exit what a signal does that comes when the first one has had its time */
export function createEnding(now: () => number, exit: (code: number) => void): Ending {
  const controller = new AbortController();
  let first = 0;
  return {
    asked: controller.signal,
    hear(signal) {
      if (!controller.signal.aborted) {
        first = now();
        controller.abort();
      } else if (now() - first > SAME_MS) {
        exit(128 + NUMBERS[signal]);
      }
    },
  };
}

/**
 * Listens for signals from now on. The first one asks for an end in order, whatever is under way; one that comes more than a second
 * later ends the process on the spot, by `exit`, so that the servers it started are told.
 */
export function askedToEnd(): AbortSignal {
  const { asked, hear } = createEnding(
    () => performance.now(),
    (code) => process.exit(code),
  );
  for (const signal of SIGNALS) process.on(signal, hear);
  // A terminal that has hung up takes no more words; that must not end us before the servers are stopped.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  return asked;
}

export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** For work that can't be aborted: its result, or the signal's reason as soon as that aborts. */
export function orAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** What a process says of that which ended it; only what nobody foresaw shows its stack. */
export function sayFailure(error: unknown): string {
  if (error instanceof StewardError) return sayAtLength(error);
  const { stack, cause } = error instanceof Error ? error : { stack: undefined, cause: undefined };
  // Some come without a word of their own, and a stack shows no causes.
  return `${stack ?? String(error)}${cause === undefined ? '' : `\ncaused by ${sayCauses(cause)}`}`;
}

export interface Failures {
  /** Says each once: what ended a part is met again when that part is stopped. */
  readonly tell: (error: unknown) => void;
  /** 1 when something was told. */
  readonly exitCode: () => number;
}

export function createFailures(say: (words: string, code: string) => void): Failures {
  const told = new Set<unknown>();
  return {
    tell(error) {
      if (!told.has(error)) say(sayFailure(error), error instanceof StewardError ? error.code : 'Unforeseen');
      told.add(error);
    },
    exitCode: () => (told.size === 0 ? 0 : 1),
  };
}

/** Ends the process once what was said has gone out. `exit` is needed: the SDK's runtime has threads that keep a process alive. */
export async function leave(code: number): Promise<never> {
  const streams = [process.stdout, process.stderr];
  await Promise.all(streams.map((stream) => new Promise<void>((done) => void stream.write('', () => done()))));
  process.exit(code);
}
