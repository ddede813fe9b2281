import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const HISTORIES = fileURLToPath(new URL('histories/', import.meta.url));

/** The ways that tickets have gone, oldest code first told by git: each file is a history as Temporal keeps it. */
export function storedHistories(): { readonly name: string; readonly history: unknown }[] {
  const files = readdirSync(HISTORIES).filter((file) => file.endsWith('.json'));
  return files.sort().map((file) => ({
    name: file.replace(/\.json$/, ''),
    history: JSON.parse(readFileSync(`${HISTORIES}${file}`, 'utf8')) as unknown,
  }));
}
