import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { sql } from 'kysely';
import { ticketWorkflowId } from '../../src/contract.ts';
import type { KeyRing } from '../../src/store/data-keys.ts';
import type { Database } from '../../src/store/database.ts';
import type { SlackStandIn } from '../support/stand-ins/slack.ts';

/** What of a person lies about, beside their row. Each gives a step of the erasure something to do. */
export interface Belongings {
  /** A closed ticket of many words, with a history in Temporal and a key. */
  readonly ticket: boolean;
  /** Of the ticket: a mail as a file. */
  readonly outbox: boolean;
  /** Of the ticket: a message about it. */
  readonly slack: boolean;
}
export const EVERYTHING: Belongings = { ticket: true, outbox: true, slack: true };

export interface Owner {
  readonly customerId: string;
  readonly email: string;
}

export interface Place {
  readonly db: Database;
  readonly ring: KeyRing;
  readonly temporal: Client;
  readonly slack: SlackStandIn;
  readonly outbox: string;
}

export function ticketOf(customerId: string): string {
  return customerId.replace('CUST', 'TKT');
}

const CHANNEL = 'C0OPERATE1';
let clock = 0;
let phones = 0;

export async function addPerson(place: Place, { customerId, email }: Owner, has: Belongings): Promise<void> {
  const { db } = place;
  // Nobody else's: what looking again finds is theirs.
  phones += 1;
  await sql`insert into customers (id, name, email, phone, tier, known_from)
    values (${customerId}, 'Ada Lovelace', ${email}, ${`+49 30 ${2_000_000 + phones}`}, 'standard', 'crm')`.execute(db);
  if (!has.ticket) return;
  const ticketId = ticketOf(customerId);
  await sql`insert into tickets (id, source, customer_id, run_id, flow, state, route, revision, opened_at, updated_at)
    values (${ticketId}, 'test', ${customerId}, 'run', 'flow', 'closed', 'agent', 1, now(), now())`.execute(db);
  await sql`insert into messages (ticket_id, origin, author, author_id, subject, body, at)
    values (${ticketId}, 'first', 'customer', ${customerId}, 'Hello', ${`I am ${email}`}, now())`.execute(db);
  await addHistory(place, ticketId, email);
  if (has.outbox) await addOutboxMail(place, ticketId, { customerId, email });
  if (has.slack) await addSlackMessage(place, ticketId, email);
}

/** On a queue where nobody works, and ended: there to be deleted. */
async function addHistory({ ring, temporal }: Place, ticketId: string, email: string): Promise<void> {
  const workflowId = ticketWorkflowId(ticketId);
  await ring.seal(workflowId, 'words');
  const handle = await temporal.workflow.start('supportTicket', { taskQueue: 'nobody', workflowId, args: [{ email }] });
  await handle.terminate('closed by the test');
}

async function addOutboxMail({ db, outbox }: Place, ticketId: string, { customerId, email }: Owner): Promise<void> {
  const id = await addDelivery(db, ticketId, { kind: 'customer', whom: customerId, transport: 'outbox' });
  await mkdir(outbox, { recursive: true });
  await writeFile(join(outbox, `${id}.eml`), `To: Ada <${email}>\r\n\r\nDear Ada`);
  await sql`update deliveries set provider_message_id = ${`outbox:${id}.eml`} where id = ${id}`.execute(db);
}

async function addSlackMessage({ db, slack }: Place, ticketId: string, email: string): Promise<void> {
  clock += 1;
  const ts = `1600000000.${String(clock).padStart(6, '0')}`;
  slack.messages.push({ channel: CHANNEL, ts, text: `${email} has a question` });
  const id = await addDelivery(db, ticketId, { kind: 'agent', whom: 'ana', transport: 'slack' });
  await sql`update deliveries set provider_message_id = ${`${CHANNEL}:${ts}`} where id = ${id}`.execute(db);
}

async function addDelivery(
  db: Database,
  ticketId: string,
  to: { readonly kind: string; readonly whom: string; readonly transport: string },
): Promise<string> {
  const { rows } = await sql<{ id: string }>`
    insert into deliveries (ticket_id, occasion, recipient_kind, recipient_id, channel, transport, template, status, attempts)
    values (${ticketId}, 'first', ${to.kind}, ${to.whom}, ${to.transport}, ${to.transport}, 'escalation', 'sent', 1)
    returning id::text`.execute(db);
  return rows[0]?.id ?? '';
}

/** The rules as they come, changed so, and a receiver that has to be told. Returns the file. */
export async function policyWithReceiver(
  dir: string,
  url: string,
  secretEnv: string,
  change: (text: string) => string = (text) => text,
): Promise<string> {
  const policy = await readFile('policies/privacy.yaml', 'utf8');
  const file = join(dir, 'privacy.yaml');
  const receiver = `recipients:
  - name: Billing
    kind: webhook
    categories: [identity, contact]
    url: ${url}/erasures
    secretEnv: ${secretEnv}
`;
  await writeFile(file, change(policy).replace('recipients:\n', receiver));
  return file;
}
