/** A file of sources/: how the events of some platform become ours. Its parts are those of flows: paths, and the rules of a Choice. */
import { z } from 'zod';
import { FOLLOW_UP_TYPES } from '../domain/envelope.ts';
import type { Problem } from '../domain/errors.ts';
import { FLOW_NAME } from '../domain/flow-run.ts';
import type { Json } from '../domain/json.ts';
import type { Condition } from '../flow/condition.ts';
import { sourceOf } from '../flow/fields.ts';
import { nearest } from '../flow/nearest.ts';
import { type Path, parsePath } from '../flow/path.ts';
import { createReport } from '../flow/problems.ts';
import { readCondition } from '../flow/readCondition.ts';
import { label } from './fields.ts';
import type { IsSound } from './judge.ts';
import { listOf, object, oneOf, settingName } from './policy-fields.ts';

const SOURCE_TYPES = ['ticket.created', ...FOLLOW_UP_TYPES] as const;

const LEAF_WORDS =
  'text, a number, true or false, with {$.path} for what the event has there; or a list, of which the first that is there counts';
const single = z.union([z.string(), z.number(), z.boolean()]);
const leaf = z.union([single, z.array(single).min(1)], { error: LEAF_WORDS });
const mapped = object({
  id: leaf.optional(),
  source: leaf,
  time: leaf.optional(),
  'detail-type': oneOf(SOURCE_TYPES),
  detail: z.record(z.string(), leaf, { error: 'the fields of detail' }),
});

const FLOW_WORDS = 'the name of a flow: letters, digits, "_" and "-", at most 80';
type Grown = z.output<typeof leaf> | { readonly [name: string]: Grown };
const grown: z.ZodType<Grown> = z.lazy(() => z.union([leaf, z.record(z.string(), grown)], { error: LEAF_WORDS }));
const started = object({
  flow: z.string({ error: FLOW_WORDS }).regex(FLOW_NAME, { error: FLOW_WORDS }),
  id: leaf,
  customerId: leaf.optional(),
  input: z.record(z.string(), grown, { error: 'the fields of the input' }),
});

const HEADER = /^[A-Za-z][A-Za-z0-9-]{0,99}$/;
const HEADER_WORDS = 'the name of a header such as x-signature';
const signature = z.discriminatedUnion(
  'kind',
  [
    object({ kind: z.literal('apiKey') }),
    object({ kind: z.literal('standardWebhooks'), secretEnv: settingName }),
    object({
      kind: z.literal('hmac'),
      secretEnv: settingName,
      header: z.string({ error: HEADER_WORDS }).regex(HEADER, { error: HEADER_WORDS }),
      encoding: oneOf(['hex', 'base64']).default('hex'),
      prefix: z.string({ error: 'what stands before the signature, such as sha256=' }).max(50).default(''),
      timestamp: z.string({ error: HEADER_WORDS }).regex(HEADER, { error: HEADER_WORDS }).optional(),
    }),
  ],
  { error: '{ kind: apiKey }, { kind: standardWebhooks, secretEnv } or { kind: hmac, secretEnv, header }' },
);

export const sourceFile = object({
  signature: signature.default({ kind: 'apiKey' }),
  root: listOf(z.string({ error: 'a path such as $.detail' }), 'paths')
    .min(1)
    .max(10)
    .default(['$']),
  otherwise: oneOf(['refuse', 'ignore']).default('refuse'),
  events: listOf(
    object({
      name: label(100),
      headers: z
        .record(z.string().regex(HEADER, { error: HEADER_WORDS }), z.string(), {
          error: 'headers and what they hold; * stands for anything',
        })
        .optional(),
      when: z.unknown().optional(),
      ignore: z.literal(true, { error: 'true, or nothing' }).optional(),
      event: mapped.optional(),
      known: mapped.optional(),
      run: started.optional(),
    }),
    'events',
  )
    .min(1, { error: 'at least one event' })
    .max(100),
});
export type SourceFile = z.output<typeof sourceFile>;
export type SourceSignature = SourceFile['signature'];
type Mapped = z.output<typeof mapped>;

/** One of them is there, or the next is looked at. A part is text, or what a path leads to. */
export type Leaf = readonly (readonly (string | Path)[] | number | boolean)[];
export interface Mapping {
  /** Where the mapping stands in the file: `events.0.event`. */
  readonly at: string;
  readonly head: Readonly<Record<string, Leaf>>;
  readonly type: (typeof SOURCE_TYPES)[number];
  readonly detail: Readonly<Record<string, Leaf>>;
}
export interface RunMapping {
  readonly at: string;
  readonly flow: string;
  /** By it an event that comes again is known. */
  readonly id: Leaf;
  readonly customerId: Leaf | null;
  readonly input: Branch;
}
/** The input of a run: objects within objects. */
export interface Branch {
  readonly fields: Readonly<Record<string, Branch | Leaf>>;
}
export interface SourceRule {
  readonly name: string;
  /** By name, with `*` for anything. */
  readonly headers: Readonly<Record<string, string>>;
  readonly when: Condition | null;
  /** Null: it is ignored. */
  readonly event: Mapping | null;
  /** What it is when its ticket is there already. */
  readonly known: Mapping | null;
  /** A flow is run for it, and no ticket is meant. */
  readonly run: RunMapping | null;
}
export interface SourceRules {
  readonly root: readonly Path[];
  readonly otherwise: SourceFile['otherwise'];
  readonly rules: readonly SourceRule[];
}

const NEEDED: Readonly<Record<Mapping['type'], readonly string[]>> = {
  'ticket.created': ['ticketId', 'customerId', 'subject', 'message'],
  'ticket.replied': ['ticketId', 'message'],
  'ticket.claimed': ['ticketId', 'agentId'],
  'ticket.resolved': ['ticketId'],
  'ticket.reopened': ['ticketId'],
  'ticket.rated': ['ticketId', 'score'],
};
const MORE: Readonly<Record<Mapping['type'], readonly string[]>> = {
  'ticket.created': [
    'sentimentScore',
    'customerTier',
    'customerEmail',
    'customerName',
    'customerPhone',
    'channel',
    'linkedTo',
  ],
  'ticket.replied': ['by', 'agentId'],
  'ticket.claimed': [],
  'ticket.resolved': ['agentId'],
  'ticket.reopened': [],
  'ticket.rated': [],
};

/** The file's rules, read once; and everything that is wrong with them, as far as it is sound. */
export function readSourceRules(
  file: SourceFile,
  isSound: IsSound = () => true,
): {
  readonly rules: SourceRules;
  readonly problems: readonly Problem[];
} {
  const problems: Problem[] = [];
  const complain = (field: string, message: string) => void problems.push({ field, message });
  const pathAt = (field: string, text: string): Path[] => {
    const reading = parsePath(text);
    if ('path' in reading) return [reading.path];
    complain(field, reading.problem);
    return [];
  };
  const leafAt = (field: string, given: z.output<typeof leaf>): Leaf =>
    [given].flat().map((one) => (typeof one === 'string' ? partsOf(one, (text) => pathAt(field, text)) : one));

  function complainOfDetail(at: string, type: Mapping['type'], detail: Mapped['detail']): void {
    const fields = [...NEEDED[type], ...MORE[type]];
    const missing = NEEDED[type].filter((name) => !Object.hasOwn(detail, name) && isSound(`${at}.${name}`));
    const strangers = Object.keys(detail).filter((name) => !fields.includes(name));
    const meant = strangers.map((name) => nearest(name, missing));
    for (const name of missing.filter((field) => !meant.includes(field))) complain(at, `${type} needs ${name}`);
    for (const [i, name] of strangers.entries()) {
      const mend = meant[i] === undefined ? `it has ${fields.join(', ')}` : `did you mean "${meant[i]}"?`;
      complain(`${at}.${name}`, `${type} has no such field; ${mend}`);
    }
  }

  function mappingAt(at: string, { 'detail-type': type, detail, ...head }: Mapped): Mapping {
    if (isSound(`${at}.detail-type`)) {
      complainOfDetail(`${at}.detail`, type, detail);
      if (type !== 'ticket.created' && head.id === undefined && isSound(`${at}.id`)) {
        complain(at, `${type} needs id: by it an event that comes again is known`);
      }
    }
    const leaves = (within: string, fields: Readonly<Record<string, z.output<typeof leaf> | undefined>>) =>
      Object.fromEntries(
        Object.entries(fields).flatMap(([name, given]) =>
          given === undefined ? [] : [[name, leafAt(`${within}.${name}`, given)] as const],
        ),
      );
    return { at, type, head: leaves(at, head), detail: leaves(`${at}.detail`, detail) };
  }

  function complainOfKnown(at: string, event: Mapped | undefined, known: Mapped): void {
    const isType = (place: string) => isSound(`${at}.${place}.detail-type`);
    if (event?.['detail-type'] !== 'ticket.created' && isType('event')) {
      complain(`${at}.known`, 'goes with a ticket.created only');
    }
    if (known['detail-type'] === 'ticket.created' && isType('known')) {
      complain(`${at}.known`, 'is about a ticket that is there already');
    }
    if (event !== undefined && event.id === undefined && isSound(`${at}.event.id`))
      complain(at, 'with known it needs id: by it an event that comes again is known');
  }

  function branchAt(at: string, given: Readonly<Record<string, Grown>>): Branch {
    const fields = Object.entries(given).map(([name, one]) => {
      const isBranch = typeof one === 'object' && !Array.isArray(one);
      const place = `${at}.${name}`;
      return [name, isBranch ? branchAt(place, one as Readonly<Record<string, Grown>>) : leafAt(place, one)] as const;
    });
    return { fields: Object.fromEntries(fields) };
  }

  function runAt(at: string, { flow, id, customerId, input }: z.output<typeof started>): RunMapping {
    return {
      at,
      flow,
      id: leafAt(`${at}.id`, id),
      customerId: customerId === undefined ? null : leafAt(`${at}.customerId`, customerId),
      input: branchAt(`${at}.input`, input),
    };
  }

  const rules = file.events.map(({ name, headers = {}, when, ignore, event, known, run }, i): SourceRule => {
    const at = `events.${i}`;
    const mayHave = (field: string, value: unknown) => value !== undefined || !isSound(`${at}.${field}`);
    const isNone = !mayHave('ignore', ignore) && !mayHave('event', event) && !mayHave('run', run);
    const given = [ignore === true, event !== undefined, run !== undefined].filter((is) => is);
    if (isNone || given.length > 1) complain(at, 'give one of event, run and ignore: true');
    if (known !== undefined) complainOfKnown(at, event, known);
    return {
      name,
      headers,
      when: when === undefined ? null : conditionAt(`${at}.when`, when, problems),
      event: event === undefined ? null : mappingAt(`${at}.event`, event),
      known: known === undefined ? null : mappingAt(`${at}.known`, known),
      run: run === undefined ? null : runAt(`${at}.run`, run),
    };
  });
  const root = file.root.flatMap((text, i) => pathAt(`root.${i}`, text));
  return { rules: { root, otherwise: file.otherwise, rules }, problems };
}

function conditionAt(field: string, when: unknown, problems: Problem[]): Condition | null {
  const report = createReport();
  const source = sourceOf(when as Json, field, report, 'when');
  const condition = source && readCondition(source, true);
  problems.push(...report.problems.map(({ path, message }) => ({ field: path, message })));
  return condition ?? null;
}

/** `ticket-{$.id}` in its parts. */
function partsOf(text: string, pathsOf: (text: string) => readonly Path[]): readonly (string | Path)[] {
  return text
    .split(/(\{\$[^{}]*\})/u)
    .filter((part) => part !== '')
    .flatMap((part): readonly (string | Path)[] => (part.startsWith('{$') ? pathsOf(part.slice(1, -1)) : [part]));
}
