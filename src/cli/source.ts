import { StewardError } from '../domain/errors.ts';
import type { Heard } from '../schema/source-map.ts';
import { type Context, type JsonOption, sayJson } from './context.ts';
import { nameOf, parseJson } from './input.ts';
import { sayFileProblems, sayTable } from './say.ts';

/** Judges files of sources/ as a start of Steward does. Answers whether all are in order. */
export async function checkSources(
  context: Context,
  files: readonly string[],
  { json }: JsonOption,
): Promise<{ readonly ok: boolean }> {
  const { checkSource } = await import('../compose-sources.ts');
  const checked = await Promise.all(files.map(async (file) => ({ file, problems: await checkSource(file) })));
  const told = checked.map(({ file, problems }) => ({ file, ok: problems.length === 0, problems }));
  if (json) sayJson(context, told);
  else for (const { file, problems } of told) context.out(`${file}: ${sayFileProblems(file, problems)}\n`);
  return { ok: told.every(({ ok }) => ok) };
}

export interface TryOptions extends JsonOption {
  readonly header: readonly string[];
}

/** Shows what becomes of an event, and sends nothing. Answers whether it could be made one of ours. */
export async function tryEvent(
  context: Context,
  file: string,
  eventFile: string,
  { header, json }: TryOptions,
): Promise<{ readonly ok: boolean }> {
  const headers = new Headers(header.map(headerOf));
  const event = parseJson(await context.readText(eventFile), nameOf(eventFile), 'InvalidRequest');
  const { trySource } = await import('../compose-sources.ts');
  const heard = await trySource(file, event, (name) => headers.get(name));
  if (json) sayJson(context, heard);
  else context.out(sayHeard(heard));
  return { ok: !('problems' in heard) };
}

function headerOf(given: string): [string, string] {
  const [, name, value] = /^([A-Za-z0-9-]+)[:=] ?(.*)$/.exec(given) ?? [];
  if (name === undefined || value === undefined) {
    throw new StewardError('InvalidRequest', '--header takes a name and what it holds, such as x-event=comment');
  }
  return [name, value];
}

function sayHeard(heard: Heard): string {
  const by = heard.rule === null ? 'no rule fits it' : `by rule "${heard.rule}"`;
  if ('ignored' in heard) return `Ignored: ${by}.\n`;
  if ('problems' in heard) return `Refused: ${by}; ${sayProblemsOf(heard.problems)}\n`;
  if ('run' in heard) return `A run of a flow, ${by}:\n${JSON.stringify(heard.run, null, 2)}\n`;
  if ('followUp' in heard) return `To a ticket that is there, ${by}:\n${JSON.stringify(heard.followUp, null, 2)}\n`;
  const later = heard.known && `\nWhere its ticket is there already:\n${JSON.stringify(heard.known, null, 2)}\n`;
  return `A new ticket, ${by}:\n${JSON.stringify(heard.envelope, null, 2)}\n${later ?? ''}`;
}

function sayProblemsOf(problems: readonly { readonly field: string; readonly message: string }[]): string {
  if (problems.length === 0) return 'in order';
  const rows = problems.map(({ field, message }) => [field, message]);
  return `${problems.length} error${problems.length === 1 ? '' : 's'}\n${sayTable(rows, '  ')}`;
}
