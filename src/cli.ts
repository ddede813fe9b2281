/** The `steward` command. */
import { createGround } from './cli/ground.ts';
import { askAtTerminal, readFileText } from './cli/input.ts';
import { runCli } from './cli/run.ts';

// `steward list | head`: who reads has seen enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

const ground = createGround();
process.exitCode = await runCli(process.argv.slice(2), {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  readText: readFileText,
  now: Date.now,
  ...(process.stdin.isTTY && process.stdout.isTTY ? { ask: askAtTerminal } : {}),
  ...ground,
}).finally(ground.close);
