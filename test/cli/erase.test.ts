/** The commands about erasures on a running Steward. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hashKey, newKey } from '../../src/http/keys.ts';
import { addCustomer, hurried, row, useErasureCommands } from '../erasure/support.ts';
import { outcome } from '../support/outcome.ts';
import { useProviders } from '../support/providers.ts';
import { useRefusedEntries } from '../support/refuse-entries.ts';
import { useSteward } from '../support/steward.ts';

const dir = mkdtempSync(join(tmpdir(), 'erase-cli-'));
const policyFile = join(dir, 'privacy.yaml');
const officers = `officers:
  - { id: cat, email: cat@support.example, mayApprove: false }
  - { id: bob, email: bob@support.example, mayApprove: true }`;
writeFileSync(policyFile, readFileSync('policies/privacy.yaml', 'utf8').replace(/^officers:$/m, officers));
afterAll(() => rmSync(dir, { recursive: true }));

const providers = useProviders();
const settings = () => ({ ...providers.settings('ses'), STEWARD_PRIVACY: policyFile });
const running = useSteward({ settings, privacy: hurried });
/** Who shows nothing but the database's login. */
const nobody = useErasureCommands(running, settings);
const keys = { privacy: newKey(), bob: newKey(), cleo: newKey(), agent: newKey(), revoked: newKey() };
const steward = useErasureCommands(running, settings, keys.privacy);
const bob = useErasureCommands(running, settings, keys.bob);
const cleo = useErasureCommands(running, settings, keys.cleo);
const ids: Record<string, string> = {};
beforeAll(async () => {
  const add = running.composed.keys.add;
  for (const [name, key] of Object.entries(keys)) {
    ids[name] = await add(name, hashKey(key), name === 'agent' ? 'agent' : 'privacyOfficer');
  }
  await running.composed.keys.revoke(ids.revoked ?? '');
});
async function json(...args: string[]) {
  const { out, err } = await steward(...args, '--json');
  expect(err).toBe('');
  return JSON.parse(out);
}

const refuseEntries = useRefusedEntries();
const customer = () => addCustomer(running);
async function vouched(): Promise<string> {
  const { id } = await customer();
  const { requestId } = await json('erase', '--customer', id, '--vouched-by', 'privacy');
  await inState(requestId, 'approving');
  return requestId;
}
function inState(requestId: string, state: string) {
  return outcome(async () => expect((await json('erasure', 'show', requestId)).state).toBe(state));
}
const requestCount = async () => (await json('erasure', 'list', '--all')).length;

describe('erase', () => {
  test('asks by address: a code goes there, and the page to enter it is told', async () => {
    const { email } = await customer();
    const { out, exit } = await steward('erase', email);
    expect(exit).toBe(0);
    expect(out).toMatch(
      /^Request ERA-[0-9a-f]{16} is taken\.\nA code goes to the address .*: http\S+\/privacy\/r\/\S+\n$/,
    );
    expect(out).not.toContain(email);
    const requestId = /ERA-[0-9a-f]{16}/.exec(out)?.[0] ?? '';
    await inState(requestId, 'proving');
    expect(await json('erase', email)).toEqual({
      requestId: expect.stringMatching(/^ERA-/),
      page: expect.stringContaining('/privacy/r/'),
    });
  });

  test.each([
    [[], /ADDRESS: expected the address of the person, or else .*one of the two/],
    [
      ['ada@customer.example', '--customer', 'CUST-1'],
      /ADDRESS: expected the address of the person, or else .*one of the two/,
    ],
    [['ada@'], /ADDRESS: expected .*@/],
    [['ada'], /ADDRESS: expected .*@/],
    [['--customer', 'a b'], /--customer: expected /],
    [['ada@customer.example', '--vouched-by', 'zoe'], /--vouched-by: zoe is no officer of policies\/privacy\.yaml/],
    [['ada@customer.example', '--vouched-by', ''], /--vouched-by: .*is no officer of policies\/privacy\.yaml/],
  ])('%j is refused with the mend', async (args, message) => {
    const before = await requestCount();
    const { exit, err, out } = await steward('erase', ...args);
    expect(exit).toBe(1);
    expect(err).toMatch(message);
    expect(err).not.toMatch(/\n\s+at /);
    expect(out).toBe('');
    expect(await requestCount()).toBe(before);
  });

  test('--reapply finds nothing to do where no backup was restored', async () => {
    expect((await steward('erase', '--reapply')).out).toBe('This database knows of every erasure in the ledger.\n');
    expect(await json('erase', '--reapply')).toEqual([]);
  });
});

describe('erasure', () => {
  test('vouched for, shown, approved by another, erased', { timeout: 60_000 }, async () => {
    const { email } = await customer();
    const { out } = await steward('erase', email, '--vouched-by', 'privacy');
    expect(out).toMatch(
      /Another privacy officer has to approve it, with an API key of their own: npx steward erasure approve ERA-\S+\n$/,
    );
    const requestId = /ERA-[0-9a-f]{16}/.exec(out)?.[0] ?? '';
    await inState(requestId, 'approving');
    expect((await steward('erasure', 'list')).out).toMatch(
      new RegExp(`REQUEST +STATE[\\s\\S]*${requestId} +approving`),
    );
    const shown = (await steward('erasure', 'show', requestId)).out;
    expect(shown).toMatch(new RegExp(`^${requestId} {2}approving\nreceived .*, due .*\nwaits for .*officer`));
    for (const officer of ['cat', 'zoe', 'a b']) {
      const { exit, err } = await bob('erasure', 'approve', requestId, '--officer', officer);
      expect(exit).toBe(1);
      expect(err).toMatch(/^steward: --officer: /);
    }
    // Another label makes nobody another officer; nor does the same label one's own.
    const same = [
      await steward('erasure', 'approve', requestId, '--officer', 'bob'),
      await steward('erasure', 'approve', requestId),
      await bob('erasure', 'approve', requestId, '--officer', 'privacy'),
      await nobody('erasure', 'approve', requestId, '--officer', 'bob'),
    ];
    for (const { exit, err } of same) {
      expect(exit).toBe(1);
      expect(err).toMatch(/^steward: STEWARD_OFFICER_KEY: \S+ made this request or vouched for it .*another officer/);
    }
    expect((await bob('erasure', 'approve', requestId, '--officer', 'bob')).out).toMatch(
      new RegExp(`^${requestId}: approved: the data goes now; .*\nnpx steward erasure show ${requestId} tells `),
    );
    await inState(requestId, 'ended');
    const over = await json('erasure', 'show', requestId);
    expect(over).toMatchObject({ requestId, outcome: 'erased', parked: [], waitingFor: null });
    expect(over.steps.map(({ step }: { step: string }) => step)).toContain('shred');
    expect((await steward('erasure', 'list')).out).not.toContain(requestId);
    expect((await steward('erasure', 'list', '--all')).out).toMatch(new RegExp(`${requestId} +ended +erased`));
    expect((await steward('erasure', 'show', requestId)).out).toMatch(/\(erased\)[\s\S]*done: shred /);
    for (const args of [['approve', '--officer', 'bob'], ['vouch'], ['retry'], ['skip']]) {
      const [act = '', ...options] = args;
      const { exit, err } = await steward('erasure', act, requestId, ...options);
      expect(exit).toBe(1);
      expect(err).toContain(`npx steward erasure show ${requestId}`);
    }
  });

  test('a decision is in the log by key and login, whatever label is typed', async () => {
    const requestId = await vouched();
    expect((await bob('erasure', 'refuse', requestId, '--reason', 'no', '--officer', 'bob')).exit).toBe(0);
    const log = await running.owner
      .selectFrom('audit_entries')
      .select(['action', 'actor_kind', 'actor_id', 'after'])
      .where('object', '=', `erasure/${requestId}`)
      .where('actor_kind', 'in', ['key', 'person'])
      .orderBy('id')
      .execute();
    const shown = (name: string) => [
      `key/${ids[name]}`,
      expect.stringMatching(/^login\/./),
      `account/${process.getuid?.()}`,
      `officer/${name}`,
    ];
    expect(log).toEqual([
      {
        action: 'erasure.requested',
        actor_kind: 'key',
        actor_id: ids.privacy,
        after: { via: 'cli', requestedBy: `key/${ids.privacy}`, by: shown('privacy') },
      },
      { action: 'erasure.refuseAsked', actor_kind: 'key', actor_id: ids.bob, after: { by: shown('bob') } },
      { action: 'erasure.refused', actor_kind: 'key', actor_id: ids.bob, after: { by: shown('bob') } },
      { action: 'erasure.refuseAnswered', actor_kind: 'key', actor_id: ids.bob, after: { by: shown('bob') } },
    ]);
  });

  test('nobody vouches by a label alone', async () => {
    const { email } = await customer();
    const before = await requestCount();
    const { exit, err } = await nobody('erase', email, '--vouched-by', 'privacy');
    expect(exit).toBe(1);
    expect(err).toMatch(/^steward: STEWARD_OFFICER_KEY: .*set STEWARD_OFFICER_KEY_FILE/);
    expect(await requestCount()).toBe(before);
  });

  test('an officer vouches for somebody whose request is there, and a third one approves', {
    timeout: 60_000,
  }, async () => {
    const { email } = await customer();
    const { requestId } = await json('erase', email);
    await inState(requestId, 'proving');
    expect((await nobody('erasure', 'vouch', requestId)).err).toMatch(/^steward: STEWARD_OFFICER_KEY: /);
    expect((await bob('erasure', 'vouch', requestId)).exit).toBe(0);
    await inState(requestId, 'approving');
    expect((await cleo('erasure', 'vouch', requestId)).err).toContain('no proof is waited for');
    for (const party of [steward, bob, nobody]) {
      expect((await party('erasure', 'approve', requestId)).err).toContain('made this request or vouched for it');
    }
    expect((await cleo('erasure', 'approve', requestId)).exit).toBe(0);
    await inState(requestId, 'ended');
    expect(await json('erasure', 'show', requestId)).toMatchObject({ outcome: 'erased' });
  });

  const wrongKeys = [
    { what: 'of another role', by: useErasureCommands(running, settings, keys.agent), said: 'of the role agent' },
    {
      what: 'revoked',
      by: useErasureCommands(running, settings, keys.revoked),
      said: 'not valid here, or was revoked',
    },
    { what: 'unknown', by: useErasureCommands(running, settings, newKey()), said: 'not valid here, or was revoked' },
  ];
  test.each(wrongKeys)('an API key that is $what decides nothing', async ({ by, said }) => {
    const requestId = await vouched();
    const { exit, err } = await by('erasure', 'approve', requestId);
    expect(exit).toBe(1);
    expect(err).toMatch(/^steward: STEWARD_OFFICER_KEY: /);
    expect(err).toContain(said);
    expect(err).toContain('steward key create NAME --role privacyOfficer');
  });

  test('extended and refused, with a reason', { timeout: 60_000 }, async () => {
    const requestId = await vouched();
    const said = ['--reason', 'many letters'];
    expect((await steward('erasure', 'extend', requestId, ...said)).exit).toBe(0);
    expect((await steward('erasure', 'show', requestId)).out).toContain('(extended)');
    const { dueAt } = await json('erasure', 'show', requestId);
    expect((await steward('erasure', 'extend', requestId, ...said)).exit).toBe(0);
    expect((await json('erasure', 'show', requestId)).dueAt).toBe(dueAt);
    expect((await bob('erasure', 'refuse', requestId, '--officer', 'bob', '--reason', ' ')).err).toMatch(
      /^steward: --reason: expected 1 to 500 characters/,
    );
    const naming = ['--officer', 'bob', '--reason', 'she is at +49 30 1234567'];
    for (const act of ['refuse', 'extend']) {
      expect((await bob('erasure', act, requestId, ...naming)).err).toMatch(
        /^steward: --reason: holds a telephone number; .*name nobody/,
      );
    }
    expect((await bob('erasure', 'refuse', requestId, '--officer', 'bob', '--reason', 'ada@x.example')).err).toMatch(
      /^steward: --reason: holds an e-mail address/,
    );
    expect(JSON.parse((await bob('erasure', 'refuse', requestId, ...said, '--json')).out)).toMatchObject({ requestId });
    await inState(requestId, 'ended');
    expect(await json('erasure', 'show', requestId)).toMatchObject({ outcome: 'refused', extended: true });
  });

  test('nothing is parked: says so, and where to look', async () => {
    const requestId = await vouched();
    for (const args of [['retry'], ['skip'], ['retry', '--step', 'shred']]) {
      const [act = '', ...options] = args;
      const { exit, err } = await steward('erasure', act, requestId, ...options);
      expect(exit).toBe(1);
      expect(err).toMatch(/(nothing is|shred is not) parked/);
      expect(err).toContain(`npx steward erasure show ${requestId}`);
      // That one lists tickets.
      expect(err).not.toContain('steward parked');
    }
  });

  test('what is said is in the log before it is passed on, by who was shown; what can’t be logged is not said', {
    timeout: 60_000,
  }, async () => {
    const requestId = await vouched();
    const asked = async () =>
      running.owner
        .selectFrom('audit_entries')
        .select(['actor_kind', 'actor_id', 'action', 'after'])
        .where('object', '=', `erasure/${requestId}`)
        .where('action', 'like', 'erasure.%Asked')
        .orderBy('id')
        .execute();
    await nobody('erasure', 'retry', requestId, '--step', 'ada@customer.example');
    const { allow } = await refuseEntries(running.owner, 'erasure.approveAsked');
    expect((await bob('erasure', 'approve', requestId, '--officer', 'bob')).exit).toBe(1);
    expect((await row(running, requestId)).approval).toBeNull();
    await allow();
    expect((await bob('erasure', 'approve', requestId, '--officer', 'ada@customer.example')).exit).toBe(1);
    expect((await bob('erasure', 'approve', requestId, '--officer', 'bob')).exit).toBe(0);
    const login = expect.stringMatching(/^login\/./);
    const shown = [login, `account/${process.getuid?.()}`];
    const byBob = { actor_kind: 'key', actor_id: ids.bob, action: 'erasure.approveAsked' };
    expect(await asked()).toEqual([
      // What was typed may be anything.
      { actor_kind: 'person', actor_id: login, action: 'erasure.retryAsked', after: { by: shown } },
      { ...byBob, after: { by: [`key/${ids.bob}`, ...shown] } },
      { ...byBob, after: { by: [`key/${ids.bob}`, ...shown, 'officer/bob'] } },
    ]);
    await inState(requestId, 'ended');
  });

  test('a request that nobody made', async () => {
    const nobodys = 'ERA-0000000000000000';
    expect((await steward('erasure', 'show', nobodys)).err).toMatch(
      /no erasure request .*npx steward erasure list --all/,
    );
    for (const args of [
      ['approve', '--officer', 'bob'],
      ['retry'],
      ['skip'],
      ['extend', '--officer', 'bob', '--reason', 'x'],
    ]) {
      const [act = '', ...options] = args;
      const { exit, err } = await steward('erasure', act, nobodys, ...options);
      expect(exit).toBe(1);
      expect(err).toMatch(/^steward: no running workflow for erasure ERA-0+; see `npx steward erasure show/);
    }
  });

  test.each([
    [['refuse', 'ERA-1', '--officer', 'bob'], /--reason/],
    [['show'], /request/],
  ])('%j was called wrongly', async (args, message) => {
    const { exit, err } = await steward('erasure', ...args);
    expect(exit).toBe(2);
    expect(err).toMatch(message);
  });
});
