import type { PolicyKind } from '../compose-policies.ts';
import type { Problem } from '../domain/errors.ts';
import { type Context, type JsonOption, sayJson } from './context.ts';
import { sayTable } from './say.ts';

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
  for (const file of files) {
    const problems = await checkPolicy(file, new Date(context.now()), kind);
    checked.push({ file, ok: problems.length === 0, problems });
  }
  if (json) sayJson(context, checked);
  else for (const { file, problems } of checked) context.out(`${file}: ${sayProblemsOf(problems)}\n`);
  return { ok: checked.every(({ ok }) => ok) };
}

function sayProblemsOf(problems: readonly Problem[]): string {
  if (problems.length === 0) return 'in order';
  const rows = problems.map(({ field, message }) => [field, message]);
  return `${problems.length} error${problems.length === 1 ? '' : 's'}\n${sayTable(rows, '  ')}`;
}
