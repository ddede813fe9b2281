/** What we hold of a person, as Art. 15 GDPR has it told: the data itself, and what there is to know of it. */
import type { Json } from './json.ts';
import { PERSONAL_DATA, REACH } from './personal-data.ts';
import { CATEGORIES, type Category, type CategoryRule, type PrivacyPolicy } from './privacy-policy.ts';

export const EXPORT_FORMAT = 'steward.person-export/1';

export type ExportRow = Readonly<Record<string, Json>>;
/** Rows by table. */
export type ExportTables = Readonly<Record<string, readonly ExportRow[]>>;

export interface ExportCategory extends Pick<CategoryRule, 'description' | 'legalBases'> {
  readonly category: Category;
  /** Of consent, where it rests on one. */
  readonly purposes: readonly string[];
  /** How long, or by which rule that is found. */
  readonly retention: string;
  readonly keep: readonly {
    readonly why: string;
    readonly statute: string;
    readonly period: string;
    readonly from: string;
  }[];
  readonly recipients: readonly string[];
  readonly tables: ExportTables;
}

/** What came back to a run: to a request that it made (`http`), or to a Task that waited for it (`task`). */
export interface RunAnswer {
  /** ISO 8601, to the second. */
  readonly at: string;
  readonly by: 'http' | 'task';
  readonly words: Json;
}

/** A run of a flow, by its own history; one that Temporal has forgotten holds nothing any more. */
export interface RunWords {
  readonly workflowId: string;
  readonly runId: string;
  readonly startedAt: string;
  readonly endedAt: string | null;
  /** As Temporal names it. */
  readonly status: string;
  /** Its name; null of one that goes on from another run. */
  readonly flow: string | null;
  readonly given: Json;
  readonly answers: readonly RunAnswer[];
  readonly result: Json;
}

export interface PersonExport {
  readonly format: typeof EXPORT_FORMAT;
  readonly generatedAt: string;
  readonly controller: {
    readonly name: string;
    readonly contact: string;
    readonly complaint: { readonly authority: string; readonly url: string };
  };
  readonly customerIds: readonly string[];
  /** Where it came from. */
  readonly sources: readonly string[];
  readonly categories: readonly ExportCategory[];
  /** Of flows that ran for them without a ticket. */
  readonly runs: readonly RunWords[];
  readonly copies: readonly string[];
  readonly rights: readonly string[];
  readonly automatedDecisions: string;
}

/** Which columns of which table tell something of this category; with them the one by which a row is found. */
export function columnsOf(category: Category): { readonly table: string; readonly columns: readonly string[] }[] {
  return Object.entries(REACH).flatMap(([table, reach]) => {
    const ours = PERSONAL_DATA.filter((found) => found.table === table);
    // A table's ids of the person stand beside what they belong to; they are a category of their own in `customers` alone.
    const main = mainCategory(table);
    const shown = ours.filter(
      (found) => found.category === category || (category === main && found.category === 'identity'),
    );
    if (category !== main && (category === 'identity' || shown.length === 0)) return [];
    return [{ table, columns: [...new Set([reach.column, ...shown.map(({ column }) => column)])] }];
  });
}

/**
 * Of their requests for erasure, which are found by what the person's row says of them and not by an id of theirs: as the register keeps
 * it, but for the random name of later, which would lead back to them.
 */
export const REQUEST_TABLES = { erasures: 'id', erasure_recipients: 'erasure_id' } as const;
export type RequestTable = keyof typeof REQUEST_TABLES;
export function requestColumns(table: RequestTable): string[] {
  return PERSONAL_DATA.filter(
    (found) =>
      found.table === table &&
      found.category === 'requestRecord' &&
      found.verdict === 'keep' &&
      found.column !== 'subject_ref',
  ).map(({ column }) => column);
}

/** The one that most columns of a table belong to. */
function mainCategory(table: string): string {
  const counts = new Map<string, number>();
  for (const { category } of PERSONAL_DATA.filter((found) => found.table === table)) {
    counts.set(category, (counts.get(category) ?? 0) + 1);
  }
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0] ?? '';
}

export function personExport(
  policy: PrivacyPolicy,
  found: {
    readonly customerIds: readonly string[];
    readonly sources: readonly string[];
    readonly rows: Readonly<Record<Category, ExportTables>>;
    readonly runs: readonly RunWords[];
  },
  now: Date,
): PersonExport {
  const { name, contact, complaint } = policy.controller;
  return {
    format: EXPORT_FORMAT,
    generatedAt: now.toISOString(),
    controller: { name, contact, complaint },
    customerIds: found.customerIds,
    sources: found.sources,
    categories: CATEGORIES.map((category) => {
      const { description, legalBases, purposes, keep } = policy.categories[category];
      return {
        category,
        description,
        legalBases,
        purposes: purposes.map((purpose) => policy.purposes[purpose] ?? purpose),
        retention: sayRetention(category, policy),
        keep: keep.map(({ why, statute, period, from }) => ({ why, statute, period, from })),
        recipients: policy.recipients.filter((recipient) => recipient.categories.includes(category)).map((r) => r.name),
        tables: found.rows[category],
      };
    }),
    runs: found.runs,
    copies: COPIES,
    rights: RIGHTS,
    automatedDecisions: AUTOMATED,
  };
}

function sayRetention(category: Category, { retention }: PrivacyPolicy): string {
  const { ticketsDaysAfterClose: days, daily } = retention;
  const theirs = ' until you ask for its erasure';
  if ((category !== 'conversations' && category !== 'deliveries') || days === null) return theirs.trim();
  const runs =
    category === 'deliveries'
      ? `; of a flow without a ticket ${days} days after the last that it told, once it is over`
      : '';
  // What nobody has promised to do by itself has no end that could be told.
  const how = daily
    ? 'it goes by itself'
    : 'it may go, when our privacy officer has what is due removed; else it stays';
  return `until ${days} days after the ticket's close${runs}: then ${how}${daily ? '' : theirs}. What a law or a legal hold keeps stays as long as that does.`;
}

const COPIES = [
  'The histories of the workflows that dealt with your tickets hold the same words once more, encrypted.',
  'Flows that ran for you without a ticket hold what they were given about you in their histories alone, encrypted, until these are deleted: `runs` has it.',
  'Messages to you lie with the provider that sent them, or as a file in our outbox.',
  'Backups of the databases hold all of this until they expire.',
];
const RIGHTS = [
  'to have what is wrong corrected (Art. 16 GDPR)',
  'to have it erased (Art. 17 GDPR)',
  'to have its processing restricted (Art. 18 GDPR)',
  'to object to its processing (Art. 21 GDPR)',
  'to lodge a complaint with the authority named above (Art. 77 GDPR)',
];
const AUTOMATED =
  'Rules and an analysis of mood and language choose who answers you first: a program, which sends an article of the help, or a person. Nothing of legal effect is decided by it, and you reach a person by replying.';
