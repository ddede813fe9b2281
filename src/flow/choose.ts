import type { Json } from '../domain/json.ts';
import { type Condition, isMet, type Look, type Looked } from './condition.ts';
import { FlowFailure, NO_CHOICE_MATCHED } from './failure.ts';
import type { Path, Scope } from './path.ts';
import { type Ground, recordable } from './record.ts';
import type { ChoiceState } from './types.ts';
import { kindOf } from './values.ts';
import { sayCondition } from './words.ts';

/** Which branch a Choice took and why. Of the input it holds what was compared, as far as a record may. */
export interface Decision {
  readonly state: string;
  readonly entry: number;
  /** The occasions around it, when it stands within a Parallel or a Map. */
  readonly within?: string;
  readonly next: string;
  /** Index into the state's Choices, from 0. */
  readonly rule: number | 'Default';
  /** By path. A value that was only tested for its kind is given as its kind: `"absent"`, `"string"`. */
  readonly inputs: Readonly<Record<string, Json>>;
  readonly rejected: readonly Rejected[];
  /** The met rule in words; for the Default, that no rule was met. */
  readonly condition: string;
}

export interface Rejected {
  readonly rule: number;
  readonly condition: string;
  /** What the rule's variable held; of a rule that looks at several paths, an object of what they held. */
  readonly actual: Json;
}

/**
 * Takes the first rule that is met, else the Default. `flowInput` is the input of the whole flow: what in it is personal is not recorded.
 * @throws FlowFailure States.NoChoiceMatched when there is no Default; States.Runtime when a variable is missing.
 */
export function choose(
  state: ChoiceState,
  { entry, within }: { readonly entry: number; readonly within?: string },
  scope: Scope,
  flowInput: Json,
): Decision {
  const ground = { inputPath: state.inputPath, flowInput };
  const all: Looked = new Map();
  const rejected: Rejected[] = [];
  const decide = (rule: number | 'Default', next: string, condition: string): Decision => {
    const at = { state: state.name, entry, ...(within === undefined ? {} : { within }) };
    return { ...at, next, rule, inputs: seen(all, ground), rejected, condition };
  };
  for (const [rule, { condition, next }] of state.choices.entries()) {
    const looked: Looked = new Map();
    const met = isMet(condition, scope, looked);
    for (const [path, look] of looked) if (!look.kindOnly || !all.has(path)) all.set(path, look);
    const words = sayCondition(condition);
    if (met) return decide(rule, next, words);
    const one = looksAtOne(condition) ? looked.get(condition.variable.text) : undefined;
    rejected.push({ rule, condition: words, actual: one ? sayLook(one, ground) : seen(looked, ground) });
  }
  if (state.default !== undefined) return decide('Default', state.default, 'no rule was met');
  throw unmatched(
    state,
    rejected.map((rule) => rule.condition),
  );
}

/**
 * The same without a record of it: the index of the rule that is met, or the Default.
 * @throws as above
 */
export function pick(state: ChoiceState, scope: Scope): number | 'Default' {
  const rule = state.choices.findIndex(({ condition }) => isMet(condition, scope));
  if (rule >= 0) return rule;
  if (state.default !== undefined) return 'Default';
  throw unmatched(
    state,
    state.choices.map(({ condition }) => sayCondition(condition)),
  );
}

function unmatched({ name }: ChoiceState, rules: readonly string[]): FlowFailure {
  return new FlowFailure(NO_CHOICE_MATCHED, `no rule of ${name} is met and it has no Default: ${rules.join('; ')}`);
}

/** Does the rule look at its variable and at nothing else? */
function looksAtOne(condition: Condition): condition is Condition & { readonly variable: Path } {
  if (condition.kind === 'compare') return !('path' in condition.value);
  return 'variable' in condition;
}

function seen(looked: Looked, ground: Ground): Record<string, Json> {
  return Object.fromEntries([...looked].map(([path, look]) => [path, sayLook(look, ground)]));
}

function sayLook({ path, value, kindOnly }: Look, ground: Ground): Json {
  return kindOnly || value === undefined ? kindOf(value) : recordable(value, path, ground);
}
