import { resolve } from 'node:path';
import type { PolicyKind } from '../compose-policies.ts';
import type { Problem } from '../domain/errors.ts';
import { type Context, type JsonOption, sayJson } from './context.ts';
import { sayFileProblems } from './say.ts';

export interface PolicyOptions extends JsonOption {
  readonly kind?: PolicyKind;
}

/** Judges policy files as a start of Steward does. Answers whether all are in order. */
export async function checkPolicies(
  context: Context,
  files: readonly string[],
  { kind, json }: PolicyOptions,
): Promise<{ readonly ok: boolean }> {
  const { checkPolicy } = await import('../compose-policies.ts');
  const checked: { file: string; ok: boolean; problems: readonly Problem[] }[] = [];
  const given = new Set(files.map((file) => resolve(file)));
  for (const file of files) {
    const found = await checkPolicy(file, new Date(context.now()), kind);
    // What is wrong with another one of them is said there.
    const problems = found.filter(
      (one) => one.file === undefined || one.file === file || !given.has(resolve(one.file)),
    );
    checked.push({ file, ok: problems.length === 0, problems });
  }
  if (json) sayJson(context, checked);
  else for (const { file, problems } of checked) context.out(`${file}: ${sayFileProblems(file, problems)}\n`);
  return { ok: checked.every(({ ok }) => ok) };
}
