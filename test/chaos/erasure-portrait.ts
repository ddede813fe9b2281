import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { erasureWorkflowId, ticketWorkflowId } from '../../src/contract.ts';
import { type Logged, openIntents } from '../../src/domain/audit-actions.ts';
import { ticketOf } from './erasure-person.ts';
import type { Asker, ErasureScene } from './erasure-scene.ts';

/**
 * All that is there of a request and of the person it was about, with names in the place of ids: two that went the same way look the same,
 * however often their worker died on one of them.
 */
export async function portraitOf(scene: ErasureScene, asker: Asker) {
  const request = await scene.db
    .selectFrom('erasures')
    .selectAll()
    .where('id', '=', asker.requestId)
    .executeTakeFirstOrThrow();
  const seen = {
    request: {
      ...bare(request),
      decision: request.decision?.categories.map(({ category, verdict, why }) => ({ category, verdict, why })) ?? null,
      verdict: request.decision?.verdict ?? null,
      isErased: request.erased_at !== null,
      isExtended: request.extended_to !== null,
      isBlank: request.particulars === null && request.sealed.length === 0 && request.code_digest === null,
      stillKept: [...request.still_kept].sort(),
      keptEnded: request.kept_ended.map(({ category, how }) => `${category}: ${how}`).sort(),
    },
    rows: await rowsOf(scene, asker, request.subject_ref ?? ''),
    told: await toldOf(scene, asker),
    log: await logOf(scene, asker.requestId),
    outside: await outsideOf(scene, asker),
  };
  const names = [
    [asker.requestId, 'REQUEST'],
    [ticketOf(asker.customerId), 'TICKET'],
    [asker.customerId, 'CUSTOMER'],
    [asker.email, 'EMAIL'],
    [request.superseded_by ?? 'no such request', 'OTHER'],
  ] as const;
  const text = names.reduce((all, [id, name]) => all.replaceAll(id, name), JSON.stringify(seen));
  // Another request of the same person may have made it.
  return JSON.parse(text.replace(/ERASED-[0-9a-f]+/g, 'REF').replace(/\+49 30 2\d{6}/g, 'PHONE')) as typeof seen;
}

function bare(request: {
  state: string;
  outcome: string | null;
  proved_by: string | null;
  approval: string | null;
  ruled_by: string | null;
}) {
  const { state, outcome, proved_by, approval, ruled_by } = request;
  return { state, outcome, proved_by, approval, ruled_by };
}

async function rowsOf({ db }: ErasureScene, { requestId, customerId }: Asker, ref: string) {
  const owners = [customerId, ref];
  const ticketId = ticketOf(customerId);
  const customers = await db.selectFrom('customers').selectAll().where('id', 'in', owners).execute();
  const tickets = await db.selectFrom('tickets').selectAll().where('id', '=', ticketId).execute();
  const messages = await db.selectFrom('messages').selectAll().where('ticket_id', '=', ticketId).execute();
  const deliveries = await db
    .selectFrom('deliveries')
    .selectAll()
    .where('ticket_id', '=', ticketId)
    .orderBy('transport')
    .execute();
  const holds = await db
    .selectFrom('legal_holds')
    .selectAll()
    .where('customer_id', 'in', owners)
    .orderBy('category')
    .execute();
  const keys = await db
    .selectFrom('data_keys')
    .selectAll()
    .where((of) => of.or([of('name', '=', ticketWorkflowId(ticketId)), of('name', 'like', `%${requestId}%`)]))
    .orderBy('name')
    .execute();
  return {
    customers: customers.map(({ id, name, email, phone, kept_by, frozen_at, erased_at }) => ({
      ...{ id, name, email, phone, kept_by },
      isFrozen: frozen_at !== null,
      isErased: erased_at !== null,
    })),
    tickets: tickets.map(({ state, customer_id, emptied_at }) => ({
      state,
      customer_id,
      isEmptied: emptied_at !== null,
    })),
    messages: messages.map(({ subject, body, author_id }) => ({ subject, body, author_id })),
    deliveries: deliveries.map(({ transport, recipient_id, provider_message_id }) => ({
      ...{ transport, recipient_id },
      isTraced: provider_message_id !== null,
    })),
    holds: holds.map(({ category, customer_id, lifted_at }) => ({
      category,
      customer_id,
      isLifted: lifted_at !== null,
    })),
    keys: keys.map(({ name, wrapped }) => ({ name, isShredded: wrapped === null })),
  };
}

async function toldOf({ db, aws, slack, receiver }: ErasureScene, { requestId, email }: Asker) {
  const recipients = await db
    .selectFrom('erasure_recipients')
    .select(['recipient', 'status'])
    .where('erasure_id', '=', requestId)
    .orderBy('recipient')
    .execute();
  const letters = aws.mails.flatMap(({ raw, parsed }) => {
    const id = new RegExp(`X-Delivery-ID: ${requestId}-(\\S+)`).exec(raw)?.[1];
    return id === undefined ? [] : [{ id: id.replaceAll(DAY, 'DAY'), text: sameFor(parsed.text ?? '') }];
  });
  return {
    recipients,
    letters: letters.sort((one, other) => (one.id < other.id ? -1 : 1)),
    slack: slack.messages.filter(({ text }) => text.startsWith(email)).length,
    receiver: [...receiver.told.keys()].filter((id) => id.startsWith(requestId)),
  };
}

const DAY = /\d{4}-\d\d-\d\d/g;
/** Codes, links and days are nobody else's. */
function sameFor(text: string): string {
  return text
    .replace(/^\d{4} \d{4}$/m, 'CODE')
    .replace(/https?:\S+/g, 'LINK')
    .replace(DAY, 'DAY');
}

/** What a try leaves behind, however many there are. */
const OF_TRIES = /^erasure\.(codeTried|mailFailed|\w+Intent)$/;
/** Killed when the ledger outside knew already, it is ended by the next start, as on a restored database, and not by the next night. */
const OF_ANYBODY = 'erasure.keptEnded';
/** How often the log says what, but for tries; and which announcements no outcome follows. */
async function logOf({ db }: ErasureScene, requestId: string) {
  const entries = await db
    .selectFrom('audit_entries')
    .select(['action', 'object', 'after', 'actor_kind'])
    .where('object', '=', `erasure/${requestId}`)
    .orderBy('id')
    .execute();
  // A night that begins anew tells recipients anew, under the same id: to them it is one word. The erasure itself tells nobody twice.
  const nightBegan = entries.findIndex(({ action }) => action === 'erasure.endKeptIntent');
  const isToldAgain = (i: number) =>
    nightBegan >= 0 &&
    entries.slice(nightBegan, i).some((one) => {
      const recipientOf = (entry: typeof one) => (entry.after as { recipient?: string } | null)?.recipient;
      const entry = entries[i];
      return (
        entry?.action === 'erasure.recipient' && one.action === entry.action && recipientOf(one) === recipientOf(entry)
      );
    });
  const said = entries.flatMap(({ action, after, actor_kind }, i) => {
    if (isToldAgain(i)) return [];
    const status = (after as { status?: string } | null)?.status;
    return OF_TRIES.test(action) || status === 'open'
      ? []
      : [action === OF_ANYBODY ? action : `${action} by ${actor_kind}`];
  });
  const counts: Record<string, number> = {};
  for (const line of said.sort()) counts[line] = (counts[line] ?? 0) + 1;
  const steps = await db
    .selectFrom('erasure_steps')
    .select(['step', 'receipt'])
    .where('erasure_id', '=', requestId)
    .orderBy('step')
    .execute();
  const open = openIntents(entries.map((entry) => ({ ...entry, after: entry.after as Logged['after'] })));
  return { counts, withoutOutcome: open.map(({ action }) => action), steps };
}

async function outsideOf(
  { db, temporal, outbox, ledger, fingerprints }: ErasureScene,
  { requestId, customerId }: Asker,
) {
  const ticketId = ticketOf(customerId);
  const deliveries = await db.selectFrom('deliveries').select('id').where('ticket_id', '=', ticketId).execute();
  const files = await Promise.all(
    deliveries.map(({ id }) => readFile(join(outbox, `${id}.eml`), 'utf8').catch(() => null)),
  );
  const lines = (await ledger.read()).filter((entry) => entry.requestId === requestId);
  const described = await temporal.workflow.getHandle(erasureWorkflowId(requestId)).describe();
  const history = await temporal.workflow
    .getHandle(ticketWorkflowId(ticketId))
    .describe()
    .then(
      () => 'there',
      () => 'gone',
    );
  return {
    ticketsMails: files.filter((text) => text !== null),
    letters: (await readdir(outbox).catch(() => [])).filter((name) => name.startsWith(requestId)),
    // Whoever was killed over a line writes it once more; the last one counts.
    ledger: lines
      .map(({ kept }) => kept.map(({ category }) => category))
      .filter((kept, i, all) => JSON.stringify(kept) !== JSON.stringify(all[i - 1])),
    isLookedFor: (await fingerprints.find(requestId)) !== null,
    workflow: described.status.name,
    history,
  };
}

/** Each looks as this one does. */
export function expectSame(
  portraits: readonly { readonly who: string; readonly portrait: unknown }[],
  model: unknown,
): void {
  const others = portraits.filter(({ portrait }) => JSON.stringify(portrait) !== JSON.stringify(model));
  for (const { who, portrait } of others.slice(0, 1)) {
    const where = differences(portrait, model).slice(0, 5).join('; ');
    expect(portrait, `${who}: ${where}`).toEqual(model);
  }
  expect(others.map(({ who }) => who)).toEqual([]);
}

/** In a line each, for whoever sees no more of a failure than its message. */
function differences(seen: unknown, model: unknown, path = ''): string[] {
  const isBranch = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
  if (!isBranch(seen) || !isBranch(model))
    return seen === model ? [] : [`${path} is ${JSON.stringify(seen)}, not ${JSON.stringify(model)}`];
  const keys = new Set([...Object.keys(seen), ...Object.keys(model)]);
  return [...keys].flatMap((key) => differences(seen[key], model[key], path === '' ? key : `${path}.${key}`));
}
