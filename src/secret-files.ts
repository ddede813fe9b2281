/** Secrets by files: `<NAME>_FILE` names a file that holds what `<NAME>` would, as container platforms hand secrets out. */
import { readFileSync } from 'node:fs';
import type { Problem } from './domain/errors.ts';

export function fileSettingOf(name: string): string {
  return `${name}_FILE`;
}

/** The settings with every file of a secret read, once. What is wrong with a file is told without its path: that may be the secret itself. */
export function readSecretFiles(
  given: Readonly<Record<string, string>>,
  names: readonly string[],
): { readonly given: Readonly<Record<string, string>>; readonly problems: readonly Problem[] } {
  const read: Record<string, string> = {};
  const problems: Problem[] = [];
  for (const name of names) {
    const field = fileSettingOf(name);
    const path = given[field];
    if (path === undefined) continue;
    const found = given[name] === undefined ? readSecret(path, name) : bothGiven(name);
    if ('text' in found) read[name] = found.text;
    else problems.push({ field, message: found.message });
  }
  return { given: { ...given, ...read }, problems };
}

function bothGiven(name: string): { message: string } {
  return { message: `${name} is set as well, and only one of the two can hold: unset one` };
}

function readSecret(path: string, name: string): { text: string } | { message: string } {
  let text: string;
  try {
    // Editors and `echo` end a file with a line break that is no part of the secret.
    text = readFileSync(path, 'utf8').replace(/(\r?\n)+$/, '');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    const why = REASONS[code] ?? `can't be read (${code})`;
    return {
      message: `the file that it names ${why}; it must be a file that this process may read and that holds ${name}`,
    };
  }
  return text === '' ? { message: `the file that it names is empty; it must hold ${name}` } : { text };
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'is not there',
  EACCES: "can't be read by this user",
  EISDIR: 'is a directory',
};
