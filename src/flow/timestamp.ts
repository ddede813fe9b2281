const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:Z|([+-])(\d\d):(\d\d))$/u;

/** Whole seconds since 1970, and the decimals without zeros at their end: in one number, what is finer than a microsecond would be lost. */
export interface Instant {
  readonly seconds: number;
  readonly decimals: string;
}

/**
 * The instant of an RFC 3339 timestamp, or undefined when `text` is none. The language's profile: capital `T`, capital `Z` unless there
 * is an offset.
 */
export function parseInstant(text: string): Instant | undefined {
  const found = RFC3339.exec(text);
  if (!found) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = found.slice(1, 7).map(Number);
  const [offsetHour, offsetMinute] = [Number(found[9] ?? 0), Number(found[10] ?? 0)];
  if (hour > 23 || minute > 59 || second > 60 || offsetHour > 23 || offsetMinute > 59) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  // The 31st of February rolls over into March: a date that changed was none.
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  const offset = offsetHour * 60 + offsetMinute;
  date.setUTCHours(hour, minute - (found[8] === '-' ? -offset : offset));
  // A leap second is put in at the end of a day in UTC, wherever the clock hangs.
  if (second === 60 && (date.getUTCHours() !== 23 || date.getUTCMinutes() !== 59)) return undefined;
  return { seconds: date.getTime() / 1000 + second, decimals: withoutLastZeros(found[7] ?? '') };
}

/** The same as epoch ms; fractions of a ms are kept as far as a number holds them. */
export function parseTimestamp(text: string): number | undefined {
  const instant = parseInstant(text);
  return instant && instant.seconds * 1000 + Number(`0.${instant.decimals}`) * 1000;
}

/** Less than 0, 0 or greater than 0, as `a` is before, at or after `b`. */
export function compareInstants(a: Instant, b: Instant): number {
  if (a.seconds !== b.seconds) return a.seconds - b.seconds;
  if (a.decimals === b.decimals) return 0;
  return a.decimals < b.decimals ? -1 : 1;
}

function withoutLastZeros(digits: string): string {
  let end = digits.length;
  while (digits[end - 1] === '0') end--;
  return digits.slice(0, end);
}
