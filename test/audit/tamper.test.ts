import { beforeEach, describe, expect, it } from 'vitest';
import { chainFrom } from '../../src/store/audit-chain.ts';
import { hashEntry, NOTHING_BEFORE } from '../../src/store/audit-hash.ts';
import { startAnew, useAudit } from './support.ts';

const audit = useAudit();
beforeEach(() => startAnew(audit));

/** Valid hashes from this position on, whatever stands there now: who owns the table can make them. */
async function rewriteFrom(position: number): Promise<void> {
  let previous = NOTHING_BEFORE;
  const updates: string[] = [];
  for await (const rows of chainFrom(audit.db, 1)) {
    for (const row of rows) {
      if (row.entry && row.position >= position) {
        previous = hashEntry(row.position, previous, row.entry);
        updates.push(`update audit_chain set hash = '\\x${previous}' where position = ${row.position}`);
      } else previous = row.hash;
    }
  }
  await audit.tamper(...updates);
}

describe('T6: an insider who owns the database changes the audit log', () => {
  it('a log that nobody touched passes', async () => {
    await audit.fill(30);
    await audit.keepHead();
    const verdict = await audit.verify();
    expect(verdict).toMatchObject({ ok: true, checked: 30, warnings: [], head: { position: 30 } });
    expect((await audit.heads.read()).heads).toMatchObject([verdict.head]);
  });

  it.each([
    ['the state after', `after = jsonb_set(after, '{state}', '"waitingForBgent"')`],
    ['the state before', `before = jsonb_set(before, '{state}', '"oew"')`],
    ['a null that goes', `before = before - 'assignee'`],
    ['all that was before', 'before = null'],
    ['JSON null for nothing', `why = why, before = 'null'`],
    ['who', `actor_id = 'ticket-TKT-8'`],
    ['what kind of who', `actor_kind = 'system'`],
    ['what', `action = 'ticket.claimed'`],
    ['to what', `object = 'ticket/TKT-8'`],
    ['why', `why = ''`],
    ['when, by a microsecond', `at = at + interval '1 microsecond'`],
    ['when, for ever', `at = 'infinity'`],
    ['a digit beyond a double', `after = jsonb_set(after, '{revision}', '7.00000000000000001')`],
    ['a number beyond all doubles', `after = jsonb_set(after, '{revision}', '1e400')`],
  ])('one changed: %s', async (_what, change) => {
    await audit.fill(20);
    await audit.tamper(`update audit_entries set ${change} where id = 7`);
    const { ok, firstBad } = await audit.verify();
    expect({ ok, firstBad }).toMatchObject({ ok: false, firstBad: { position: 7, kind: 'edited', entryId: '7' } });
    expect(firstBad?.message).toContain('position 7');
  });

  it('one flipped byte of a hash is named at its position', async () => {
    await audit.fill(20);
    await audit.tamper('update audit_chain set hash = set_byte(hash, 31, get_byte(hash, 31) # 1) where position = 9');
    expect((await audit.verify()).firstBad).toMatchObject({ position: 9, kind: 'edited' });
  });

  it.each([
    [
      'their entries in the chain',
      'alter table audit_chain drop constraint audit_chain_entry_id_key',
      'update audit_chain set entry_id = 15 - entry_id where position in (4, 11)',
      'alter table audit_chain add unique (entry_id)',
    ],
    [
      'their positions',
      'alter table audit_chain drop constraint audit_chain_pkey',
      'update audit_chain set position = 15 - position where position in (4, 11)',
      'alter table audit_chain add primary key (position)',
    ],
    [
      'their contents',
      `update audit_entries e set actor_id = o.actor_id, object = o.object, after = o.after, at = o.at
        from audit_entries o where e.id in (4, 11) and o.id = 15 - e.id`,
    ],
  ])('two swapped rows are named: %s', async (_what, ...statements) => {
    await audit.fill(20);
    await audit.tamper(...statements);
    expect((await audit.verify()).firstBad).toMatchObject({
      position: 4,
      kind: 'reordered',
      message: expect.stringContaining('position 11'),
    });
  });

  it('a removed entry is named, its place stays behind', async () => {
    await audit.fill(20);
    await audit.tamper('delete from audit_entries where id = 12');
    expect((await audit.verify()).firstBad).toMatchObject({ position: 12, kind: 'removed', entryId: '12' });
  });

  it('a gap in the positions is named', async () => {
    await audit.fill(20);
    await audit.tamper(
      'delete from audit_chain where position between 12 and 14',
      'delete from audit_entries where id between 12 and 14',
    );
    expect((await audit.verify()).firstBad).toMatchObject({
      position: 12,
      kind: 'removed',
      message: expect.stringContaining('12 to 14'),
    });
  });

  it.each([1, 3, 20])('the kept head tells that the last %d rows were cut off', async (k) => {
    await audit.fill(20);
    await audit.keepHead();
    await audit.tamper(
      `delete from audit_chain where position > ${20 - k}`,
      `delete from audit_entries where id > ${20 - k}`,
    );
    expect((await audit.verify()).firstBad).toMatchObject({ position: 21 - k, kind: 'removed' });
  });

  it('a tail that was cut off and written anew is a rewritten log', async () => {
    await audit.fill(10);
    await audit.keepHead();
    await audit.fill(10);
    await audit.keepHead();
    await audit.tamper('delete from audit_chain where position > 17', 'delete from audit_entries where id > 17');
    await audit.fill(5);
    expect((await audit.verify()).firstBad).toMatchObject({ position: 20, kind: 'rewritten', range: [11, 20] });
  });

  it('a chain rewritten with valid hashes is whole in itself, and not the one whose head was kept', async () => {
    await audit.fill(10);
    await audit.keepHead();
    await audit.fill(10);
    await audit.keepHead();
    await audit.fill(10);
    await audit.keepHead();
    await audit.tamper(`update audit_entries set actor_id = 'nobody' where id = 14`);
    await rewriteFrom(14);
    expect((await audit.verify()).firstBad).toMatchObject({
      position: 20,
      kind: 'rewritten',
      range: [11, 20],
      message: expect.stringContaining('positions 11 to 20'),
    });
    await rewriteFrom(1);
    expect((await audit.verify({ from: 21 })).firstBad).toMatchObject({ position: 20, kind: 'rewritten' });
  });

  it('an entry removed before it had a position is named', async () => {
    await audit.fill(3);
    await audit.log.append([{ actor: { kind: 'system', id: 's' }, action: 'ticket.changed', object: 'o' }]);
    await audit.tamper('delete from audit_entries where id = 4');
    expect((await audit.verify()).firstBad).toMatchObject({ position: 4, kind: 'removed', entryId: '4' });
  });

  it('an entry that is never placed is named, even when nothing waits for it any more', async () => {
    await audit.fill(3);
    await audit.log.append([{ actor: { kind: 'system', id: 's' }, action: 'ticket.changed', object: 'o' }]);
    expect(await audit.verify()).toMatchObject({ ok: true, checked: 3 });
    await audit.tamper('truncate audit_unplaced');
    await audit.place();
    const { firstBad } = await audit.verify({ unplacedAfterMs: 0 });
    expect(firstBad).toMatchObject({ position: 4, kind: 'unplaced', entryId: '4' });
  });

  it('heads that are gone or broken are said', async () => {
    await audit.fill(3);
    expect(await audit.verify()).toMatchObject({ ok: true, warnings: [expect.stringContaining('is not there')] });
    await audit.keepHead();
    await audit.fill(2);
    expect(await audit.verify()).toMatchObject({
      ok: true,
      warnings: ['no kept head vouches for the newest 2 entries yet'],
    });
  });
});
