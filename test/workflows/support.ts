import { expect, vi } from 'vitest';
import type { TicketView } from '../../src/contract.ts';
import { ticketWorkflowId } from '../../src/contract.ts';
import type { TicketEnvelope } from '../../src/domain/envelope.ts';
import { envelope, type TestSteward } from '../support/steward.ts';

/** Outcomes are waited for; how long they may take matters only where one does not come. */
export const PATIENCE = { timeout: 25_000, interval: 40 };

/** What the help articles answer, from a customer whom nobody knows yet. */
export function question(detail: Partial<TicketEnvelope['detail']> = {}): TicketEnvelope {
  const known = envelope();
  const { sentimentScore: _, ...rest } = known.detail;
  const ask = {
    subject: 'Invoice',
    message: 'How do I download my invoice for last month?',
    customerTier: 'standard',
    customerEmail: 'mira@customer.example',
  };
  return { ...known, detail: { ...rest, ...ask, ...detail } };
}

/** An event about a ticket, as the support platform sends it. */
export function about(ticketId: string, type: string, id: string, detail: object = {}) {
  return { id, source: 'support.platform', 'detail-type': type, detail: { ticketId, ...detail } };
}

/** Waits until row and workflow both say so: what the database shows is what the workflow knows. */
export async function until(steward: TestSteward, ticketId: string, expected: Partial<TicketView>): Promise<void> {
  const { ticketId: _, waitingFor: __, parked: ___, customerId: ____, episode: _____, ...row } = expected as TicketView;
  await vi.waitFor(async () => {
    expect(await steward.steward.describe(ticketId)).toMatchObject(expected);
    expect(await steward.read.ticket(ticketId)).toMatchObject(row);
  }, PATIENCE);
}

/** Waits until the ticket's timeline has an entry of this kind, and answers the last one. */
export async function entry(steward: TestSteward, ticketId: string, kind: string, count = 1) {
  return vi.waitFor(async () => {
    const found = (await steward.read.timeline(ticketId)).filter((line) => line.kind === kind);
    expect(found.length).toBeGreaterThanOrEqual(count);
    return found.at(-1);
  }, PATIENCE);
}

export async function kinds(steward: TestSteward, ticketId: string): Promise<string[]> {
  return (await steward.read.timeline(ticketId)).map((line) => line.kind);
}

/** A ticket that an agent has: the reference event with an id of its own. */
export async function escalated(steward: TestSteward, detail: Partial<TicketEnvelope['detail']> = {}): Promise<string> {
  const event = envelope(detail);
  await steward.steward.submit(event);
  await until(steward, event.detail.ticketId, { state: 'waitingForAgent', route: 'agent' });
  return event.detail.ticketId;
}

/** A ticket that the bot has answered. */
export async function answered(steward: TestSteward, detail: Partial<TicketEnvelope['detail']> = {}): Promise<string> {
  const event = question(detail);
  await steward.steward.submit(event);
  await until(steward, event.detail.ticketId, { state: 'waitingForCustomer', route: 'bot' });
  return event.detail.ticketId;
}

/** A ticket that was closed 40 days ago, as far as its row says. */
export async function closedLongAgo(steward: TestSteward): Promise<string> {
  const ticketId = await escalated(steward, { message: 'My card was charged twice.' });
  await handleOf(steward, ticketId).terminate();
  const closed = { state: 'closed', updated_at: new Date(Date.now() - 40 * 86_400_000) };
  await steward.owner.updateTable('tickets').set(closed).where('id', '=', ticketId).execute();
  return ticketId;
}

export function messagesOf(steward: TestSteward, ticketId: string) {
  const { db } = steward.composed;
  return db.selectFrom('messages').selectAll().where('ticket_id', '=', ticketId).orderBy('id').execute();
}

export function ratingsOf(steward: TestSteward, ticketId: string) {
  const { db } = steward.composed;
  const all = db.selectFrom('ratings').select(['episode', 'score']).where('ticket_id', '=', ticketId);
  return all.orderBy('episode').execute();
}

export function handleOf(steward: TestSteward, ticketId: string) {
  return steward.temporal.client.workflow.getHandle(ticketWorkflowId(ticketId));
}

/** The history's events, by what they are. */
export async function historyOf(steward: TestSteward, ticketId: string): Promise<string[]> {
  const { events = [] } = await handleOf(steward, ticketId).fetchHistory();
  const names = (events ?? []).map((event) => Object.keys(event).find((key) => key.endsWith('EventAttributes')));
  return names.map((name) => (name ?? '').replace('EventAttributes', ''));
}

/** A failing workflow task is repeated for ever: the ticket stands still, visible only in the history. */
export async function expectNoFailedTask(steward: TestSteward, ticketId: string): Promise<void> {
  const events = await historyOf(steward, ticketId);
  expect(events.filter((name) => name === 'workflowTaskFailed' || name === 'workflowTaskTimedOut')).toEqual([]);
}
