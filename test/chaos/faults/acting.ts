import { setTimeout as sleep } from 'node:timers/promises';
import { StewardError } from '../../../src/domain/errors.ts';
import { createPresenceStore } from '../../../src/store/presence.ts';
import { type Kind, sample } from '../kinds.ts';
import type { Scene } from './scene.ts';
import type { Act } from './script.ts';

/** What was said to Steward, and what it answered. */
export interface Said {
  readonly what: 'submit' | 'reply' | 'claim' | 'answer' | 'resolve';
  readonly ticketId: string;
  /** Found again in the ticket's messages. */
  readonly text?: string;
  /** The gateway's id of the event. */
  readonly eventId?: string;
  readonly agentId?: string;
  /**
   * `taken`: it said yes. `refused`: it said why not. `unknown`: no answer came, and a click is not made twice by a machine; an event of a
   * platform is sent until it is answered.
   */
  outcome: 'taken' | 'refused' | 'unknown';
  /** Why not. */
  why?: string;
}

export interface Cast {
  readonly said: Said[];
  readonly kinds: Map<string, Kind>;
  /** Acts that began, ended, and those that ended in an error of their own. */
  readonly spoken: { begun: number; ended: number; readonly failed: string[] };
  /** How often an operator had a ticket's steps tried again. */
  readonly retried: Map<string, number>;
  /** Of each outage of a provider, the most calls that came within one window of its circuit. */
  readonly callsInOutages: number[];
  /** Nothing is said any more: what was not taken yet is given up. */
  isOver: boolean;
}

export function newCast(): Cast {
  return {
    said: [],
    kinds: new Map(),
    spoken: { begun: 0, ended: 0, failed: [] },
    retried: new Map(),
    callsInOutages: [],
    isOver: false,
  };
}

const CLICK_MS = 20_000;
const SOURCE = 'support.platform';
let count = 0;

export function begin(scene: Scene, cast: Cast, act: Act): void {
  const { spoken } = cast;
  spoken.begun += 1;
  void done(scene, cast, act)
    .catch((error: unknown) => {
      // What is given up was counted as missing.
      if (!cast.isOver) spoken.failed.push(`${act.act}: ${error}`);
    })
    .finally(() => {
      spoken.ended += 1;
    });
}

function done(scene: Scene, cast: Cast, act: Act): Promise<void> {
  if (act.act === 'submit') return submit(scene, cast, act.kind);
  if (act.act === 'presence') return say(scene, cast, act);
  return follow(scene, cast, act);
}

/** Somebody comes or goes: what they have, or what waits, moves. */
async function say({ db }: Scene, cast: Cast, { agentId, presence }: Extract<Act, { act: 'presence' }>): Promise<void> {
  const store = createPresenceStore(db, { kind: 'system', id: 'chaos' });
  await untilDone(cast, () => store.set(agentId, presence));
}

async function submit(scene: Scene, cast: Cast, kind: Kind): Promise<void> {
  const { envelope, customer } = sample(kind);
  const { ticketId } = envelope.detail;
  cast.kinds.set(ticketId, kind);
  if (customer) {
    // As a CRM's import would have written them, long before.
    const row = { ...customer, known_from: 'crm' as const, first_ticket_id: null };
    await untilDone(cast, () =>
      scene.db
        .insertInto('customers')
        .values(row)
        .onConflict((c) => c.doNothing())
        .execute(),
    );
  }
  await send(scene, cast, { what: 'submit', ticketId, outcome: 'unknown' }, envelope);
}

async function follow(scene: Scene, cast: Cast, act: Exclude<Act, { act: 'submit' | 'presence' }>): Promise<void> {
  const ids = [...cast.kinds.keys()];
  const ticketId = ids[Math.floor(act.pick * ids.length)];
  if (ticketId === undefined) return;
  count += 1;
  if (act.act === 'reply') {
    const eventId = `${ticketId}-${count}`;
    const text = `${act.message} (${count})`;
    const detail = { ticketId, message: text };
    const event = { id: eventId, source: SOURCE, 'detail-type': 'ticket.replied', detail };
    return send(scene, cast, { what: 'reply', ticketId, text, eventId, outcome: 'unknown' }, event);
  }
  const { agentId } = act;
  const text = `Please try this (${count})`;
  const one: Said = { what: act.act, ticketId, agentId, outcome: 'unknown', ...(act.act === 'answer' ? { text } : {}) };
  cast.said.push(one);
  const { client } = scene;
  const click = () => {
    if (act.act === 'answer') return client.reply(ticketId, { agentId, message: text });
    return act.act === 'claim' ? client.claim(ticketId, { agentId }) : client.resolve(ticketId, { agentId });
  };
  await Promise.race([settled(one, click), sleep(CLICK_MS, undefined, { ref: false })]);
}

async function settled(one: Said, click: () => Promise<unknown>): Promise<void> {
  try {
    await click();
    one.outcome = 'taken';
  } catch (error) {
    if (!(error instanceof StewardError) || error.code === 'Unavailable') return;
    one.outcome = 'refused';
    one.why = error.code;
  }
}

/** Sends the same event until it is answered, as a platform does. */
async function send(scene: Scene, cast: Cast, one: Said, event: object): Promise<void> {
  cast.said.push(one);
  await untilDone(cast, async () => {
    const { status, text } = await scene.post(event);
    if (status >= 500) throw new Error(text);
    one.outcome = status < 300 ? 'taken' : 'refused';
    if (status >= 300) one.why = text;
  });
}

async function untilDone(cast: Cast, work: () => Promise<unknown>): Promise<void> {
  for (;;) {
    try {
      await work();
      return;
    } catch (error) {
      if (cast.isOver) throw error;
      await sleep(200);
    }
  }
}
