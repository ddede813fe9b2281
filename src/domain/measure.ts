/**
 * The figures of the monthly audit: what each of them counts. All rest on times of events that have happened, on what is written once, and
 * on the audit log, so that a month measured again gives the same. What could change meanwhile (the calendar, how far the audit log goes) is
 * a part of the figures, and is taken from the first report.
 */
import type { AuditFault, AuditHead } from './audit.ts';
import type { KeptEnd } from './erase.ts';
import type { Category } from './privacy-policy.ts';

export interface MonthFigures {
  /** Such as `2026-10`. */
  readonly month: string;
  /** By which days and holidays it was measured. */
  readonly calendar: {
    readonly timeZone: string;
    readonly holidays: readonly string[];
    /** Whoever was erased so long ago has been looked for again. Not in reports from before this was checked. */
    readonly lookAgainDays?: number;
    /** Whether `ticketsEmptied` is of what retention logged. Reports from before this have the tickets that erasures emptied in it. */
    readonly emptiedByLog?: true;
    /** Whether `requests.withdrawn` is counted. Not in reports from before it was. */
    readonly withdrawnCounted?: true;
  };
  /** ISO 8601: from the first on, before the second. */
  readonly span: { readonly from: string; readonly to: string };
  readonly requests: RequestFigures;
  /** Requests whose last day lies in the month, and that were not answered by its end. An answer is the erasure, or the end in another way. */
  readonly late: {
    /** By what we aim for: the month from receipt, as extended. */
    readonly byAim: readonly LateRequest[];
    /** By what can be argued: the days until the proof of identity do not count. */
    readonly withPauses: readonly LateRequest[];
  };
  /** From receipt to erased, of those erased in the month; whole seconds, null where there is none. */
  readonly timeToErase: { readonly medianSeconds: number | null; readonly worstSeconds: number | null };
  /** Of requests answered in the month: what was not erased. */
  readonly kept: readonly KeptFigure[];
  /** What erasures of any month kept, as it stood when this one ended. Not in reports from before this was counted. */
  readonly keptData?: KeptFigures;
  /** Recipients that had not answered when the month ended, of requests of any month. */
  readonly silentRecipients: readonly { readonly recipient: string; readonly requestIds: readonly string[] }[];
  /** Who had encrypted payloads shown, how often, and how many of them opened. */
  readonly decodes: readonly DecodeFigure[];
  /** Tickets that lost their words by the retention rule. */
  readonly ticketsEmptied: number;
  readonly looks: LookFigures;
  readonly log: LogFigures;
  /** Where database, audit log and workflows say different things of a request. */
  readonly mismatches: readonly Mismatch[];
}

export interface RequestFigures {
  readonly received: number;
  /** Erased in the month, all of it. */
  readonly done: number;
  /** Erased in the month, but for what is kept. */
  readonly partlyRefused: number;
  readonly refused: number;
  readonly notProved: number;
  /** Proved, but nobody was known by the address. */
  readonly nobody: number;
  /** Vouched for, when the person proved a later one themself. Only where there were any: older reports know no such figure. */
  readonly superseded?: number;
  /** Stopped by the person while it was cooling off. Only where there were any: older reports know no such figure. */
  readonly withdrawn?: number;
  /** Their workflow was ended by force; a later request of the person went on with what it had begun. */
  readonly abandoned: number;
  /** Without an answer when the month ended. */
  readonly open: number;
  /** Of them, those past their last day. */
  readonly overdue: number;
}
export interface LateRequest {
  readonly requestId: string;
  readonly dueAt: string;
  /** Null: not when the month ended. */
  readonly answeredAt: string | null;
}
export interface KeptFigure {
  readonly category: Category;
  readonly why: string;
  readonly statute: string;
  readonly requests: number;
}
export interface KeptFigures {
  /** Erasures that still keep something. */
  readonly requests: number;
  readonly still: readonly KeptStill[];
  /** Ended in the month, and how. */
  readonly ended: readonly KeptEndFigure[];
  /** Still kept though its reason is over, or nobody knows whether it is. */
  readonly withoutReason: readonly WithoutReason[];
  /** When the nightly run last looked at what is kept; ISO 8601, null: the log knows of no such night. */
  readonly lastReview: string | null;
  /** There was something to look at, and no night of the month's last two did. */
  readonly reviewMissing: boolean;
}
/** By the last night that could decide; before the first one, as the person was told. */
export interface KeptStill extends KeptFigure {
  /** Of the requests: those whose reason has no known end. */
  readonly openEnded: number;
  /** ISO 8601: the first and the last day of the others; null where there are none. */
  readonly firstUntil: string | null;
  readonly lastUntil: string | null;
}
export interface KeptEndFigure {
  readonly category: Category;
  readonly how: KeptEnd['how'];
  readonly requests: number;
}
export interface WithoutReason {
  readonly requestId: string;
  readonly category: Category;
  readonly until: string | null;
  /**
   * `unclear`: the last night could decide nothing. `windowOpen`: the erasure has not ended, its second look is to come. `anotherRequest`:
   * an open one of the person decides. `notReviewed`: no night has looked since. `notEnded`: it was looked at, and is there.
   */
  readonly why: 'unclear' | 'windowOpen' | 'anotherRequest' | 'notReviewed' | 'notEnded';
}
export interface DecodeFigure {
  /** Kind and id, as the audit log names them: `key 0b7c…`. */
  readonly who: string;
  readonly times: number;
  readonly opened: number;
}
export interface LookFigures {
  readonly atOnce: LookCount;
  readonly later: LookCount;
  /** `count`: rows, files or workflows; not in reports from before they were counted. */
  readonly findings: readonly {
    readonly requestId: string;
    readonly where: string;
    readonly kind: string;
    readonly count?: number;
  }[];
}
/** In places. Neither those who came again by themselves nor words that had to be kept are remnants. */
interface LookCount {
  readonly looks: number;
  /** Where something of the person was left. */
  readonly found: number;
  readonly back: number;
  /** Where words that the decision keeps speak of them; left out where there are none, as in reports from before this was told apart. */
  readonly kept?: number;
}
/** The audit log from after the last month's head to the month's own. */
export interface LogFigures {
  readonly ok: boolean;
  /** Positions; `to` is before `from` when nothing was added. */
  readonly from: number;
  readonly to: number;
  readonly checked: number;
  /** The newest good position. */
  readonly head: AuditHead | null;
  /** Heads kept outside the database that were compared, and the last position that one of them vouches for. */
  readonly keptHeads: number;
  readonly vouchedTo: number;
  readonly firstBad: { readonly position: number; readonly kind: AuditFault; readonly message: string } | null;
}

export interface Mismatch {
  readonly requestId: string;
  /** Who does not say what the database says. */
  readonly with: 'log' | 'workflow';
  readonly what: string;
}

/** A month that was measured, and whatever else may be said of it that need not be the same next time. */
export interface Measured {
  readonly figures: MonthFigures;
  readonly workflows: WorkflowsSeen;
}
export interface WorkflowsSeen {
  /** Whose end was compared. */
  readonly compared: number;
  /** Forgotten by the server, whose time to keep them was over. */
  readonly forgotten: number;
}

export interface Difference {
  readonly figure: string;
  readonly was: string;
  readonly is: string;
}

/** Which figures are not what they were; their values as JSON. */
export function differencesOf(was: unknown, is: unknown, figure = ''): Difference[] {
  if (isObject(was) && isObject(is)) {
    const names = [...new Set([...Object.keys(was), ...Object.keys(is)])].sort();
    return names.flatMap((name) => differencesOf(was[name], is[name], figure === '' ? name : `${figure}.${name}`));
  }
  const [before, now] = [sayValue(was), sayValue(is)];
  return before === now ? [] : [{ figure, was: before, is: now }];
}

function sayValue(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
