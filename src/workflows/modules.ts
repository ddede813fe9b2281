import type { HandedOver } from '../activities/escalate.ts';
import { roundToAsk } from '../domain/ask.ts';
import { type Delivery, NOT_TO_SEND } from '../domain/delivery.ts';
import { StewardError } from '../domain/errors.ts';
import type { Json, JsonObject } from '../domain/json.ts';
import type { ModuleResults } from '../domain/module-catalogue.ts';
import { assertLawful, botMaySpeak, isWithBot, type TicketEvent } from '../domain/ticket.ts';
import type { Why } from '../domain/words.ts';
import { own } from './activities.ts';
import { analyzeTicket } from './analyze.ts';
import { askPeople } from './ask-people.ts';
import { isSince } from './changes.ts';
import type { Attempt, Call, Desk } from './desk.ts';
import { hasEarlyWords } from './early-words.ts';
import { callHttp } from './http.ts';
import { notify } from './notify.ts';
import { once } from './once.ts';

/** Null: the ticket was over before it came to anything; `again`: a new run is to call it. */
export type Module = (desk: Desk, call: Call) => Promise<JsonObject | null | 'again'>;

/** The functions that a flow's Task states call; each gives what `domain/module-catalogue.ts` says. */
const typed: {
  readonly [Name in keyof ModuleResults]: (desk: Desk, call: Call) => Promise<ModuleResults[Name] | null | 'again'>;
} = {
  analyzeTicket,
  askPeople,
  notify,

  /** A person who took the ticket, or was given it since the customer asked for one, while the flow was on its way keeps it. */
  async escalateToAgent(desk, call) {
    const { row, done, taken, given } = desk.memory;
    if ((taken || given) && row.route === 'agent' && !(call.occasion in done)) return { agentId: row.assigneeId };
    const why = desk.memory.wantsPerson ? 'asked for a person' : 'flow';
    // Their wish may be under way beside the flow: the second of the two is one too many.
    const handed = await handOverUnless(
      desk,
      call.occasion,
      why,
      call.attempt,
      (now) => now.route === 'agent' && desk.memory.given === true,
    );
    return { agentId: handed === null ? desk.memory.row.assigneeId : handed.agentId };
  },

  /** Answers from the help articles when one is a sure match and nobody else has the ticket. */
  async resolveWithBot(desk, call) {
    const { memory } = desk;
    const answer =
      (memory.done[call.occasion] as unknown as RecordedAnswer | undefined) ?? (await findAnswer(desk, call));
    if (!('deliveries' in answer)) return { answered: false, ...answer };
    // Before each attempt: between two of them a person may have got the ticket, and the bot does not talk over a person.
    const unsent = answer.deliveries.filter(({ status }) => !NOT_TO_SEND.includes(status));
    if (unsent.length > 0 && !isWithBot(memory.row)) {
      await own.withdraw(unsent.map(({ id }) => id));
      return { answered: false, reason: PERSON_HAS_IT };
    }
    await desk.send(answer.deliveries, call.attempt);
    if (await isUnreached(answer.deliveries)) {
      // The answer waits on the status page, where nobody told them to look.
      const occasion = `${call.occasion}:unreached`;
      await handOverUnless(desk, occasion, 'answer came back', call.attempt, (row) => !isWithBot(row));
      memory.given = true;
      return { answered: false, ...answer.found, reason: 'no mail reaches the customer' };
    }
    awaitSilence(memory, call.occasion);
    return { answered: true, ...answer.found };
  },

  http(_desk, { input: request, occasion: step, attempt, token }) {
    return callHttp({ request, step, attempt: attempt.number, token, until: attempt.until });
  },

  async sendWelcomeEmail(desk, call) {
    const { memory } = desk;
    const deliveries = await once(desk, call.occasion, () =>
      desk.journal.commit({ kind: 'welcomed', facts: {} }, (change) =>
        own.queueMail({ change, occasion: call.occasion, customerId: memory.customerId, template: 'welcome' }),
      ),
    );
    await desk.send(deliveries, call.attempt);
    return { delivered: deliveries.some((delivery) => delivery.status !== 'suppressed') };
  },
};
export const modules: Readonly<Record<string, Module>> = typed;

interface Found {
  readonly articleId: string | null;
  readonly confidence: number;
}
interface RecordedAnswer {
  readonly found: Found;
  readonly deliveries: readonly Delivery[];
}
const PERSON_HAS_IT = 'a person has the ticket';

/** Mails to them came back, or they have had too many of ours today: their silence says nothing. */
async function isUnreached(deliveries: readonly Delivery[]): Promise<boolean> {
  const suppressed = deliveries.filter(({ status }) => status === 'suppressed');
  const [first] = suppressed;
  if (first === undefined || suppressed.length < deliveries.length || !isSince('unsent-to-person')) return false;
  return own.isUnreached(first.id);
}

/** The answer, recorded and queued; or why there is none. */
async function findAnswer(desk: Desk, call: Call): Promise<RecordedAnswer | Found | { readonly reason: string }> {
  const { memory, journal } = desk;
  if (!botMaySpeak(memory.row)) return { reason: PERSON_HAS_IT };
  const searched = await own.searchHelp(memory.ticketId, String(memory.labels.language ?? 'en'));
  const { best, sure } = searched;
  const found = { articleId: best?.articleId ?? null, confidence: best?.confidence ?? 0 };
  memory.facts = { ...memory.facts, tried: { ...found } };
  // Always honoured, however sure the bot is. Older workers did not look.
  if (searched.wantsPerson === true) {
    memory.wantsPerson = true;
    journal.note('handedOver', { ...found, why: 'asked for a person' });
    return { reason: 'the customer asked for a person' };
  }
  const passOn = () => {
    journal.note('handedOver', { ...found, why: 'wrote more' });
    return { ...found, reason: 'the customer wrote again before there was an answer' };
  };
  if (botMaySpeak(memory.row) && hasEarlyWords(memory)) return passOn();
  // A person may have taken the ticket while the search ran.
  if (best === null || !sure || !botMaySpeak(memory.row)) {
    journal.note('handedOver', { ...found, why: 'bot unsure' });
    return found;
  }
  const answered = lawfully('answeredByBot', { route: 'bot' });
  let wroteMore = false;
  const unlessWroteMore = (row: Desk['memory']['row']) => {
    const next = answered(row);
    wroteMore = hasEarlyWords(memory);
    if (wroteMore) throw new StewardError('UnlawfulTransition', 'the customer wrote again');
    return next;
  };
  try {
    const deliveries = await journal.commit(
      { kind: 'answered', actor: 'bot', facts: { ...found }, row: unlessWroteMore },
      (change) =>
        own.answerByBot({ change, occasion: call.occasion, customerId: memory.customerId, articleId: best.articleId }),
    );
    const answer = { found, deliveries };
    memory.done[call.occasion] = answer as unknown as Json;
    return answer;
  } catch (error) {
    // Somebody's claim or reply was being written when ours stood in line behind it.
    if (wroteMore) return passOn();
    if (error instanceof StewardError && error.code === 'UnlawfulTransition') return { reason: PERSON_HAS_IT };
    throw error;
  }
}

/** Once the answer is out, silence means that it helped; unless more was said meanwhile. */
export function awaitSilence(memory: Desk['memory'], occasion: string): void {
  if (!isWithBot(memory.row)) return;
  const at = Date.now() + memory.timings.solveAfterSilenceMs;
  memory.deadline = { at, event: 'silenceEnded', id: `silence:${occasion}` };
}

/**
 * Gives the ticket to a person and tells them; the bot is silent from here on. The customer is told too, once per ticket: a
 * second hand-over of the same ticket is no news to them. `assertWanted` throws when by its turn to write nobody is wanted any more.
 */
export async function handOver(
  desk: Desk,
  occasion: string,
  why: Why,
  attempt: Attempt,
  assertWanted: (row: Desk['memory']['row']) => void = () => {},
): Promise<HandedOver> {
  const { memory } = desk;
  const escalated = lawfully('escalated', { route: 'agent' });
  const row = (now: Desk['memory']['row']) => {
    assertWanted(now);
    return escalated(now);
  };
  const handed = await once(desk, occasion, () =>
    desk.journal.commit(
      { kind: 'escalated', facts: { why }, row },
      (change) =>
        own.handOver({
          change,
          occasion,
          why,
          customerId: memory.customerId,
          facts: memory.labels,
          assigneeId: memory.row.assigneeId,
          // Looked at now that our turn to write has come: another hand-over may have been before us.
          tellCustomer: memory.row.route !== 'agent',
          ...(memory.ask ? { round: roundToAsk(memory.ask) } : {}),
        }),
      ({ agentId }) => {
        // Here, not after each attempt at sending: by then the ticket may be solved, and its reopen window run.
        memory.deadline = null;
        return { assigneeId: agentId };
      },
    ),
  );
  await desk.send(handed.deliveries, attempt);
  return handed;
}

/** The same, unless a person `hasIt` by its turn to write: null. */
export async function handOverUnless(
  desk: Desk,
  occasion: string,
  why: Why,
  attempt: Attempt,
  hasIt: (row: Desk['memory']['row']) => boolean,
): Promise<HandedOver | null> {
  let isHad = false;
  try {
    return await handOver(desk, occasion, why, attempt, (row) => {
      isHad = hasIt(row);
      if (isHad) throw new StewardError('UnlawfulTransition', PERSON_HAS_IT);
    });
  } catch (error) {
    if (isHad) return null;
    throw error;
  }
}

/** The row after a lawful event; throws `UnlawfulTransition` when the ticket has moved on. */
function lawfully(event: TicketEvent, patch: { route: 'bot' | 'agent' }) {
  return (row: Desk['memory']['row']) => ({ ...patch, state: assertLawful(row.state, event) });
}
