import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll } from 'vitest';
import { createErasureSecrets } from '../../src/adapters/erasure-secrets.ts';
import type { TicketEnvelope } from '../../src/domain/envelope.ts';
import type { Change, EntryKind, TicketRow } from '../../src/domain/journal.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import { type Database, type Databases, openDatabase, openDatabases } from '../../src/store/database.ts';
import { createDeliveryStore } from '../../src/store/deliveries.ts';
import { createIntakeStore } from '../../src/store/intake.ts';
import { createPageStore } from '../../src/store/pages.ts';
import { createReader } from '../../src/store/read.ts';
import { createTicketStore } from '../../src/store/tickets.ts';
import { useDatabase } from '../support/database.ts';

/** The stores on a database of this file's own, each under its role; readable from the first test on. */
export function useStores() {
  const { url } = useDatabase();
  const stores = {} as ReturnType<typeof createStores>;
  const held: { databases?: Databases } = {};
  beforeAll(() => {
    held.databases = openDatabases({ url, poolSize: 10 });
    Object.assign(stores, createStores(url, openDatabase({ url, poolSize: 10 }), held.databases));
  });
  afterAll(() => Promise.all([stores.db?.destroy(), held.databases?.close()]));
  return stores;
}

/** @param db the owner's, for what a test puts there or looks at by itself */
function createStores(url: string, db: Database, databases: Databases) {
  const worker = databases.as('steward_worker');
  const gateway = databases.as('steward_gateway');
  const operator = databases.as('steward_operator');
  return {
    url,
    db,
    worker,
    gateway,
    operator,
    officer: databases.as('steward_officer'),
    auditor: databases.as('steward_auditor'),
    tickets: createTicketStore(worker, { digests: createErasureSecrets('a secret of the tests').subjectDigests }),
    intake: createIntakeStore(gateway),
    deliveries: createDeliveryStore(worker, {
      transports: { mail: 'outbox', slack: 'outbox', pagerduty: 'outbox' },
      automaticPerDay: 1_000,
    }),
    pages: createPageStore(gateway),
    read: createReader(operator),
  };
}
export type Stores = ReturnType<typeof createStores>;

export function newId(prefix = 'TKT'): string {
  return `${prefix}-${randomBytes(5).toString('hex')}`;
}

export function ticketOf(ticketId: string, more: Partial<TicketEnvelope['detail']> = {}, source = 'support.platform') {
  const detail = { ticketId, customerId: newId('CUST'), subject: 'Login issue', message: 'It does not work.', ...more };
  return { source, 'detail-type': 'ticket.created', detail } satisfies TicketEnvelope;
}

/** A change with one entry; what the row holds is up to the test. */
export function changeOf(
  ticketId: string,
  seq: number,
  row: Partial<TicketRow> = {},
  kind: EntryKind = 'enriched',
  facts: JsonObject = {},
): Change {
  const at = new Date(Date.UTC(2026, 3, 23, 10, 0, seq)).toISOString();
  return {
    ticketId,
    row: {
      state: 'new',
      route: 'none',
      priority: null,
      tier: null,
      assigneeId: null,
      episode: 1,
      needsAttention: false,
      ...row,
    },
    entries: [{ seq, at, kind, actor: 'steward', facts }],
  };
}

const FLOW = { name: 'support-escalation', version: '0' };

/** What a ticket's first step does: the claim, and a new one's look for what came before it. */
export async function claim(stores: Stores, envelope: TicketEnvelope, runId = 'run-1') {
  const { ticketId } = envelope.detail;
  const change = changeOf(ticketId, 1, {}, 'received');
  const claimed = await stores.tickets.claim(envelope, { change, runId, flow: FLOW });
  if (claimed.outcome !== 'new') return claimed;
  const { outcome, customerId } = claimed;
  return { outcome, customerId, held: await stores.tickets.held(ticketId) };
}

/** A ticket that is there. */
export async function newTicket(stores: Stores, more: Partial<TicketEnvelope['detail']> = {}): Promise<string> {
  const ticketId = newId();
  await claim(stores, ticketOf(ticketId, more));
  return ticketId;
}

/** Counts of a ticket's rows, table by table. */
export async function rowsOf({ db }: Stores, ticketId: string) {
  const count = async (table: 'timeline' | 'messages' | 'events' | 'held_events' | 'deliveries' | 'ratings') => {
    const rows = await db.selectFrom(table).select('ticket_id').where('ticket_id', '=', ticketId).execute();
    return rows.length;
  };
  const [timeline, messages, events, held, deliveries, ratings] = await Promise.all([
    count('timeline'),
    count('messages'),
    count('events'),
    count('held_events'),
    count('deliveries'),
    count('ratings'),
  ]);
  return { timeline, messages, events, held, deliveries, ratings };
}
