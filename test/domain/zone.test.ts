import fc from 'fast-check';
import { DateTime } from 'luxon';
import { expect, test } from 'vitest';
import { offsetAt } from '../../src/domain/zone.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const ZONES = Intl.supportedValuesOf('timeZone');
const luxonsAt = (at: number, zone: string) => DateTime.fromMillis(at, { zone }).offset * MINUTE;

test('every zone is ahead of UTC by as much as luxon says, to the minute around its changes of clocks', () => {
  const hour = fc.integer({ min: Date.parse('1973-01-01') / HOUR, max: Date.parse('2038-01-01') / HOUR });
  fc.assert(
    fc.property(fc.constantFrom(...ZONES), hour, (zone, anywhere) => {
      expect(offsetAt(anywhere * HOUR, zone)).toBe(luxonsAt(anywhere * HOUR, zone));
      // The next change within the year, found by halving.
      let [before, after] = [anywhere * HOUR, anywhere * HOUR];
      for (let days = 0; days < 52 && luxonsAt(after, zone) === luxonsAt(before, zone); days += 1)
        after += 7 * 24 * HOUR;
      while (after - before > MINUTE) {
        const middle = Math.floor((before + after) / 2 / MINUTE) * MINUTE;
        if (luxonsAt(middle, zone) === luxonsAt(before, zone)) before = middle;
        else after = middle;
      }
      for (const at of [before - 1, before, after, after + 1, after + 24 * HOUR]) {
        expect(offsetAt(at, zone), `${zone} ${new Date(at).toISOString()}`).toBe(luxonsAt(at, zone));
      }
    }),
    { numRuns: 400 },
  );
});
