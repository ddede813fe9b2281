import { onTestFinished } from 'vitest';
import { makeRunDirectory, removeRunDirectory } from './run-directory.ts';

/** An empty directory that goes when the test has ended, with the servers that a failed test left in it. */
export async function temporaryDirectory(): Promise<string> {
  const dir = await makeRunDirectory();
  onTestFinished(() => removeRunDirectory(dir));
  return dir;
}
