/** What must be true of incidents of providers, when all has come to rest. */
import { sql } from 'kysely';
import type { Database } from '../../../src/store/database.ts';
import { OPEN_AFTER } from './rules.ts';
import type { Scene } from './scene.ts';

/** Of twice as many within one window enough came before the worker's own window was over, whoever was killed meanwhile. */
const SURELY_OPEN = 2 * OPEN_AFTER;

/**
 * One at a time for a provider, whatever opened it was closed, and of each everybody was told once. `callsInOutages`: of each outage how many calls
 * came within one window.
 */
export async function healingContradictions(scene: Scene, callsInOutages: readonly number[]): Promise<string[]> {
  const { db } = scene;
  const incidents = await db.selectFrom('provider_incidents').selectAll().orderBy('id').execute();
  const ofComprehend = incidents.filter(({ provider }) => provider === 'comprehend');
  const long = callsInOutages.filter((calls) => calls >= SURELY_OPEN);
  const found =
    ofComprehend.length === 0 && long.length > 0 ? [`${long.length} outages that many calls met, and no incident`] : [];
  for (const [i, one] of incidents.entries()) {
    const name = `incident ${one.id} of ${one.provider}`;
    if (one.closed_at === null) found.push(`${name} was not closed`);
    const before = incidents.slice(0, i).filter(({ provider }) => provider === one.provider);
    const beside = before.filter(({ closed_at }) => closed_at === null || closed_at > one.opened_at);
    if (beside.length > 0) found.push(`${name} was opened beside another`);
  }
  return [...found, ...(await toldContradictions(scene)), ...(await twiceAgain(db)), ...(await stillDegraded(db))];
}

/** An admin hears of the end once; of the opening too, where any way worked while it was open. */
async function toldContradictions({ db, slack, aws }: Scene): Promise<string[]> {
  const rows = await db.selectFrom('incident_messages').selectAll().execute();
  const posted = slack.messages.map(({ metadata }) => String(metadata?.event_payload.deliveryId));
  const mailed = aws.mails.map(({ parsed }) => String(parsed.headers.get('x-delivery-id')));
  const copies = rows.flatMap(({ incident_id, occasion, recipient_id, channel, status, attempts }) => {
    const id = `incident-${incident_id}-${occasion}-${recipient_id}`;
    const there = (channel === 'slack' ? posted : mailed).filter((other) => other === id).length;
    const name = `${id} by ${channel}, ${status} after ${attempts} attempts`;
    if (channel === 'pagerduty') return [];
    if (status === 'sent' && there === 0) return [`sent, and not there: ${name}`];
    // A mail whose answer was lost is sent again, and says so by its attempts.
    return there > (channel === 'slack' ? 1 : attempts) ? [`${there} times there: ${name}`] : [];
  });
  const incidents = await db.selectFrom('provider_incidents').select('id').execute();
  const times = incidents.flatMap(({ id }) =>
    (['opened', 'closed'] as const).flatMap((occasion) => {
      const tried = rows.filter((row) => row.incident_id === id && row.occasion === occasion);
      const sent = tried.filter(({ status }) => status === 'sent').length;
      const isRight = sent === 1 || (occasion === 'opened' && sent === 0);
      return isRight ? [] : [`of incident ${id}, ${occasion}, was told ${sent} times`];
    }),
  );
  return [...copies, ...times];
}

async function twiceAgain(db: Database): Promise<string[]> {
  const { rows } = await sql<{ said: string }>`
    select 'looked at again twice: ' || ticket_id || ' for incident ' || coalesce(facts->>'incident', 'none') as said from timeline
    where kind = 'enrichedAgain' group by ticket_id, facts->>'incident' having count(*) > 1`.execute(db);
  return rows.map(({ said }) => said);
}

/** Tickets that came while Comprehend was left alone, and still stand as they were found without it, or wait to be looked at. */
export async function stillDegraded(db: Database): Promise<string[]> {
  const { rows } = await sql<{ said: string }>`
    select 'left degraded: ' || t.id || ' ' || coalesce((t.facts->'sentiment')::text, '') as said from tickets t
      join provider_incidents i on i.provider = 'comprehend' and t.opened_at between i.opened_at and i.closed_at
      where t.facts->'degraded' ? 'sentiment'
    union select 'never looked at again: ' || d.ticket_id from degraded_tickets d
      join provider_incidents i on i.provider = d.provider and d.at between i.opened_at and i.closed_at
      where d.again_at is null`.execute(db);
  return rows.map(({ said }) => said);
}
