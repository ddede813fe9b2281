import fc from 'fast-check';
import { sql } from 'kysely';
import { expect, it } from 'vitest';
import type { AuditEntry } from '../../src/domain/audit.ts';
import type { AuditAction } from '../../src/domain/audit-actions.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import { placeEntries } from '../../src/store/audit-place.ts';
import { useAudit } from './support.ts';

const audit = useAudit();
const COUNT = 10_000;

/** Any text: NUL and halves of surrogate pairs too, which PostgreSQL does not take. */
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)) }),
  fc.constantFrom('', '\u0000', '\ud800', '"\\', '__proto__', 'toJSON', '10', '9'),
);
const number = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
  fc.constantFrom(-0, 5e-324, Number.MAX_VALUE, 2 ** 53, 1e21, 1e-7, 0.1 + 0.2),
);
const { json } = fc.letrec((tie) => ({
  json: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constant(null),
    fc.boolean(),
    number,
    text,
    tie('list'),
    tie('object'),
  ),
  list: fc.array(tie('json'), { maxLength: 4 }),
  object: fc.dictionary(text, tie('json'), { maxKeys: 5 }),
}));
const object = fc.dictionary(text, json, { maxKeys: 6 }) as fc.Arbitrary<JsonObject>;
const entry: fc.Arbitrary<AuditEntry> = fc.record(
  {
    actor: fc.record({ kind: fc.constantFrom('person', 'key', 'workflow', 'system'), id: text }),
    // No action: what is hashed may be anything.
    action: text as fc.Arbitrary<AuditAction>,
    object: text,
    why: text,
    before: object,
    after: object,
  },
  { requiredKeys: ['actor', 'action', 'object'] },
);

it(`gives no false alarm over ${COUNT} generated entries, whatever they hold`, { timeout: 120_000 }, async () => {
  const seed = Date.now() % 2 ** 31;
  const entries = fc.sample(entry, { numRuns: COUNT, seed });
  const sizes = fc.sample(fc.integer({ min: 1, max: 400 }), { numRuns: COUNT, seed });
  for (let done = 0, turn = 0; done < COUNT; turn++) {
    const some = entries.slice(done, done + (sizes[turn] ?? 1));
    await audit.log.append(some);
    await placeEntries(audit.db, (turn % 7) * 50 + 1);
    if (turn % 10 === 0) await audit.keepHead();
    if (turn % 10 === 0) expect(await audit.verify(), `seed ${seed}`).toMatchObject({ ok: true });
    done += some.length;
  }
  await placeEntries(audit.db, COUNT);
  expect(await audit.verify({ unplacedAfterMs: 0 }), `seed ${seed}`).toMatchObject({ ok: true, checked: COUNT });
});

it('numbers that only another program can have written are placed and pass, and no digit of them changes unseen', async () => {
  const deep = `${'['.repeat(5_000)}${']'.repeat(5_000)}`;
  await sql`insert into audit_entries (actor_kind, actor_id, action, object, after)
    select 'system', 's', 'a', 'o', v::jsonb from unnest(${['1e400', '9007199254740993', '0.10000000000000000001', deep]}::text[]) v`.execute(
    audit.db,
  );
  await placeEntries(audit.db, 100);
  expect(await audit.verify({ unplacedAfterMs: 0 })).toMatchObject({ ok: true });
  await audit.tamper(`update audit_entries set after = '9007199254740992' where after = '9007199254740993'`);
  expect((await audit.verify()).firstBad).toMatchObject({ kind: 'edited' });
});
