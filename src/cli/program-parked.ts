import type { Command } from 'commander';
import { command } from './command.ts';
import type { Context } from './context.ts';
import type { ParkedOptions } from './parked.ts';

/** Parked steps, and what is said to many of them at once. */
export function addParked(program: Command, context: Context): void {
  command(program, 'parked', 'steps that used up their retries and wait for an operator')
    .option('--groups', 'by what failed: how many, since when, an example')
    .action(async (options: ParkedOptions) => (await import('./parked.ts')).parked(context, options));
}
