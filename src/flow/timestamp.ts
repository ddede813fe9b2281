const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(\.\d+)?(?:Z|([+-])(\d\d):(\d\d))$/u;

/**
 * An RFC 3339 timestamp as epoch ms (fractions of a ms are kept), or undefined when `text` is none. The language's profile: capital
 * `T`, capital `Z` unless there is an offset.
 */
export function parseTimestamp(text: string): number | undefined {
  const found = RFC3339.exec(text);
  if (!found) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = found.slice(1, 7).map(Number);
  const offset = Number(found[9] ?? 0) * 60 + Number(found[10] ?? 0);
  if (hour > 23 || minute > 59 || second > 60 || Number(found[9] ?? 0) > 23 || Number(found[10] ?? 0) > 59)
    return undefined;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  // The 31st of February rolls over into March: a date that changed was none.
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  date.setUTCHours(hour, minute - (found[8] === '-' ? -offset : offset), second);
  return date.getTime() + Number(found[7] ?? 0) * 1000;
}
