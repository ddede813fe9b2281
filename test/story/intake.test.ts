import { readFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { publicFiles, publicPath } from '../support/public-data.ts';
import { envelope, useSteward } from '../support/steward.ts';
import { expectNoFailedTask, messagesOf, PATIENCE, until } from '../workflows/support.ts';

const steward = useSteward();

const JSON_DOCUMENTS = publicPath('json-parsing/test_parsing');
const MAILS = publicPath('email');

const documents = publicFiles('json-parsing/test_parsing');
const mails = publicFiles('email').filter((name) => name.endsWith('.eml'));

const send = (path: string, body: string | Uint8Array<ArrayBuffer>, contentType: string) =>
  steward.app.request(path, {
    method: 'POST',
    headers: { authorization: `Bearer ${steward.apiKey}`, 'content-type': contentType },
    body,
  });

test.skipIf(documents.length === 0)(
  'every public JSON document is answered in words, never by a 5xx (skipped where the documents are not there)',
  async () => {
    for (const name of documents) {
      const body = new Uint8Array(readFileSync(`${JSON_DOCUMENTS}/${name}`));
      for (const type of ['application/json', 'application/cloudevents+json']) {
        const response = await send('/v1/events', body, type);
        expect([400, 413, 422], `${name} as ${type}`).toContain(response.status);
        expect(await response.json()).toMatchObject({ code: expect.any(String), detail: expect.any(String) });
      }
      if (name.startsWith('n_')) expect((await send('/v1/events', body, 'application/json')).status).not.toBe(202);
    }
  },
);

test.skipIf(documents.length === 0)(
  'every public JSON document that parses may stand in an event beside what we need (skipped where they are not there)',
  async () => {
    const parsing = documents.flatMap((name) => {
      try {
        return [{ name, value: JSON.parse(readFileSync(`${JSON_DOCUMENTS}/${name}`, 'utf8')) as unknown }];
      } catch {
        return [];
      }
    });
    expect(parsing.length).toBeGreaterThan(90);
    const event = envelope();
    for (const { name, value } of parsing) {
      const response = await steward.post({ ...event, extra: value, detail: { ...event.detail, extra: value } });
      expect([200, 202], name).toContain(response.status);
      const texts = { subject: String(JSON.stringify(value)).slice(0, 400), message: JSON.stringify(value) };
      const told = await steward.post({ ...envelope(), detail: { ...envelope().detail, ...texts } });
      expect(told.status, name).toBe(202);
    }
    await vi.waitFor(async () => expect(await movedOn()).toBe(parsing.length + 1), PATIENCE);
  },
  60_000,
);

/** Tickets that somebody or something has: not one stands still. */
async function movedOn(): Promise<number> {
  const moved = await steward.composed.db.selectFrom('tickets').select('id').where('state', '<>', 'new').execute();
  return moved.length;
}

test.skipIf(mails.length === 0).each(mails)(
  'the public mail %s becomes a ticket, or is told from a person’s (skipped where the mails are not there)',
  async (name) => {
    const body = new Uint8Array(readFileSync(`${MAILS}/${name}`));
    const response = await send('/v1/email', body, 'message/rfc822');
    expect(response.status, name).toBeLessThan(500);
    const answer = (await response.json()) as { ticketId?: string; ignored?: boolean };
    if (answer.ticketId === undefined) {
      expect(answer.ignored === true || response.status === 422, `${name}: ${JSON.stringify(answer)}`).toBe(true);
      return;
    }
    const id = answer.ticketId;
    await vi.waitFor(async () => expect(await steward.read.ticket(id)).not.toMatchObject({ state: 'new' }), PATIENCE);
    await expectNoFailedTask(steward, id);
    const [first] = await messagesOf(steward, id);
    expect(first?.body.trim()).not.toBe('');
    // The same mail handed on again is the same ticket.
    const again = await send('/v1/email', body, 'message/rfc822');
    expect(await again.json()).toMatchObject({ ticketId: id, known: true });
  },
);

interface Mail {
  readonly id: string;
  readonly from: string;
  readonly text: string;
  readonly answers?: string;
}
async function sendMail({ id, from, text, answers }: Mail): Promise<{ status: number; ticketId: string }> {
  const lines = [
    `From: ${from}`,
    'To: help@support.example',
    'Subject: Invoice',
    `Message-ID: <${id}@customer.example>`,
    ...(answers === undefined ? [] : [`In-Reply-To: ${answers}`]),
  ];
  const response = await send('/v1/email', `${lines.join('\r\n')}\r\n\r\n${text}\r\n`, 'message/rfc822');
  const answer = (await response.json()) as { ticketId: string };
  return { status: response.status, ...answer };
}

/** The Message-IDs of the mails that have gone out about a ticket, by template. */
async function sentIds(ticketId: string): Promise<Record<string, string>> {
  const sent = (await steward.read.deliveries(ticketId)).filter((d) => d.status === 'sent');
  const mails = sent.map((d) => [d.template, readFileSync(`${steward.stateDir}/outbox/${d.id}.eml`, 'utf8')] as const);
  return Object.fromEntries(mails.map(([template, mail]) => [template, /^Message-ID: (\S+)/im.exec(mail)?.[1] ?? '']));
}

test('a person’s mail is answered, and what that person answers comes back to the same ticket', async () => {
  const unique = Date.now().toString(36);
  const from = `Mira <mira-${unique}@customer.example>`;
  const first = await sendMail({ id: unique, from, text: 'How do I download my invoice for last month?' });
  const { ticketId } = first;
  expect(first.status).toBe(202);
  await until(steward, ticketId, { state: 'waitingForCustomer', route: 'bot' });
  const { 'bot-answer': answers = '' } = await sentIds(ticketId);
  const reply = { from, id: `${unique}-2`, text: 'That did not help.', answers };
  expect(await sendMail(reply)).toMatchObject({ ticketId });
  await until(steward, ticketId, { state: 'waitingForAgent', route: 'agent' });

  const more = { from, id: `${unique}-3`, text: 'And another thing.', answers: `<${unique}@customer.example>` };
  expect(await sendMail(more)).toMatchObject({ ticketId });
  await vi.waitFor(async () => {
    const authors = (await messagesOf(steward, ticketId)).map((line) => line.author);
    expect(authors).toEqual(['customer', 'bot', 'customer', 'customer']);
  }, PATIENCE);
});

test('what an agent answers to the mail that told of a ticket is no word of the customer, and no ticket: it waits for a person', async () => {
  const unique = Date.now().toString(36);
  const from = `Noor <noor-${unique}@customer.example>`;
  const { ticketId } = await sendMail({ id: unique, from, text: 'My screen is blue and nothing works.' });
  await until(steward, ticketId, { state: 'waitingForAgent', route: 'agent' });
  await vi.waitFor(async () => expect(Object.keys(await sentIds(ticketId))).toContain('escalation'), PATIENCE);
  const { escalation: answers = '' } = await sentIds(ticketId);
  const agent = { id: `${unique}-2`, from: 'Ana <ana@support.example>', text: 'I take this one.', answers };
  expect(await sendMail(agent)).toEqual({ status: 200, parked: 'ours' });
  const sender = steward.owner.selectFrom('customers').select('id').where('email', '=', 'ana@support.example');
  expect(await sender.execute()).toEqual([]);
  expect((await messagesOf(steward, ticketId)).map((line) => line.author)).toEqual(['customer']);
});
