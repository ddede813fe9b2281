/** The outside world as the monthly audit sees it. */
import type { AuditHead } from './domain/audit.ts';
import type { Difference, LogFigures, Measured, MonthFigures, WorkflowsSeen } from './domain/measure.ts';
import type { KeptFacts } from './domain/measure-kept.ts';
import type { RequestFacts } from './domain/measure-requests.ts';
import type { Span } from './domain/month.ts';
import type { PrivacyPolicy } from './domain/privacy-policy.ts';
import type { Ended } from './domain/reconcile.ts';

/** `first`: it is the month's report. `same`, `differs`: what was measured again, beside the report, which stands. */
export const RUN_OUTCOMES = ['first', 'same', 'differs'] as const;
export type RunOutcome = (typeof RUN_OUTCOMES)[number];

/** A month's report. */
export interface MonthlyAudit {
  readonly month: string;
  readonly figures: MonthFigures;
  /** The figures' canonical JSON, whose SHA-256 is `sha256` (hex). */
  readonly json: string;
  readonly sha256: string;
  readonly workflows: WorkflowsSeen;
  readonly madeAt: Date;
}
export interface MonthlyAuditRun {
  readonly runId: string;
  readonly outcome: RunOutcome;
  readonly differences: readonly Difference[];
  readonly at: Date;
}
export interface MonthlyAuditLine extends MonthlyAudit {
  readonly runs: readonly MonthlyAuditRun[];
}

/** What the figures are made of. */
export interface MeasureStore {
  requests(span: Span): Promise<readonly RequestFacts[]>;
  /**
   * Those that were erased or ended in the month by row or log, those that are named besides, and those that had not ended though they
   * were erased before `windowOver`.
   */
  ended(span: Span, besides: readonly string[], windowOver: Date | null): Promise<readonly Ended[]>;
  /** Erasures of before the month's end that kept something, and when a night last looked at what is kept. */
  kept(span: Span): Promise<{ readonly requests: readonly KeptFacts[]; readonly lastReview: Date | null }>;
  counts(
    span: Span,
    calendar: Pick<MonthFigures['calendar'], 'emptiedByLog'>,
  ): Promise<Pick<MonthFigures, 'silentRecipients' | 'decodes' | 'ticketsEmptied' | 'looks'>>;
  log(order: LogOrder): Promise<LogFigures>;
}
export interface LogOrder {
  /** The month's end. */
  readonly before: Date;
  /** Where the report says it began and ended, when there is one. */
  readonly kept: Pick<LogFigures, 'from' | 'to'> | null;
  /** When that report was made: heads that were kept later are compared, but not counted. */
  readonly madeAt: Date | null;
  /** The heads of the last month's report, and of this month's. */
  readonly heads: readonly AuditHead[];
  /** The first position where no report tells it. */
  readonly from: number;
  readonly alive: (checked: number) => void;
}

export interface MonthlyAuditStore {
  find(month: string): Promise<MonthlyAudit | null>;
  /** The newest report of a month before this one. */
  before(month: string): Promise<MonthlyAudit | null>;
  /**
   * Keeps the first report of a month, and writes down what each run measured; the same run again says the same again.
   * `render`: the report as HTML.
   */
  keep(
    runId: string,
    measured: Measured,
    render: (audit: MonthlyAudit) => Promise<string>,
  ): Promise<{ readonly audit: MonthlyAudit; readonly run: MonthlyAuditRun }>;
  html(month: string): Promise<string | null>;
  /** Marks a mail `sending`; false when it went out already. */
  beginMail(month: string, officerId: string, occasion: string): Promise<boolean>;
  /** Logs that it did not go out, by the code of what came between. */
  failMail(month: string, officerId: string, occasion: string, code: string): Promise<void>;
  finishMail(month: string, officerId: string, occasion: string): Promise<void>;
}

/** Who looks reports up. */
export interface MonthlyAuditReader {
  /** The newest month first. */
  list(): Promise<readonly MonthlyAuditLine[]>;
  find(month: string): Promise<MonthlyAudit | null>;
  runs(month: string): Promise<readonly MonthlyAuditRun[]>;
}

export interface MonthlyAuditDeps {
  readonly store: MonthlyAuditStore;
  readonly measure: MeasureStore;
  readonly policy: Pick<PrivacyPolicy, 'controller' | 'officers' | 'erasure'>;
  readonly render: (audit: MonthlyAudit) => Promise<string>;
  /** Writes `YYYY-MM.json` and `.html` where reports lie as files. */
  readonly publish: (month: string, files: { readonly json: string; readonly html: string }) => Promise<void>;
  /** The report's page. */
  readonly pageOf: (month: string) => string;
}
