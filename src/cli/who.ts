import { StewardError } from '../domain/errors.ts';

/** An error about somebody whom nobody knows, by the argument that named them, and with the mend. The name itself is not repeated. */
export async function byArgument<T>(argument: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof StewardError) || error.code !== 'CustomerUnknown') throw error;
    const mend = 'name them by the address they write from, or by the id that `npx steward show TICKET` has';
    throw new StewardError(error.code, `${argument}: ${error.message}; ${mend}`, { cause: error });
  }
}
