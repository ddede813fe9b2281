import { type Problem, StewardError } from '../domain/errors.ts';

/** What is read of several files, or everything that is wrong with any of them. @throws StewardError with the code of the first that is wrong */
export async function allInOrder<const T extends readonly unknown[]>(
  reading: T,
): Promise<{ -readonly [P in keyof T]: Awaited<T[P]> }> {
  const settled = await Promise.allSettled(reading);
  const errors = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
  if (errors.length > 0) throw together(errors);
  return Promise.all(reading);
}

/** One that nobody foresaw is told by itself, with its stack. */
export function together(errors: readonly unknown[]): unknown {
  const [first] = errors;
  const faults = errors.filter((error) => error instanceof StewardError);
  if (!(first instanceof StewardError) || errors.length === 1) return first;
  if (faults.length < errors.length) return errors.find((error) => !(error instanceof StewardError));
  const problems = faults.flatMap(problemsOf);
  return new StewardError(first.code, faults.map(({ message }) => message).join('; '), { problems });
}

function problemsOf({ problems, message }: StewardError): readonly Problem[] {
  return problems.length > 0 ? problems : [{ field: '', message }];
}
