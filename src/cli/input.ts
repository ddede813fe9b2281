/** What the commands are given to read: files, standard input, JSON in an option. */
import { StewardError } from '../domain/errors.ts';
import type { Json } from '../domain/json.ts';

/** The value of an option such as `--input`: JSON, or `@` and a file that holds it. @throws StewardError InvalidRequest */
export async function readJsonOption(
  option: string,
  given: string,
  readText: (file: string) => Promise<string>,
): Promise<Json> {
  const file = given.startsWith('@') ? given.slice(1) : undefined;
  const text = file === undefined ? given : await readText(file);
  return parseJson(text, file === undefined ? option : nameOf(file), 'InvalidRequest') as Json;
}

/** @throws StewardError that says where it stops being JSON, without quoting what people wrote. */
export function parseJson(text: string, name: string, code: 'InvalidTicket' | 'InvalidRequest'): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/u, ''));
  } catch (error) {
    const said = error instanceof Error ? error.message : '';
    throw new StewardError(code, `${name} is no JSON: ${sayPlace(text, said)}`);
  }
}

function sayPlace(text: string, said: string): string {
  if (text.trim() === '') return 'it is empty';
  const position = /at position (\d+)/u.exec(said)?.[1];
  if (position === undefined) return said.includes('end of') ? 'it ends too early' : 'its beginning is none';
  const before = text.slice(0, Number(position)).split('\n');
  return `it goes wrong at line ${before.length}, column ${(before.at(-1) ?? '').length + 1}`;
}

/** @throws StewardError InvalidRequest when there is no such file. */
export async function readFileText(file: string): Promise<string> {
  if (file === '-') {
    const chunks: Buffer[] = [];
    for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk));
    return Buffer.concat(chunks).toString('utf8');
  }
  const { readFile } = await import('node:fs/promises');
  return readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    const why = cause.code === 'ENOENT' ? 'there is no such file' : `it can't be read (${cause.code ?? cause.message})`;
    throw new StewardError('InvalidRequest', `${file}: ${why}`, { cause });
  });
}

export function nameOf(file: string): string {
  return file === '-' ? 'standard input' : file;
}

/** Anything but a yes is a no. */
export async function askAtTerminal(question: string): Promise<boolean> {
  const { createInterface } = await import('node:readline/promises');
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^y(es)?$/iu.test((await terminal.question(`${question} [y/N] `)).trim());
  } finally {
    terminal.close();
  }
}
