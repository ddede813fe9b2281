import { expect, test, vi } from 'vitest';
import { useSteward } from '../support/steward.ts';
import { PATIENCE } from '../workflows/support.ts';

const steward = useSteward();

async function writeByForm(email: string, message: string): Promise<void> {
  const form = await (await steward.app.request('/support')).text();
  const token = /name="token" value="([^"]+)"/.exec(form)?.[1] ?? '';
  const fields = new URLSearchParams({ token, name: 'Mira', email, subject: 'Invoice', message });
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const response = await steward.app.request('/support', { method: 'POST', headers, body: fields.toString() });
  expect(response.status).toBe(303);
}

async function writeByMail(email: string, message: string): Promise<void> {
  const lines = [`From: Mira <${email}>`, 'Subject: Invoice', `Message-ID: <1.${email}>`, '', message];
  const headers = { authorization: `Bearer ${steward.apiKey}`, 'content-type': 'message/rfc822' };
  const response = await steward.app.request('/v1/email', { method: 'POST', headers, body: lines.join('\r\n') });
  expect(response.status).toBe(202);
}

test('who writes for the first time by two forms and a mail at once is one customer, who is new once', async () => {
  const { db } = steward.composed;
  for (let round = 0; round < 5; round++) {
    const email = `mira-${Date.now().toString(36)}-${round}@customer.example`;
    await Promise.all([
      writeByForm(email, 'How do I download my invoice?'),
      writeByForm(email.toUpperCase(), 'And my second invoice?'),
      writeByMail(email, 'And how do I pay?'),
    ]);
    await vi.waitFor(async () => {
      const rows = await db
        .selectFrom('tickets as t')
        .innerJoin('customers as c', 'c.id', 't.customer_id')
        .select(['t.id', 'c.id as customer', 'c.first_ticket_id as first'])
        .where((eb) => eb(eb.fn('lower', ['c.email']), '=', email))
        .execute();
      expect(rows).toHaveLength(3);
      expect(new Set(rows.map((row) => row.customer)).size).toBe(1);
      expect(rows.map((row) => row.id)).toContain(rows[0]?.first);
    }, PATIENCE);
  }
});
