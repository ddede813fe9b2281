/** Files of sources/ as a gateway reads them, for whoever wants to know before. */
import { readSourceFile } from './adapters/source-files.ts';
import { problemsIn } from './compose-policies.ts';
import type { Problem } from './domain/errors.ts';
import type { HeaderOf, Heard } from './schema/source-map.ts';

/** Everything that is wrong with it; nothing: a start would take it. */
export function checkSource(path: string): Promise<readonly Problem[]> {
  return problemsIn(path, readSourceFile(path));
}

/** What becomes of an event. No secret is needed: nobody looks at its signature. @throws StewardError InvalidPolicy */
export async function trySource(path: string, event: unknown, headerOf: HeaderOf): Promise<Heard> {
  const read = await readSourceFile(path);
  return read(() => '').hear(event, headerOf);
}
