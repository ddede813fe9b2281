import { workflowInfo } from '@temporalio/workflow';
import type { QueuedOfRun } from '../activities/notify.ts';
import type { HeldMessage, ItemsArgs } from '../contract-flow.ts';
import { type Delivery, NOT_TO_SEND } from '../domain/delivery.ts';
import type { Json } from '../domain/json.ts';
import type { Notified } from '../domain/notify.ts';
import { own, sender } from './activities.ts';
import { type Attempt, CARRIERS, type Call, type Desk } from './desk.ts';
import { failureOf } from './failure.ts';
import { once } from './once.ts';
import { condition, hasCome, now } from './rest.ts';

/**
 * Tells somebody what the flow has to say of a ticket. What quiet hours or storm control hold back goes out beside the main line: a flow waits
 * for nobody's night.
 */
export async function notify(desk: Desk, { occasion, attempt, input: request }: Call): Promise<Notified> {
  const { memory, journal } = desk;
  const { customerId } = memory;
  const deliveries = await once(desk, occasion, () =>
    journal.commit({ kind: 'notified', facts: { step: occasion } }, (change) =>
      own.queueNotification({ change, occasion, customerId, request }),
    ),
  );
  const held = deliveries.filter(isHeld);
  if (held.length > 0) tellBeside(desk, occasion, held);
  await desk.send(
    deliveries.filter((delivery) => !isHeld(delivery)),
    attempt,
  );
  return notified(deliveries.length, held.length, deliveries.filter(isSuppressed).length);
}

function isHeld({ status, facts }: Delivery): boolean {
  return status === 'summarised' || (status === 'queued' && facts?.notBefore !== undefined);
}

function isSuppressed({ status }: { readonly status: string }): boolean {
  return status === 'suppressed';
}

function notified(all: number, held: number, suppressed: number): Notified {
  return { delivered: all > suppressed, sent: all - held - suppressed, held, suppressed };
}

/** Once, however often the flow tries the step again. */
function tellBeside(desk: Desk, occasion: string, held: readonly Delivery[]): void {
  if (desk.telling.has(occasion)) return;
  desk.telling.add(occasion);
  desk.background += 1;
  void desk.sendQuietly(held).finally(() => {
    desk.background -= 1;
  });
}

type RunMessage = QueuedOfRun['messages'][number];

export interface NotifyByRun {
  readonly request: Json;
  readonly step: string;
  readonly attempt: Attempt;
  /** Goes out beside the flow's way. */
  readonly hold: (message: HeldMessage) => void;
  /** In whose name it is told, where that is another workflow. */
  readonly root: ItemsArgs['root'] | undefined;
}

/** The same without a ticket. @throws the first failure, after all were tried */
export async function notifyByRun({ request, step, attempt, hold, root }: NotifyByRun): Promise<Notified> {
  const { workflowId, firstExecutionRunId: firstRunId } = workflowInfo();
  const teller = root ?? { workflowId, firstRunId };
  const queued = await own.queueRunMessages({ step: { ...teller, occasion: step }, request });
  const { messages, lostAttemptMs } = queued;
  const open = messages.filter(({ status }) => !NOT_TO_SEND.includes(status));
  const held = open.filter(({ isHeld }) => isHeld);
  for (const { id, transport, recipient, notBefore } of held) {
    hold({ id, transport, recipient, notBefore, request, lostAttemptMs });
  }
  const due = open.filter((one) => !held.includes(one));
  let suppressed = messages.filter(isSuppressed).length;
  let failed: unknown;
  for (const { id, transport, recipient, notBefore } of due) {
    try {
      const message = { id, transport, recipient, notBefore, request, lostAttemptMs };
      if (isSuppressed(await send(message, attempt))) suppressed += 1;
    } catch (error) {
      // Of several the one that trying again can help: the rest fails again, and is no reason to give up on it.
      if (failed === undefined || failureOf(error).retryable) failed = error;
    }
  }
  if (failed !== undefined) throw failed;
  return notified(messages.length, held.length, suppressed);
}

export interface HeldMessages {
  hold(message: HeldMessage): void;
  /** None of them is on its way at this moment: a new run can take them over. */
  areAtRest(): boolean;
  readonly all: readonly HeldMessage[];
}

/** Shortly before its time a message may be on its way by the server's clock. */
const ON_ITS_WAY_MS = 60_000;

/** Messages that wait for quiet hours to end, or for room, while the flow goes on. `taken`: those of the run before. */
export function createHeld(taken: readonly HeldMessage[]): HeldMessages {
  const all = new Map<string, HeldMessage>();
  const hold = (message: HeldMessage) => {
    if (all.has(message.id)) return;
    all.set(message.id, message);
    void sendOn(message, (next) => all.set(message.id, next)).finally(() => all.delete(message.id));
  };
  for (const message of taken) hold(message);
  return {
    hold,
    areAtRest: () => [...all.values()].every(({ notBefore }) => (notBefore ?? 0) - ON_ITS_WAY_MS > now()),
    get all() {
      return [...all.values()];
    },
  };
}

/** As a ticket's messages are: again and again for a day. The ledger says what became of it. `waits` takes it as it stands between two tries. */
async function sendOn(message: HeldMessage, waits: (next: HeldMessage) => void): Promise<void> {
  let last = message;
  for (let number = 1; ; number++) {
    const failure = await send(last, { number, of: number, again: false }).then(() => undefined, failureOf);
    if (!failure?.retryable) return;
    const until = last.until ?? now() + MOST_MS;
    if (now() >= until) return;
    const pause = Math.max(failure.retryAfterMs, Math.min(PAUSE_MS.first * 2 ** (number - 1), PAUSE_MS.most));
    const at = now() + pause;
    last = { ...last, notBefore: at, until };
    waits(last);
    const summary = 'before a message that was held back is tried again';
    if (!(await condition(() => false, pause, { summary }))) hasCome(at);
  }
}
const PAUSE_MS = { first: 5_000, most: 600_000 };
const MOST_MS = 24 * 3_600_000;

async function send(
  { id: messageId, transport, recipient, request, lostAttemptMs }: HeldMessage,
  { number, of, until }: Attempt,
): Promise<Pick<RunMessage, 'status'>> {
  if (transport === 'outbox') return own.sendRunMessage({ messageId, request });
  const [provider, name] = CARRIERS[transport];
  const to = `${recipient.kind} ${recipient.id}`.trimEnd();
  const left = until === undefined ? undefined : Math.max(1, until - now());
  const summary = `${name} to ${to}, attempt ${number} of ${of}`;
  return sender(provider, lostAttemptMs, summary, left).sendRunMessage({ messageId, request });
}
