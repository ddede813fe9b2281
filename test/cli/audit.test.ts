import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { composeOperator, type Operator } from '../../src/compose-operator.ts';
import { judge } from '../../src/config.ts';
import { Secret } from '../../src/secret.ts';
import { findOpenGuards } from '../../src/store/audit-guard.ts';
import { entryOf, startAnew, useAudit } from '../audit/support.ts';
import { temporaryDirectory } from '../support/directory.ts';
import { runOn } from './support.ts';

const audit = useAudit();
let operator: Operator;
beforeAll(async () => {
  const { config } = judge({ STEWARD_AUDIT_HEADS: audit.headsFile });
  operator = await composeOperator(config, new Secret(audit.url));
});
afterAll(() => operator.close());
beforeEach(() => startAnew(audit));

function steward(...args: string[]) {
  return runOn({ operator: async () => operator }, ...args);
}

describe('audit verify', () => {
  test('a whole log: says how much, and its head', async () => {
    await audit.fill(12);
    await audit.keepHead();
    const { exit, out, err } = await steward('audit', 'verify');
    expect({ exit, err }).toEqual({ exit: 0, err: '' });
    expect(out).toMatch(/^The audit log is whole: 12 entries; head 12 [\da-f]{64}\n$/);
    expect(JSON.parse((await steward('audit', 'verify', '--json')).out)).toMatchObject({ ok: true, checked: 12 });
    expect((await steward('audit', 'verify', '--from', '11')).out).toContain('2 entries from position 11 on; head 12');
  });

  test('one that ends before --from is not called broken: the error names the last position', async () => {
    expect(await steward('audit', 'verify', '--from', '2')).toMatchObject({
      exit: 1,
      out: '',
      err: expect.stringContaining('--from: nothing is at position 2 or after it; the log is empty'),
    });
    await audit.fill(12);
    expect(await steward('audit', 'verify', '--from', '14')).toMatchObject({
      exit: 1,
      out: '',
      err: expect.stringContaining('--from: nothing is at position 14 or after it; the last position of the log is 12'),
    });
    expect((await steward('audit', 'verify', '--from', '13')).out).toContain('whole: 0 entries from position 13 on');
  });

  test('one that a kept head knows to have reached --from was cut off', async () => {
    await audit.fill(12);
    await audit.keepHead();
    await audit.tamper('delete from audit_chain where position > 8', 'delete from audit_entries where id > 8');
    const { exit, out } = await steward('audit', 'verify', '--from', '12');
    expect(exit).toBe(1);
    expect(out).toContain('The audit log is NOT whole: nothing is at position 11');
  });

  test('a bad one: names the first bad position, and exits with 1', async () => {
    await audit.fill(12);
    await audit.tamper(`update audit_entries set action = 'x' where id in (5, 9)`);
    const { exit, out } = await steward('audit', 'verify');
    expect(exit).toBe(1);
    expect(out).toContain('The audit log is NOT whole: entry 5 at position 5');
    expect(out).toContain('(edited; good up to position 4)');
    const json = await steward('audit', 'verify', '--json');
    expect(json.exit).toBe(1);
    expect(JSON.parse(json.out)).toMatchObject({ ok: false, firstBad: { position: 5, kind: 'edited' } });
  });

  test.each([
    ['disable', 'D', 'is disabled'],
    ['enable', 'O', 'does not fire always'],
    ['enable replica', 'R', 'does not fire always'],
  ])('a trigger that somebody said %s to is named, though the log is whole', async (act, enabled, how) => {
    await audit.fill(2);
    await audit.keepHead();
    const guards = [
      ['audit_entries', 'audit_entries_append_only'],
      ['audit_entries', 'audit_entries_unplaced'],
      ['audit_chain', 'audit_chain_append_only'],
      ['monthly_audits', 'monthly_audits_append_only'],
    ] as const;
    for (const [table, trigger] of guards) {
      await sql.raw(`alter table ${table} ${act} trigger ${trigger}`).execute(audit.db);
      const { rows } = await sql`select tgenabled from pg_trigger where tgname = ${trigger}`.execute(audit.db);
      expect(rows).toEqual([{ tgenabled: enabled }]);
      const { exit, out } = await steward('audit', 'verify');
      const json = JSON.parse((await steward('audit', 'verify', '--json')).out);
      await sql.raw(`alter table ${table} enable always trigger ${trigger}`).execute(audit.db);
      expect(exit).toBe(1);
      expect(out).toContain('The audit log is whole: 2 entries');
      expect(out.split('\n')[1]).toBe(
        `The guard of the log is NOT on: trigger ${trigger} on ${table} ${how}: alter table ${table} enable always trigger ${trigger}`,
      );
      expect(json).toMatchObject({ ok: false, openGuards: [expect.stringContaining(trigger)] });
    }
    expect(await steward('audit', 'verify')).toMatchObject({ exit: 0, err: '' });
  });

  const another = 'create or replace function audit_refuse_change() returns trigger language plpgsql as';
  test.each([
    ['grant update on audit_entries to steward_worker', 'steward_worker has UPDATE on audit_entries'],
    ['grant delete on audit_chain to steward_auditor', 'steward_auditor has DELETE on audit_chain'],
    ['grant truncate on audit_entries to public', 'public has TRUNCATE on audit_entries'],
    ['grant update (why) on audit_entries to steward_gateway', 'steward_gateway has UPDATE on audit_entries'],
    ['grant trigger on audit_chain to steward_operator', 'steward_operator has TRIGGER on audit_chain'],
    ['drop trigger audit_chain_append_only on audit_chain', 'audit_chain_append_only on audit_chain is not there'],
    [
      `drop trigger audit_chain_append_only on audit_chain;
        create trigger audit_chain_append_only before update on audit_chain for each statement execute function audit_refuse_change();
        alter table audit_chain enable always trigger audit_chain_append_only`,
      'audit_chain_append_only on audit_chain is another one',
    ],
    [`${another} $$ begin return new; end $$`, 'function audit_refuse_change'],
  ])('what opens the log to changes is named: %s', async (opening, message) => {
    const undo = new Error('undone');
    let found: readonly string[] = [];
    const look = audit.db.transaction().execute(async (transaction) => {
      await sql.raw(opening).execute(transaction);
      found = await findOpenGuards(transaction);
      throw undo;
    });
    await expect(look).rejects.toBe(undo);
    expect(found.join('\n')).toContain(message);
    expect(await findOpenGuards(audit.db)).toEqual([]);
  });

  test('a part of Steward that may take on the tables’ owner is named', async () => {
    const undo = new Error('undone');
    let found: readonly string[] = [];
    const owner = `audit_owner_${randomBytes(4).toString('hex')}`;
    const look = audit.db.transaction().execute(async (transaction) => {
      await sql.raw(`create role ${owner}`).execute(transaction);
      await sql.raw(`alter table audit_chain owner to ${owner}`).execute(transaction);
      await sql.raw(`grant ${owner} to steward_worker`).execute(transaction);
      found = await findOpenGuards(transaction);
      throw undo;
    });
    await expect(look).rejects.toBe(undo);
    expect(found.join('\n')).toContain('steward_worker may take on the owner of audit_chain');
  });

  test('heads that are not there are a warning, and with --strict a failure', async () => {
    await audit.fill(2);
    const lax = await steward('audit', 'verify');
    expect(lax).toMatchObject({ exit: 0, err: expect.stringContaining(`warning: ${audit.headsFile} is not there`) });
    expect(await steward('audit', 'verify', '--strict')).toMatchObject({ exit: 1, out: lax.out, err: lax.err });
  });

  test('another copy of the heads counts instead of ours', async () => {
    await audit.fill(4);
    await audit.keepHead();
    const copy = join(await temporaryDirectory(), 'copy.jsonl');
    await writeFile(copy, `{"position":9,"hash":"${'0'.repeat(64)}","at":"2026-04-23T10:15:00.000Z"}\n`);
    const { exit, out } = await steward('audit', 'verify', '--heads', copy, audit.headsFile);
    expect(exit).toBe(1);
    expect(out).toContain('ends at position 4, but a head of position 9 was kept');
  });

  test('an empty log is said to be empty', async () => {
    expect((await steward('audit', 'verify')).out).toBe('The audit log is empty.\n');
  });
});

describe('audit show', () => {
  test('the newest first, by what is asked; and that somebody looked, without their words', async () => {
    await audit.fill(3);
    await audit.log.append([
      entryOf(2, { actor: { kind: 'person', id: 'ana' }, action: 'ticket.claimed', why: 'with decided' }),
    ]);
    const { out } = await steward('audit', 'show', '--object', 'ticket/TKT-2');
    const [head, claimed, escalated, ...rest] = out.split('\n');
    expect(head).toMatch(/^POSITION {2}AT \(UTC\) +WHO +WHAT +OF +CHANGE$/);
    expect(claimed).toMatch(
      /^- .* person ana +ticket.claimed +ticket\/TKT-2 +with decided; state new -> waitingForAgent; assignee ana/,
    );
    expect(escalated).toMatch(/^2 .* ticket-TKT-2 +ticket.escalated/);
    expect(rest).toEqual(['']);
    const [looked] = JSON.parse((await steward('audit', 'show', '--action', 'audit.shown', '--json')).out);
    expect(looked).toMatchObject({
      actor: { kind: 'person', id: `login/${new URL(audit.url).username}` },
      object: 'audit',
      after: { filters: ['object'], entries: 2 },
    });
  });

  test.each([
    [['--actor', 'ticket-TKT-3'], 1],
    [['--since', '2999-01-01'], 0],
    [['--since', '2020-01-01T00:00:00Z'], 3],
    [['--limit', '2'], 2],
    [['--action', 'ticket.escalated'], 3],
  ])('shows by %j', async (args, count) => {
    await audit.fill(3);
    expect(JSON.parse((await steward('audit', 'show', '--json', ...args)).out)).toHaveLength(count);
  });

  test.each([
    ['erasure.aproved', 'near it: erasure.approved'],
    ['refused', 'event.refused'],
    ['Ticket.Claimed', 'near it: ticket.claimed'],
    ['zzz', 'the log never says "zzz". docs/operations.md'],
  ])('an action that the log never says is refused, with those that are near: %s', async (action, near) => {
    await audit.fill(1);
    const shown = await steward('audit', 'show', '--action', action);
    expect(shown).toMatchObject({ exit: 1, out: '', err: expect.stringContaining('--action: ') });
    expect(shown.err).toContain(near);
  });

  test.each(['yesterday', '23.4.2026', '2026-13-01'])('a time that is none is told: %s', async (since) => {
    expect(await steward('audit', 'show', '--since', since)).toMatchObject({
      exit: 2,
      err: expect.stringContaining('a day or a time as in'),
    });
  });

  test('what can’t be logged is not shown, nor exported', async () => {
    await audit.fill(3);
    await audit.tamper(`alter table audit_entries add constraint none check (action = 'none') not valid`);
    const shown = await steward('audit', 'show');
    const exported = await steward('audit', 'export');
    await audit.tamper('alter table audit_entries drop constraint none');
    expect([shown, exported]).toMatchObject([
      { exit: 1, out: '' },
      { exit: 1, out: '' },
    ]);
  });
});

describe('audit export', () => {
  const recipe = /```js\n(\/\/ check\.mjs.*?)```/s.exec(readFileSync('docs/operations.md', 'utf8'))?.[1] ?? '';

  /** As an outsider runs it: by the documented lines, with nothing of ours. */
  async function check(text: string) {
    const dir = await temporaryDirectory();
    await mkdir(join(dir, 'node_modules'));
    await promisify(execFile)('ln', [
      '-s',
      resolve('node_modules/canonicalize'),
      join(dir, 'node_modules/canonicalize'),
    ]);
    await writeFile(join(dir, 'check.mjs'), recipe);
    await writeFile(join(dir, 'audit.jsonl'), text);
    return promisify(execFile)(process.execPath, ['check.mjs', 'audit.jsonl'], { cwd: dir }).then(
      ({ stdout }) => stdout,
      ({ stderr }) => String(stderr),
    );
  }

  test('an outsider can check it by the recipe in the docs', { timeout: 60_000 }, async () => {
    await audit.fill(30);
    const { out } = await steward('audit', 'export');
    const lines = out.trimEnd().split('\n');
    expect(lines).toHaveLength(30);
    const head = (await audit.verify()).head;
    expect(await check(out)).toBe(`good up to position 30: ${head?.hash}\n`);
    expect(await check((await steward('audit', 'export', '--from', '11')).out)).toBe(
      `good up to position 30: ${head?.hash}\n`,
    );
    expect(await check(out.replace('"TKT-17"', '"TKT-18"').replace('ticket/TKT-17"', 'ticket/TKT-71"'))).toContain(
      'bad at position 17',
    );
    expect(await check([...lines.slice(0, 6), ...lines.slice(7)].join('\n'))).toContain('bad at position 8');
    await audit.place();
    const [noted] = JSON.parse((await steward('audit', 'show', '--action', 'audit.exported', '--json')).out);
    expect(noted).toMatchObject({ position: 32, after: { from: 11 } });
  });
});
