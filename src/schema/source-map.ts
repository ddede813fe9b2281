/** An event of some platform as one of ours. */
import type { TicketEnvelope } from '../domain/envelope.ts';
import type { Problem } from '../domain/errors.ts';
import type { Json, JsonObject } from '../domain/json.ts';
import { isMet, matchesPattern } from '../flow/condition.ts';
import { FlowFailure } from '../flow/failure.ts';
import { type Path, readPath, type Scope } from '../flow/path.ts';
import { type FollowUp, parseEvent } from './followUp.ts';
import type { Branch, Leaf, Mapping, RunMapping, SourceRules } from './source-file.ts';

/** What an event of a source comes to. `rule`: the name of the rule that took it. */
export type Heard =
  | { readonly ignored: true; readonly rule: string | null }
  | { readonly envelope: TicketEnvelope; readonly rule: string; readonly known: FollowUp | null }
  | { readonly followUp: FollowUp; readonly rule: string }
  | { readonly run: HeardRun; readonly rule: string }
  | { readonly problems: readonly Problem[]; readonly rule: string | null };

/** A flow that is to run for an event. */
export interface HeardRun {
  readonly flow: string;
  /** The event's own. */
  readonly eventId: string;
  readonly customerId?: string;
  readonly input: JsonObject;
}

export type HeaderOf = (name: string) => string | null;

/** `lineOf`: of a place in the file, for whoever has to mend it. Never throws. */
export function hear(rules: SourceRules, raw: Json, headerOf: HeaderOf, lineOf: (field: string) => string): Heard {
  const whole: Scope = { input: raw, context: () => raw };
  const found = rules.root.map((path) => readPath(path, whole)).find((value) => value !== undefined);
  if (found === undefined) {
    const message = `expected something at ${rules.root.map(({ text }) => text).join(' or ')}, got nothing`;
    return { problems: [{ field: 'event', message }], rule: null };
  }
  const scope: Scope = { input: found, context: () => raw };
  const rule = rules.rules.find(
    ({ headers, when }) =>
      Object.entries(headers).every(([name, pattern]) => matchesPattern(headerOf(name) ?? '', pattern)) &&
      (when === null || fits(() => isMet(when, scope, new Map()))),
  );
  if (rule === undefined) {
    if (rules.otherwise === 'ignore') return { ignored: true, rule: null };
    const names = rules.rules.map(({ name }) => name).join(', ');
    return { problems: [{ field: 'event', message: `none of the source's rules fits it: ${names}` }], rule: null };
  }
  const { name, event, known, run } = rule;
  if (run !== null) return heardRun(run, name, scope, lineOf);
  if (event === null) return { ignored: true, rule: name };
  const main = mappedEvent(event, scope, lineOf);
  const other = known && mappedEvent(known, scope, lineOf);
  const told = 'problems' in main ? main.problems : [];
  // What is wrong with both is mostly one and the same.
  const more = other && 'problems' in other ? other.problems : [];
  const problems = [...told, ...more.filter(({ field }) => !told.some((one) => one.field === field))];
  if (problems.length > 0) return { problems, rule: name };
  if ('envelope' in main) {
    return { envelope: main.envelope, rule: name, known: other && 'followUp' in other ? other.followUp : null };
  }
  return 'followUp' in main ? { followUp: main.followUp, rule: name } : { problems: [], rule: name };
}

/** Undefined: nothing of it is there. */
function grow({ fields }: Branch, scope: Scope): JsonObject | undefined {
  const there = Object.entries(fields).flatMap(([name, one]) => {
    const value = 'fields' in one ? grow(one, scope) : fill(one, scope);
    return value === undefined ? [] : [[name, value] as const];
  });
  return there.length === 0 ? undefined : Object.fromEntries(there);
}

/** A field of the input that leads to nothing is left out, as the flow is the one to say what it needs. */
function heardRun(
  { at, flow, ...run }: RunMapping,
  rule: string,
  scope: Scope,
  lineOf: (field: string) => string,
): Heard {
  const names = (['id', 'customerId'] as const).map((field) => [field, fill(run[field] ?? [], scope)] as const);
  const problems = names.flatMap(([field, value]) => {
    const isWrong = typeof value === 'object' || (field === 'id' && (value === undefined || value === ''));
    const from = pathsIn(run[field] ?? undefined).join(' or ');
    const message = `expected text or a number${from === '' ? '' : ` from ${from}`} (${lineOf(`${at}.${field}`)})`;
    return isWrong ? [{ field, message }] : [];
  });
  if (problems.length > 0) return { problems, rule };
  const [eventId, customerId] = names.map(([, value]) => value);
  const whose = customerId === undefined ? {} : { customerId: String(customerId) };
  return { run: { flow, eventId: String(eventId), ...whose, input: grow(run.input, scope) ?? {} }, rule };
}

/** A rule that looks for something that is not there does not fit. */
function fits(look: () => boolean): boolean {
  try {
    return look();
  } catch (error) {
    if (error instanceof FlowFailure) return false;
    throw error;
  }
}

function mappedEvent(
  { at, type, head, detail }: Mapping,
  scope: Scope,
  lineOf: (field: string) => string,
): { envelope: TicketEnvelope } | { followUp: FollowUp } | { problems: Problem[] } {
  const filled = (fields: Readonly<Record<string, Leaf>>) =>
    Object.fromEntries(
      Object.entries(fields).flatMap(([name, leaf]) => {
        const value = fill(leaf, scope);
        return value === undefined ? [] : [[name, asField(name, value)]];
      }),
    );
  const parsed = parseEvent({ ...filled(head), 'detail-type': type, detail: filled(detail) });
  if ('envelope' in parsed || 'followUp' in parsed) return parsed;
  const problems = 'problems' in parsed ? parsed.problems : [];
  return {
    problems: problems.map(({ field, message }) => {
      const name = field.replace(/^detail\./, '');
      const paths = pathsIn((field.startsWith('detail.') ? detail : head)[name]);
      const from = paths.length === 0 ? '' : ` from ${paths.join(' or ')}`;
      return { field, message: `${message}${from} (${lineOf(`${at}.${field}`)})` };
    }),
  };
}

/** The first alternative that is there. */
function fill(leaf: Leaf, scope: Scope): Json | undefined {
  for (const parts of leaf) {
    if (typeof parts === 'number' || typeof parts === 'boolean') return parts;
    const values = parts.map((part) => (typeof part === 'string' ? part : (readPath(part, scope) ?? undefined)));
    if (values.includes(undefined)) continue;
    const [only, ...more] = values as Json[];
    // What a path leads to stays what it is, so that it is judged by its kind.
    if (more.length === 0 && only !== undefined) return only;
    if (values.every((value) => typeof value !== 'object')) return values.join('');
  }
  return undefined;
}

const NUMBERS = new Set(['sentimentScore', 'score']);

/** Platforms number their tickets and people: with us these are names. */
function asField(name: string, value: Json): Json {
  if (!NUMBERS.has(name)) return typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
  return typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value)) ? Number(value) : value;
}

function pathsIn(leaf: Leaf | undefined): string[] {
  const parts = (leaf ?? []).flatMap((one) => (typeof one === 'object' ? one : []));
  return parts.filter((part): part is Path => typeof part === 'object').map(({ text }) => text);
}
