/** `npm run reset [-- --yes]`: empties the state directory of everything that is Steward's. */
import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import { readConfig } from '../config.ts';
import { StewardError } from '../domain/errors.ts';
import { sayFailure } from '../ending.ts';
import { clearState, lookIntoState } from './clear-state.ts';
import { holderOf } from './hold.ts';

const say = (line: string) => void process.stdout.write(`${line}\n`);

async function main(yes: boolean): Promise<void> {
  const { config, secrets } = readConfig();
  const { stateDir } = config;
  const holder = await holderOf(stateDir);
  if (holder !== undefined) {
    throw new StewardError(
      'Unavailable',
      `Steward runs on ${stateDir} (process ${holder}). Stop it first: Ctrl-C where it runs.`,
    );
  }
  if (secrets.databaseUrl !== undefined) {
    say(`DATABASE_URL is set: nothing in that database is dropped. Whoever owns it may drop it.`);
  }
  if (config.temporal.address !== undefined) {
    say('TEMPORAL_ADDRESS is set: the workflows on that server stay.');
  }
  const { ours, others } = await lookIntoState(stateDir);
  if (ours.length === 0) return say(`Nothing of Steward's is in ${stateDir}.`);
  say(`To be removed from ${stateDir}, for good: ${ours.join(', ')}`);
  if (!yes && process.stdin.isTTY && !(await confirmed())) return say('Nothing was removed.');
  await clearState(stateDir);
  say(`Removed.${others.length > 0 ? ` Left alone, for they are not Steward's: ${others.join(', ')}` : ''}`);
}

async function confirmed(): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question('Every ticket in there will be gone. Go on? [y/N] ');
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}

try {
  const { values } = parseArgs({ options: { yes: { type: 'boolean', short: 'y', default: false } } });
  await main(values.yes);
} catch (error) {
  process.stderr.write(`${sayFailure(error)}\n`);
  process.exitCode = 1;
}
