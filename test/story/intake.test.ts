import { readdirSync, readFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { envelope, useSteward } from '../support/steward.ts';
import { expectNoFailedTask, messagesOf, PATIENCE, until } from '../workflows/support.ts';

const steward = useSteward();

const JSON_DOCUMENTS = '../shared/data/json-parsing/test_parsing';
const MAILS = '../shared/data/email';

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => /\.(json|eml)$/.test(name));
  } catch {
    return [];
  }
}
const documents = filesIn(JSON_DOCUMENTS);
const mails = filesIn(MAILS);

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

test('a person’s mail is answered, and the answer to that answer comes back to the same ticket', async () => {
  const mail = (id: string, text: string, more = '') =>
    send(
      '/v1/email',
      `From: Mira <mira-${id}@customer.example>\r\nTo: help@support.example\r\nSubject: Invoice\r\nMessage-ID: <${id}@customer.example>\r\n${more}\r\n${text}\r\n`,
      'message/rfc822',
    );
  const unique = Date.now().toString(36);
  const response = await mail(unique, 'How do I download my invoice for last month?');
  expect(response.status).toBe(202);
  const { ticketId } = (await response.json()) as { ticketId: string };
  await until(steward, ticketId, { state: 'waitingForCustomer', route: 'bot' });
  const reply = await mail(`${unique}-2`, 'That did not help.', `In-Reply-To: <${unique}@customer.example>\r\n`);
  expect(await reply.json()).toMatchObject({ ticketId });
  await until(steward, ticketId, { state: 'waitingForAgent', route: 'agent' });
  expect((await messagesOf(steward, ticketId)).map((line) => line.author)).toEqual(['customer', 'bot', 'customer']);
});
