import { readFile } from 'node:fs/promises';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { coarsened } from '../../src/domain/coarse.ts';
import { changeOf, newId, ticketOf, useStores } from './support.ts';

const stores = useStores();
const FINE = {
  sentiment: {
    label: 'NEGATIVE',
    confidence: 0.9876543211,
    scores: { NEGATIVE: 0.9876543211, NEUTRAL: 1e-7, MIXED: 0.5 },
  },
  tried: { articleId: 'v1.2345', confidence: 0.4567 },
  customer: { ms: 1.5, history: { ticketsSoFar: 3 }, tiers: ['premium', null, true, 0.125] },
  empty: { list: [], object: {} },
};

async function written(ticketId: string) {
  const ticket = await stores.db.selectFrom('tickets').selectAll().where('id', '=', ticketId).executeTakeFirstOrThrow();
  const entries = await stores.db.selectFrom('timeline').select('facts').where('ticket_id', '=', ticketId).execute();
  return { score: ticket.platform_score, facts: ticket.facts, timeline: entries.at(-1)?.facts };
}

async function ticketWith(facts: typeof FINE) {
  const ticketId = newId();
  const claim = { runId: 'run', flow: { name: 'f', version: '1' }, change: changeOf(ticketId, 1) };
  await stores.tickets.claim(ticketOf(ticketId, { sentimentScore: -0.7 }), claim);
  await stores.tickets.record({ ...changeOf(ticketId, 2, {}, 'answered', facts), facts });
  return ticketId;
}

test('whatever a ticket brings along, its scores are stored with two digits, in its facts and on its timeline', async () => {
  const { facts, timeline } = await written(await ticketWith(FINE));
  expect(facts).toEqual(coarsened(FINE));
  expect(timeline).toEqual(coarsened(FINE));
});

test('the migration makes what is stored so coarse, by the same rule, and tells no webhook of it', async () => {
  const ticketId = await ticketWith(FINE);
  await sql`insert into webhook_endpoints (name, events, active) values ('all', '{ticket.answered,ticket.state_changed}', true)`.execute(
    stores.db,
  );
  const json = JSON.stringify(FINE);
  await sql`update tickets set facts = ${json}::jsonb, platform_score = -0.7123456789 where id = ${ticketId}`.execute(
    stores.db,
  );
  await sql`update timeline set facts = ${json}::jsonb where ticket_id = ${ticketId}`.execute(stores.db);
  const [up = ''] = (await readFile('migrations/0030_coarse_scores.sql', 'utf8')).split('-- Down Migration');
  await sql.raw(up).execute(stores.db);
  expect(await written(ticketId)).toEqual({ score: -0.71, facts: coarsened(FINE), timeline: coarsened(FINE) });
  expect(await stores.db.selectFrom('webhook_messages').select('type').execute()).toEqual([]);
});
