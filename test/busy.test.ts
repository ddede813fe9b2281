import { sql } from 'kysely';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { whileBusy } from '../src/busy.ts';
import { StewardError } from '../src/domain/errors.ts';
import { type Database, openDatabase } from '../src/store/database.ts';
import { useProxy } from './support/proxy.ts';

const proxy = useProxy(() => new URL(inject('databaseUrl')).host);
const held = {} as { db: Database };
beforeAll(() => {
  const url = new URL(inject('databaseUrl'));
  url.host = proxy.address;
  held.db = openDatabase({ url: url.href, poolSize: 1 });
});
afterAll(() => held.db.destroy());

const ask = () => sql<{ one: number }>`select 1 as one`.execute(held.db);

test.each(['refuse', 'hang'] as const)(
  'a PostgreSQL that does not answer is asked again until it does: %s',
  async (mode) => {
    await ask();
    let tries = 0;
    proxy.mode = mode;
    const answer = whileBusy(() => {
      tries += 1;
      // The second try is on its way.
      if (tries === 2) proxy.mode = 'pass';
      return ask();
    });
    expect((await answer).rows).toEqual([{ one: 1 }]);
    expect(tries).toBeGreaterThan(1);
  },
);

test('not for ever, and not where something was said: the error stands as it came', async () => {
  proxy.mode = 'refuse';
  await expect(whileBusy(ask, 500)).rejects.toThrow(/ECONNRESET|Connection terminated/);
  proxy.mode = 'pass';
  let asked = 0;
  const says = (error: Error) => () => {
    asked += 1;
    return Promise.reject(error);
  };
  await expect(whileBusy(says(new StewardError('Unavailable', 'no')))).rejects.toThrow('no');
  await expect(whileBusy(() => sql`select wrong`.execute(held.db))).rejects.toThrow('column "wrong" does not exist');
  expect(asked).toBe(1);
});
