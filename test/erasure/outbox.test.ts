import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { simpleParser } from 'mailparser';
import { expect, test } from 'vitest';
import { type Logged, openIntents } from '../../src/domain/audit-actions.ts';
import { createHoldStore } from '../../src/store/holds.ts';
import { ANN_AND_BOB } from '../support/officers.ts';
import { outcome } from '../support/outcome.ts';
import { useRefusedEntries } from '../support/refuse-entries.ts';
import { envelope, useSteward } from '../support/steward.ts';
import { askByForm, askFor, ended, hurried, inState, knownWithTicket, officer, type Person } from './support.ts';

/* Where the outbox stands in for the providers, mails lie as files. */

const steward = useSteward({
  privacy: (policy) => ({
    ...hurried(policy),
    erasure: { ...hurried(policy).erasure, lookAgainDays: 5 / 86_400 },
    approval: 'whenRefused',
    officers: ANN_AND_BOB,
  }),
});

const refuseEntries = useRefusedEntries();

async function held({ customerId }: Person): Promise<void> {
  const holds = createHoldStore(steward.composed.databases.as('steward_officer'));
  await holds.place({ customerId }, { category: 'conversations', why: 'A lawsuit', until: null }, [
    'login/test',
    'officer/ann',
  ]);
}

async function approved({ customerId }: Person, before: () => Promise<unknown> = async () => {}): Promise<string> {
  const requestId = await askFor(steward, { customerId }, 'ann');
  await inState(steward, requestId, 'approving');
  await before();
  await steward.steward.operateErasure(requestId, 'approve', officer('bob'));
  return requestId;
}
const erased = async (person: Person) => ended(steward, await approved(person));

/** What a look found. */
function looked(requestId: string, step: 'lookAtOnce' | 'lookLater') {
  return outcome(async () => {
    const receipt = await steward.owner
      .selectFrom('erasure_steps')
      .select('receipt')
      .where('erasure_id', '=', requestId)
      .where('step', '=', step)
      .executeTakeFirstOrThrow();
    return receipt.receipt as { found: number; back: number; kept: number; places: { store: string; place: string }[] };
  });
}
const NOTHING = { found: 0, back: 0, kept: 0, places: [] };
const outboxDir = () => join(steward.stateDir, 'outbox');

/** Files of the ticket's deliveries, by their recipient's kind. */
async function mailsOf({ ticketId }: Person) {
  const dir = outboxDir();
  const there = new Set(await readdir(dir));
  const rows = steward.owner
    .selectFrom('deliveries')
    .select(['id', 'recipient_kind'])
    .where('ticket_id', '=', ticketId);
  const mails = (await rows.execute()).filter(({ id }) => there.has(`${id}.eml`));
  return Promise.all(
    mails.map(async ({ id, recipient_kind }) => {
      const raw = await readFile(join(dir, `${id}.eml`), 'utf8');
      return { id, to: recipient_kind, raw, parsed: await simpleParser(raw) };
    }),
  );
}

test('mails whose words are held by law stay as they were sent, but for the address, which is erased', async () => {
  const person = await knownWithTicket(steward);
  await held(person);
  const before = await mailsOf(person);
  const theirs = before.filter(({ to }) => to === 'customer');
  expect(theirs.length).toBeGreaterThan(0);
  for (const { raw } of theirs) expect(raw).toContain(person.email);

  expect((await erased(person)).outcome).toBe('partlyErased');
  const after = await mailsOf(person);
  expect(after.map(({ parsed }) => parsed.text)).toEqual(before.map(({ parsed }) => parsed.text));
  for (const { to, raw, parsed } of after) {
    expect(raw).not.toContain(person.email);
    if (to === 'customer') expect(raw).toMatch(/^To: undisclosed-recipients:;$/m);
    else expect(parsed.to).toEqual(before.find((one) => one.raw === raw)?.parsed.to);
  }
});

test('no address is taken out of a mail of which the log does not know; how many were, it says', async () => {
  const person = await knownWithTicket(steward);
  await held(person);
  const before = await mailsOf(person);
  const { allow, tries } = await refuseEntries(steward.owner, 'erasure.maskFilesIntent');
  const requestId = await approved(person);
  await outcome(async () => expect(await tries()).toBeGreaterThanOrEqual(2));
  expect(await mailsOf(person)).toEqual(before);
  await allow();
  expect((await ended(steward, requestId)).outcome).toBe('partlyErased');
  const masked = before.filter(({ to }) => to === 'customer').length;
  const entries = steward.owner
    .selectFrom('audit_entries')
    .select(['actor_id', 'action', 'after'])
    .where('object', '=', `erasure/${requestId}`)
    .where('action', 'in', ['erasure.maskFilesIntent', 'erasure.filesMasked', 'erasure.erase:outbox'])
    .orderBy('id');
  const by = { actor_id: `erasure-${requestId}` };
  expect(await entries.execute()).toEqual([
    { ...by, action: 'erasure.maskFilesIntent', after: { files: masked } },
    { ...by, action: 'erasure.filesMasked', after: { masked } },
    { ...by, action: 'erasure.erase:outbox', after: { files: 0, masked } },
  ]);
});

test('mails whose words are not held go', async () => {
  const person = await knownWithTicket(steward);
  expect(await mailsOf(person)).not.toEqual([]);
  expect((await erased(person)).outcome).toBe('erased');
  expect(await mailsOf(person)).toEqual([]);
});

test('files that went before the log could say so are said to be gone, by who finds nothing left to remove', async () => {
  const person = await knownWithTicket(steward);
  const { allow, tries } = await refuseEntries(steward.owner, 'erasure.filesRemoved');
  const requestId = await approved(person);
  await outcome(async () => expect(await tries()).toBeGreaterThanOrEqual(1));
  await allow();
  expect((await ended(steward, requestId)).outcome).toBe('erased');
  const entries = await steward.owner
    .selectFrom('audit_entries')
    .select(['action', 'object', 'after'])
    .where('object', '=', `erasure/${requestId}`)
    .orderBy('id')
    .execute();
  expect(entries.find(({ action }) => action === 'erasure.filesRemoved')).toMatchObject({ after: { files: 0 } });
  expect(openIntents(entries.map((entry) => ({ ...entry, after: entry.after as Logged['after'] })))).toEqual([]);
});

test('letters of another request of the person are no remnant', async () => {
  const person = await knownWithTicket(steward);
  const other = { requestId: '' };
  const requestId = await approved(person, async () => {
    other.requestId = (await askByForm(steward, person.email)).requestId;
    await outcome(async () => expect(await readdir(outboxDir())).toContain(`${other.requestId}-code.eml`));
  });
  expect(await looked(requestId, 'lookAtOnce')).toEqual(NOTHING);
  expect(await looked(requestId, 'lookLater')).toEqual(NOTHING);
  expect(await readdir(outboxDir())).toContain(`${other.requestId}-code.eml`);
});

test('words that are held by law are counted as kept, whatever they speak of; an address in a head is not', async () => {
  const person = await knownWithTicket(steward);
  const { owner } = steward;
  const words = `Write to <${person.email}>, please.`;
  await owner.updateTable('messages').set({ body: words }).where('ticket_id', '=', person.ticketId).execute();
  const [theirs] = (await mailsOf(person)).filter(({ to }) => to === 'customer');
  const file = join(outboxDir(), `${theirs?.id}.eml`);
  await writeFile(file, `${theirs?.raw}\r\n${words}\r\n`);
  await held(person);
  const requestId = await approved(person);
  expect(await looked(requestId, 'lookAtOnce')).toEqual({ ...NOTHING, kept: 2 });
  // As if a copy of it had been put back.
  await writeFile(file, theirs?.raw ?? '');
  const later = await looked(requestId, 'lookLater');
  expect(later).toMatchObject({ found: 1, kept: 1, places: [{ store: 'files', place: `${theirs?.id}.eml` }] });
});

test('mails to somebody who wrote again since are no remnant', async () => {
  const person = await knownWithTicket(steward);
  const requestId = await approved(person);
  expect(await looked(requestId, 'lookAtOnce')).toEqual(NOTHING);
  const event = envelope({ customerEmail: person.email });
  expect((await steward.post(event)).status).toBe(202);
  await outcome(async () => expect(await mailsOf({ ...person, ticketId: event.detail.ticketId })).not.toEqual([]));
  const later = await looked(requestId, 'lookLater');
  expect(later).toMatchObject({ found: 0, places: [] });
  expect(later.back).toBeGreaterThan(1);
});
