import type { Environment } from './temporal-version.ts';

/** One way to come by the program: puts it into `dir` and answers its path, or throws why it could not. */
export type Source = (request: {
  readonly version: string;
  readonly dir: string;
  readonly environment: Environment;
  readonly onProgress: (line: string) => void;
  /** Ends what is under way. */
  readonly signal: AbortSignal;
}) => Promise<string>;
