/** How long closed tickets keep their words, and what goes then. */
import { daysBefore } from './calendar.ts';
import type { Category } from './privacy-policy.ts';

/** What an emptied ticket has lost. A hold on one of them, or on all, keeps the whole ticket. */
export const RETENTION_CATEGORIES = ['conversations', 'deliveries'] as const satisfies readonly Category[];
export type RetentionCategory = (typeof RETENTION_CATEGORIES)[number];

/** Tickets that were closed before this instant have been so for more than `days` whole days of the controller. */
export function retentionCutoff(now: Date, days: number, timeZone: string): Date {
  return daysBefore(now, days, timeZone);
}
