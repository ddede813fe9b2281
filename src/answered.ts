/** What is logged before somebody is asked to do it has its answer in the log, whatever it was. */
import { errorCode } from './domain/errors.ts';

/**
 * `note` gets `taken`, or the code of what turned it down; `Unavailable`: nobody heard whether it was taken. An answer that can't be logged
 * keeps it from nobody: it was given, and the intent without one tells as much.
 */
export async function answered<T>(note: (answer: string) => Promise<void>, ask: () => Promise<T>): Promise<T> {
  try {
    const answer = await ask();
    await note('taken').catch(() => {});
    return answer;
  } catch (error) {
    await note(errorCode(error)).catch(() => {});
    throw error;
  }
}
