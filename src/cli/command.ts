import { type Command, InvalidArgumentError } from 'commander';

/** A command of ours: each can answer as JSON. */
export function command(parent: Command, name: string, help: string): Command {
  return parent.command(name).description(help).option('--json', 'JSON instead of words');
}

export function wholeNumber(given: string): number {
  const number = Number(given);
  if (!Number.isInteger(number) || number < 1 || number > 10_000) {
    throw new InvalidArgumentError('a whole number from 1 to 10000');
  }
  return number;
}

export function time(given: string): Date {
  const at = new Date(given);
  if (!/^\d{4}-\d{2}-\d{2}/.test(given) || Number.isNaN(at.getTime())) {
    throw new InvalidArgumentError('a day or a time as in 2026-04-23T10:15:00Z');
  }
  return at;
}
