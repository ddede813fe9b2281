import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import { sql } from 'kysely';
import { afterAll, expect, test } from 'vitest';
import { erasureLookActivities } from '../../src/activities/erase/look.ts';
import { ticketWorkflowId } from '../../src/contract.ts';
import { useProviders } from '../support/providers.ts';
import { envelope, useSteward } from '../support/steward.ts';
import { askByForm, codeOf, ended, hurried, post, routed, useErasureCommands } from './support.ts';

/* What an erasure does not reach, looking again finds: else finding nothing would mean nothing. */

const providers = useProviders();
const settings = () => providers.settings('ses');
const steward = useSteward({ settings, privacy: hurried });
const commands = useErasureCommands(steward, settings);

const EMAIL = `left.${Date.now().toString(36)}@customer.example`;
const NOTE = `note:${EMAIL}`;
const log = () => join(steward.stateDir, 'notes.log');
const outbox = () => join(steward.stateDir, 'outbox');
function mail(encoding: string, body: string): string {
  const head = ['From: a@support.example', 'To: b@support.example', 'Subject: x', 'MIME-Version: 1.0'];
  const of = ['Content-Type: text/plain; charset=utf-8', `Content-Transfer-Encoding: ${encoding}`];
  const part = ['--x', ...of, '', body, '--x--', ''];
  return [...head, 'Content-Type: multipart/mixed; boundary=x', '', ...part].join('\r\n');
}
afterAll(async () => {
  await rm(log(), { force: true });
  await steward.temporal.client.workflow.getHandle(NOTE).terminate();
});

test('what is left in another’s words, in a file and in Temporal’s lists is found at once and later; then nobody can look', {
  timeout: 60_000,
}, async () => {
  const [own, others] = [envelope({ customerEmail: EMAIL }), envelope()];
  for (const event of [own, others]) {
    expect((await steward.post(event)).status).toBe(202);
    await routed(steward, event.detail.ticketId);
  }
  for (const origin of ['note', 'another note'])
    await sql`insert into messages (ticket_id, origin, author, author_id, subject, body, at)
      values (${others.detail.ticketId}, ${origin}, 'agent', 'ana', null, ${`Ask <${EMAIL.toUpperCase()}> as well.`}, now())`.execute(
      steward.owner,
    );
  // Nothing of it is said in clear words, so the erasure does not come for it.
  await sql`insert into parked_mails (id, reason, sender, mail, provider_id, at)
    values ('PM-0', 'spam', 'bo@customer.example', 'R3LDvMOfZQ==', ${EMAIL}, now())`.execute(steward.owner);
  // To somebody else, and the words of their parts can't be read as they lie there.
  const said = `Grüße, fragt doch ${EMAIL}!\r\n`;
  await mkdir(outbox(), { recursive: true });
  await writeFile(join(outbox(), 'encoded.eml'), mail('base64', Buffer.from(said).toString('base64')));
  const printed = said.replace('ü', '=C3=BC').replace('ß', '=C3=9F').replace('@', '=40').replace('left', 'le=\r\nft');
  await writeFile(join(outbox(), 'printed.eml'), mail('quoted-printable', printed));
  await writeFile(log(), `a line\nsent to ${EMAIL}, 250 ok\n`);
  // By the bare program, without our codec.
  await new Client({ connection: steward.temporal.connection }).workflow.start('note', {
    workflowId: NOTE,
    taskQueue: `${steward.taskQueue}-nobody`,
  });

  const { requestId, path } = await askByForm(steward, EMAIL);
  await post(steward, path, { code: await codeOf(providers, requestId) });
  expect((await ended(steward, requestId)).outcome).toBe('erased');

  const found = steward.owner
    .selectFrom('erasure_findings')
    .select(['look', 'store', 'place', 'kind'])
    .where('erasure_id', '=', requestId)
    .orderBy('look')
    .orderBy('store')
    .orderBy('place');
  const places = [
    { store: 'files', place: 'encoded.eml', kind: 'email' },
    { store: 'files', place: 'notes.log', kind: 'email' },
    { store: 'files', place: 'printed.eml', kind: 'email' },
    { store: 'postgres', place: 'messages.body', kind: 'email' },
    { store: 'postgres', place: 'parked_mails.provider_id', kind: 'email' },
    { store: 'temporal', place: 'list', kind: 'email' },
  ];
  expect(await found.execute()).toEqual(
    ['atOnce', 'later'].flatMap((look) => places.map((place) => ({ look, ...place }))),
  );
  const steps = steward.owner
    .selectFrom('erasure_steps')
    .select(['step', 'receipt'])
    .where('erasure_id', '=', requestId)
    .where('step', 'like', 'look%')
    .orderBy('step');
  const inOrder = (all: { store: string; place: string }[]) =>
    all.toSorted((a, b) => `${a.store}/${a.place}`.localeCompare(`${b.store}/${b.place}`));
  const receipt = {
    found: 6,
    back: 0,
    kept: 0,
    places: places.map((place) => ({ ...place, count: place.place === 'messages.body' ? 2 : 1 })),
  };
  const receipts = (await steps.execute()).map(({ step, receipt }) => {
    const { places, ...counts } = receipt as { places: { store: string; place: string }[] };
    return { step, receipt: { ...counts, places: inOrder(places) } };
  });
  expect(receipts).toEqual([
    { step: 'lookAtOnce', receipt },
    { step: 'lookLater', receipt },
  ]);
  await isTold(requestId);

  // Only while the window was open.
  expect(await steward.composed.deps.erasure.fingerprints.find(requestId)).toBeNull();
  const { lookAgain } = erasureLookActivities({ erasure: steward.composed.deps.erasure });
  const look = (which: 'atOnce' | 'later') => new MockActivityEnvironment().run(() => lookAgain(requestId, which));
  await expect(look('atOnce')).rejects.toThrow('STEWARD_FINGERPRINT_DIR');
  expect(await look('later')).toEqual({ found: 0 });
  await expect(
    steward.temporal.client.workflow.getHandle(ticketWorkflowId(own.detail.ticketId)).describe(),
  ).rejects.toThrow();
});

/** The officers hear of each look once, and the command shows where to go; who the person was, nothing tells. */
async function isTold(requestId: string): Promise<void> {
  const { officers } = steward.composed.deps.erasure.policy;
  const told = providers.aws.mails.filter(({ raw }) => raw.includes(`X-Delivery-ID: ${requestId}-officer-`));
  const looks = ['lookAtOnce', 'lookLater'];
  const wanted = officers.flatMap(({ id }) => looks.map((look) => `${requestId}-officer-${id}-found-${look}`));
  expect(told.map(({ raw }) => /^X-Delivery-ID: (\S+)/m.exec(raw)?.[1]).sort()).toEqual(wanted.sort());
  for (const { raw, parsed } of told) {
    expect(parsed.subject).toBe(`Erasure ${requestId}: something of the person was left`);
    expect(parsed.text).toContain('files/encoded.eml: email, 1 times');
    expect(parsed.text).toContain('postgres/messages.body: email, 2 times');
    expect(parsed.text).toContain(`npx steward erasure show ${requestId}`);
    expect(raw).not.toContain(EMAIL);
  }
  const shown = (await commands('erasure', 'show', requestId)).out;
  expect(shown).toContain('found at once: postgres/messages.body, email, 2 times\n');
  expect(shown).toContain('found after the window: temporal/list, email, 1 times\n');
  const { findings } = JSON.parse((await commands('erasure', 'show', requestId, '--json')).out);
  const one = { look: 'atOnce', store: 'files', place: 'notes.log', kind: 'email', count: 1 };
  expect(findings).toContainEqual(one);
  expect(findings).toHaveLength(12);
}
