import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '../../src/store/database.ts';
import { createErasureIntake } from '../../src/store/erasure-intake.ts';
import { useStores } from './support.ts';

const stores = useStores();

/** As the gateway of a PostgreSQL, or of a login, that is set to this time zone. */
function intakeIn(timeZone: string) {
  const url = new URL(stores.url);
  url.searchParams.set('options', `-c timezone=${timeZone}`);
  const db = openDatabase({ url: url.href, poolSize: 1, role: 'steward_gateway' });
  onTestFinished(() => db.destroy());
  return createErasureIntake(db);
}

test('T7: the day of a limit is the one of UTC, in whatever time zone PostgreSQL is', async () => {
  // Between these two is more than a day: at any hour one of them has another date than UTC.
  const [east, west] = [intakeIn('Pacific/Kiritimati'), intakeIn('Etc/GMT+12')];
  const asked = [{ bucket: randomBytes(32), limit: 3 }];
  const answers: boolean[] = [];
  for (const intake of [east, west, east, west]) answers.push(await intake.countRequest(asked));
  expect(answers).toEqual([true, true, true, false]);
  const { rows } = await sql<{ count: number; isToday: boolean }>`
    select count, day = (now() at time zone 'utc')::date as "isToday" from request_limits`.execute(stores.db);
  expect(rows).toEqual([{ count: 4, isToday: true }]);
});

test('T7: what was counted on another day of UTC goes with the next request', async () => {
  await sql`insert into request_limits (bucket, day, count)
    values (${randomBytes(32)}, (now() at time zone 'utc')::date - 1, 5)`.execute(stores.db);
  const bucket = randomBytes(32);
  await intakeIn('Etc/GMT+12').countRequest([{ bucket, limit: 1 }]);
  const { rows } = await sql`select 1 from request_limits where day < (now() at time zone 'utc')::date`.execute(
    stores.db,
  );
  expect(rows).toEqual([]);
});
