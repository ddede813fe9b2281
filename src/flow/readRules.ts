import { complain, has, readList, type Source, sourceOf } from './fields.ts';
import { below } from './problems.ts';

/** A Choice's rules, in whichever language, each with its place. */
export function ruleSources(source: Source): Source[] {
  if (!has(source, 'Choices')) complain(source, 'Choices', 'Choices is missing: a Choice needs at least one rule');
  const list = readList(source, 'Choices', 'rules') ?? [];
  if (has(source, 'Choices') && Array.isArray(source.object.Choices) && list.length === 0) {
    complain(source, 'Choices', 'a Choice needs at least one rule');
  }
  if (!has(source, 'Default')) {
    source.report.warn(source.path, 'no Default: the flow fails with States.NoChoiceMatched when no rule is met');
  }
  return list.flatMap((item, index) => {
    const rule = sourceOf(item, below(below(source.path, 'Choices'), index), source.report, 'a rule');
    return rule ? [rule] : [];
  });
}
