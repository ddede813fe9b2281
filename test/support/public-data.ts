import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Public data that is no part of this project: beside it, or where the setting says. */
const ROOT = process.env.STEWARD_TEST_DATA ?? '../shared/data';

export function publicPath(path: string): string {
  return join(ROOT, path);
}

/** Null where it is not there: the test then says so and is skipped. */
export function publicJson<T>(path: string): T | null {
  const file = publicPath(path);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as T) : null;
}

/** None where the folder is not there. */
export function publicFiles(folder: string): string[] {
  return existsSync(publicPath(folder)) ? readdirSync(publicPath(folder)) : [];
}
