/** examples/flows/zendesk-sentiment.asl.yaml on a real Temporal, with a stand-in for Zendesk's API and waits of a second. */
import { readFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { readDefinition } from '../../src/flow-file.ts';
import { json } from '../support/stand-ins/server.ts';
import { envelope } from '../support/steward.ts';
import { useHttp } from './http-support.ts';
import { PATIENCE } from './support.ts';

vi.setConfig({ testTimeout: 60_000 });

const FILE = 'examples/flows/zendesk-sentiment.asl.yaml';
const scene = useHttp((url) => {
  const text = readFileSync(FILE, 'utf8')
    .replaceAll('https://example.zendesk.com', url)
    .replaceAll('Seconds: 60,', 'Seconds: 1,');
  return { tickets: readDefinition(text, FILE) as object };
});

test('a ticket that sounds negative is tagged in Zendesk, and urgent in the end', async () => {
  const { outside, steward } = scene;
  const ticket = (priority: string | null) => json(200, { ticket: { id: 12, status: 'open', priority } });
  outside.answerNext(ticket(null), { action: 'GET /api/v2/tickets/12.json' });
  for (const priority of ['normal', 'high', 'urgent']) {
    outside.answerNext(ticket(priority), { action: 'PUT /api/v2/tickets/12.json' });
  }
  const event = envelope();
  await steward.post({ ...event, detail: { ...event.detail, ticketId: 'zendesk-12', sentimentScore: -0.9 } });
  await vi.waitFor(() => expect(outside.asked).toHaveLength(5), PATIENCE);
  expect(outside.asked.map(({ action, body }) => [action, body])).toEqual([
    ['GET /api/v2/tickets/12.json', ''],
    ['PUT /api/v2/tickets/12/tags.json', '{"tags":["negative"]}'],
    ['PUT /api/v2/tickets/12.json', '{"ticket":{"priority":"normal"}}'],
    ['PUT /api/v2/tickets/12.json', '{"ticket":{"priority":"high"}}'],
    ['PUT /api/v2/tickets/12.json', '{"ticket":{"priority":"urgent"}}'],
  ]);
  const keys = outside.asked.map(({ headers }) => headers['idempotency-key']);
  expect(new Set(keys).size).toBe(5);
});
