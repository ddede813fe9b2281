/** What a ticket asks of our people, round after round, and how the messages by which they were asked look now. */
import { askPeople, decide, type HumanTask, refusalOf } from './human-task.ts';
import type { JsonObject } from './json.ts';
import type { TicketState } from './ticket.ts';

/** What one of us may do at a message. `resolve` opens a form, which ends in a `reply`, a solution or a `note`. */
export const ASK_ACTS = ['claim', 'resolve', 'reassign', 'snooze'] as const;
export type AskAct = (typeof ASK_ACTS)[number];
/** What a form may say. */
export const FORM_ENDS = ['replyAndSolve', 'reply', 'solve', 'note'] as const;
export type FormEnd = (typeof FORM_ENDS)[number];

/** What the messages of a round say of it. Times are epoch ms. */
export type Face =
  | { readonly kind: 'asked' }
  | { readonly kind: 'snoozed'; readonly by: string; readonly until: number }
  | { readonly kind: 'claimed'; readonly by: string; readonly at: number }
  | { readonly kind: 'given'; readonly by: string; readonly to: string; readonly at: number }
  | { readonly kind: 'givenBack'; readonly by: string; readonly at: number }
  | { readonly kind: 'replied' | 'resolved' | 'closed'; readonly by: string | null; readonly at: number };

export interface Round {
  /** From 1; stands in the buttons of its messages. */
  readonly id: number;
  /** Who takes it: the first one who says so. */
  readonly task: HumanTask;
  readonly face: Face;
  /** Its messages with buttons that went out. */
  readonly cards: number;
  /** What they were last made to look like; empty: as they went out. */
  readonly drawn: string;
}

/** Plain JSON: goes on with the ticket from run to run. The last round is the one that runs; those before it are still to be drawn. */
export interface Ask {
  readonly count: number;
  readonly rounds: readonly Round[];
}
export const NOTHING_ASKED: Ask = { count: 0, rounds: [] };

interface Heeded {
  /** ISO 8601 */
  readonly at: string;
  readonly kind: string;
  readonly actor: string;
  readonly facts: JsonObject;
}

/** Which round a message belongs to that asks for a person now. */
export function roundToAsk(ask: Ask): number {
  const now = ask.rounds.at(-1);
  return now && !isOver(now) ? now.id : ask.count + 1;
}

/** The rounds after an entry of the timeline, whoever it came from and by whatever way. */
export function followAsk(ask: Ask, entry: Heeded, state: TicketState): Ask {
  const at = Date.parse(entry.at);
  const by = typeof entry.facts.agentId === 'string' ? entry.facts.agentId : null;
  switch (entry.kind) {
    case 'escalated': {
      const id = roundToAsk(ask);
      if (id === ask.count) return ask;
      const round: Round = {
        id,
        task: askPeople({ id: `${id}`, form: ['claim'] }),
        face: { kind: 'asked' },
        cards: 0,
        drawn: '',
      };
      return pruned({ count: id, rounds: [...ask.rounds, round] });
    }
    case 'claimed':
      return withRound(ask, (round) => {
        const who = by ?? entry.actor;
        // By command line and API the ticket may be taken over: whoever says it there has looked.
        const task = decide({ ...round.task, said: [], outcome: null }, { by: who, act: 'claim', at });
        return { ...round, task, face: { kind: 'claimed', by: who, at } };
      });
    case 'snoozed':
      return withFace(ask, { kind: 'snoozed', by: entry.actor, until: Number(entry.facts.until) });
    case 'reassigned':
      return withFace(ask, { kind: 'given', by: entry.actor, to: String(entry.facts.givenTo), at });
    case 'givenBack':
      return withFace(ask, { kind: 'givenBack', by: by ?? entry.actor, at });
    case 'agentReplied':
      return state === 'solved' ? ask : withFace(ask, { kind: 'replied', by, at });
    case 'resolved':
    case 'silenceEnded':
      return withFace(ask, { kind: 'resolved', by, at });
    case 'closed':
      return withRound(ask, (round) => (isOver(round) ? round : { ...round, face: { kind: 'closed', by: null, at } }));
    case 'called':
      return withRound(ask, (round) => (round.face.kind === 'snoozed' ? { ...round, face: { kind: 'asked' } } : round));
    default:
      return ask;
  }
}

function withFace(ask: Ask, face: Face): Ask {
  return withRound(ask, (round) => ({ ...round, face }));
}

function withRound(ask: Ask, change: (round: Round) => Round): Ask {
  const last = ask.rounds.at(-1);
  return last ? { ...ask, rounds: [...ask.rounds.slice(0, -1), change(last)] } : ask;
}

/** Nothing more is asked in it. */
function isOver({ face }: Pick<Round, 'face'>): boolean {
  return face.kind !== 'asked' && face.kind !== 'snoozed' && face.kind !== 'claimed';
}

/** What may still be done at a message that looks like this. */
export function actsOf(face: Face): readonly AskAct[] {
  if (face.kind === 'asked' || face.kind === 'snoozed') return ASK_ACTS;
  return face.kind === 'claimed' ? ['resolve', 'reassign'] : [];
}

/** A message with buttons went out. */
export function sentCard(ask: Ask, round: number): Ask {
  return { ...ask, rounds: ask.rounds.map((one) => (one.id === round ? { ...one, cards: one.cards + 1 } : one)) };
}

/** The newest round whose messages do not look as they should. */
export function toDraw(ask: Ask): Round | undefined {
  return ask.rounds.findLast(isStale);
}

function isStale(round: Round): boolean {
  if (round.cards === 0 || (round.face.kind === 'asked' && round.drawn === '')) return false;
  return round.drawn !== lookOf(round);
}

/** A message that goes out later has to be drawn as well. */
export function lookOf({ face, cards }: Pick<Round, 'face' | 'cards'>): string {
  return `${cards}:${JSON.stringify(face)}`;
}

export function drawnAs(ask: Ask, round: number, drawn: string): Ask {
  return pruned({ ...ask, rounds: ask.rounds.map((one) => (one.id === round ? { ...one, drawn } : one)) });
}

/** Of an earlier round nothing is kept that is drawn. One that has not gone out yet never will, or is drawn as old when it is clicked. */
function pruned(ask: Ask): Ask {
  return { ...ask, rounds: ask.rounds.filter((round, i) => i === ask.rounds.length - 1 || isStale(round)) };
}

/** What somebody wants to do at a message, as it is judged when its turn has come. `by`: null where nobody knows them. */
export interface Wanted {
  readonly by: string | null;
  readonly act: AskAct | FormEnd;
  readonly round: number;
  /** Whom it is given to; null where nobody knows them. */
  readonly to?: string | null | undefined;
  readonly at: number;
}
/** Why it is not done, in what the words need. */
export type Unmet =
  | { readonly why: 'stranger' | 'strangerNamed' | 'older' | 'yoursAlready' | 'nothingToSnooze' }
  | { readonly why: 'claimed'; readonly by: string; readonly at: number }
  | { readonly why: 'over'; readonly face: Face }
  | { readonly why: 'unlawful'; readonly state: TicketState };

/** What can be told of a round by its face alone, before somebody writes what would not be taken. */
export function unmetAtFace(
  now: Pick<Round, 'id' | 'face'>,
  { by, round }: { readonly by: string; readonly round: number },
): Unmet | null {
  if (round !== now.id) return { why: 'older' };
  if (isOver(now)) return { why: 'over', face: now.face };
  return now.face.kind === 'claimed' && now.face.by !== by
    ? { why: 'claimed', by: now.face.by, at: now.face.at }
    : null;
}

/** Null: it may be done. `isCalling`: somebody is still to be called, so that there is something to put off. */
export function unmetBy(ask: Ask, state: TicketState, wanted: Wanted, isCalling: boolean): Unmet | null {
  const { by, act, at } = wanted;
  if (by === null) return { why: 'stranger' };
  if (state === 'closed') return { why: 'unlawful', state };
  // A note says something for our own people only: whoever is of the team may leave one at any time.
  if (act === 'note') return null;
  const round = ask.rounds.at(-1);
  if (!round) return { why: 'older' };
  const unmet = unmetAtFace(round, { by, round: wanted.round });
  if (unmet) return unmet;
  if (act === 'claim') return refusalOf(round.task, { by, act, at }) === null ? null : { why: 'yoursAlready' };
  if (act === 'reassign' && wanted.to == null) return { why: 'strangerNamed' };
  if (act === 'snooze' && (round.face.kind === 'claimed' || !isCalling)) return { why: 'nothingToSnooze' };
  return null;
}
