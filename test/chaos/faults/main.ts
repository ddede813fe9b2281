/** `npm run chaos -- [--seed N] [--minutes M]`: exit code 0 only if nothing was found that must not be. */
import { parseArgs } from 'node:util';
import { findBinary } from '../../support/binary.ts';
import { sweepRunDirectories } from '../../support/run-directory.ts';
import { playFaults } from './run.ts';

const MOST_MINUTES = 600;

function readArgs(): { seed: number; minutes: number } {
  const { values } = parseArgs({ options: { seed: { type: 'string' }, minutes: { type: 'string' } } });
  const seed = Number(values.seed ?? Date.now() % 1_000_000);
  const minutes = Number(values.minutes ?? 1);
  if (!Number.isSafeInteger(seed) || seed < 0) throw new Error('--seed: expected a whole number from 0 up');
  if (!(minutes > 0 && minutes <= MOST_MINUTES)) {
    throw new Error(`--minutes: expected a number above 0, and not above ${MOST_MINUTES}`);
  }
  return { seed, minutes };
}

const say = (line: string) => void process.stdout.write(`${line}\n`);

/** The exit code. */
async function main(): Promise<number> {
  const { seed, minutes } = readArgs();
  say(`seed ${seed}, ${minutes} min; again: npm run chaos -- --seed ${seed} --minutes ${minutes}`);
  await sweepRunDirectories();
  const { figures, found } = await playFaults({ seed, ms: minutes * 60_000, binary: await findBinary() }, say);
  say(
    Object.entries(figures)
      .map(([name, number]) => `${number} ${name}`)
      .join(', '),
  );
  for (const line of found) say(`NOT RIGHT  ${line}`);
  say(found.length === 0 ? 'Nothing was lost, nothing came twice.' : `${found.length} things are not right.`);
  return found.length === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 2;
}
