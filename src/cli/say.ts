/** How the commands put things to people. Times are UTC, as they are in the Temporal Web UI's links and in the logs. */
import type { Problem } from '../domain/errors.ts';

/** Columns wide enough for their content, two spaces between. */
export function sayTable(rows: readonly (readonly string[])[], indent = ''): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  const lines = rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '));
  return lines.map((line) => `${indent}${line}`.trimEnd()).join('\n');
}

/** What is wrong with a file: each with its line, and with its file where that is another one. */
export function sayFileProblems(file: string, problems: readonly Problem[]): string {
  if (problems.length === 0) return 'in order';
  const rows = problems.map(({ file: where, line, field, message }) => {
    const place = [where === undefined || where === file ? [] : where, line === undefined ? [] : `line ${line}`].flat();
    return [place.join(' '), field, message];
  });
  return `${problems.length} error${problems.length === 1 ? '' : 's'}\n${sayTable(rows, '  ')}`;
}

/** `10:15:00.123` */
export function sayClock(iso: string): string {
  return iso.slice(11, 23);
}

/** `2026-04-23 10:15:00` */
export function sayTime(iso: string): string {
  return iso.slice(0, 19).replace('T', ' ');
}

const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
] as const;

/** `5 s ago`, `3 min ago`, `2 d ago`. */
export function sayAgo(iso: string, now: number): string {
  const seconds = Math.max(0, Math.round((now - Date.parse(iso)) / 1000));
  const unit = UNITS.find(([, size]) => seconds >= size);
  return unit ? `${Math.floor(seconds / unit[1])} ${unit[0]} ago` : `${seconds} s ago`;
}

/** `bot`, `agent ben`, `the team`: who has a ticket now. */
export function sayWith(ticket: { readonly route: string; readonly assigneeId: string | null }): string {
  if (ticket.assigneeId !== null) return `agent ${ticket.assigneeId}`;
  if (ticket.route === 'agent') return 'the team';
  return ticket.route === 'none' ? '-' : ticket.route;
}
