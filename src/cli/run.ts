import { CommanderError } from 'commander';
import { type ErrorCode, StewardError, sayAtLength } from '../domain/errors.ts';
import { isAway } from '../http/away.ts';
import type { Context } from './context.ts';
import { createProgram } from './program.ts';

/** Runs one command. The exit code: 0 done, 1 it failed or what it was given is wrong, 2 it was called wrongly. */
export async function runCli(args: readonly string[], context: Context): Promise<number> {
  let code = 0;
  const program = createProgram(context, () => {
    code = 1;
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    context.err(`${explain(error)}\n`);
    return 1;
  }
}

/** The one translation of errors at this edge. Only what we did not foresee shows its stack. */
export function explain(error: unknown): string {
  if (!(error instanceof StewardError)) {
    if (!isAway(error)) return String((error as Error).stack ?? error);
    const why = (error as Error).message;
    return `steward: PostgreSQL or Temporal does not answer (${why}).\n  It is away or busy: ask again a little later. \`npm start\` says whether both run.`;
  }
  const said = sayAtLength(error);
  const lines = error.problems
    .filter((problem) => !said.includes(problem.message))
    .map((problem) => `  ${problem.field}: ${problem.message}`);
  const mend = MEND[error.code];
  return [`steward: ${said}`, ...lines, ...(mend ? [`  ${mend}`] : [])].join('\n');
}

const MEND: Partial<Record<ErrorCode, string>> = {
  NotParked: '`npx steward parked` shows what is.',
};
