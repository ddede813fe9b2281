import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { simpleParser } from 'mailparser';
import { expect, test, vi } from 'vitest';
import { createHoldStore } from '../../src/store/holds.ts';
import { useSteward } from '../support/steward.ts';
import { askFor, ended, hurried, inState, knownWithTicket, type Person } from './support.ts';

/* Where the outbox stands in for the providers, mails lie as files. */

vi.setConfig({ testTimeout: 60_000 });

const steward = useSteward({
  privacy: (policy) => ({
    ...hurried(policy),
    approval: 'whenRefused',
    officers: ['ann', 'bob'].map((id) => ({ id, email: `${id}@support.example`, mayApprove: true })),
  }),
});

async function held({ customerId }: Person): Promise<void> {
  const holds = createHoldStore(steward.composed.databases.as('steward_officer'), { kind: 'person', id: 'login/test' });
  await holds.place({ customerId }, { category: 'conversations', why: 'A lawsuit', until: null }, 'ann');
}

async function erased({ customerId }: Person) {
  const requestId = await askFor(steward, { customerId }, 'ann');
  await inState(steward, requestId, 'approving');
  await steward.steward.operateErasure(requestId, 'approve', { officerId: 'bob' });
  return ended(steward, requestId);
}

/** Files of the ticket's deliveries, by their recipient's kind. */
async function mailsOf({ ticketId }: Person) {
  const dir = join(steward.stateDir, 'outbox');
  const there = new Set(await readdir(dir));
  const rows = steward.owner
    .selectFrom('deliveries')
    .select(['id', 'recipient_kind'])
    .where('ticket_id', '=', ticketId);
  const mails = (await rows.execute()).filter(({ id }) => there.has(`${id}.eml`));
  return Promise.all(
    mails.map(async ({ id, recipient_kind }) => {
      const raw = await readFile(join(dir, `${id}.eml`), 'utf8');
      return { to: recipient_kind, raw, parsed: await simpleParser(raw) };
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

test('mails whose words are not held go', async () => {
  const person = await knownWithTicket(steward);
  expect(await mailsOf(person)).not.toEqual([]);
  expect((await erased(person)).outcome).toBe('erased');
  expect(await mailsOf(person)).toEqual([]);
});
