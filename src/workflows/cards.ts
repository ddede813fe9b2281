import { drawnAs, lookOf, type Round, toDraw } from '../domain/ask.ts';
import { slackDesk } from './activities.ts';
import type { Desk } from './desk.ts';
import { type Failure, failureOf } from './failure.ts';
import { condition } from './rest.ts';

const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 300_000;
/** After that, or where trying again can't help, a message stays as it looks: who clicks at it is told how things stand. */
const PATIENCE_MS = 3_600_000;

/**
 * Makes the messages of each round say what became of it, by whatever way that was decided. One attempt after another: an older look must not
 * arrive behind a newer one.
 */
export async function watchCards(desk: Desk): Promise<void> {
  const { memory } = desk;
  const next = () => memory.ask && toDraw(memory.ask);
  let pause = FIRST_PAUSE_MS;
  let failingSince: number | null = null;
  for (;;) {
    await condition(() => next() !== undefined);
    const round = next();
    if (round === undefined) continue;
    const failure = await draw(desk, round);
    failingSince = failure === null ? null : (failingSince ?? Date.now());
    const isHopeless = failure !== null && (!failure.retryable || Date.now() - (failingSince ?? 0) >= PATIENCE_MS);
    if (failure === null || isHopeless) {
      if (memory.ask) memory.ask = drawnAs(memory.ask, round.id, lookOf(round));
      pause = FIRST_PAUSE_MS;
      failingSince = null;
      continue;
    }
    const isOther = () => {
      const now = next();
      return now?.id !== round.id || lookOf(now) !== lookOf(round);
    };
    await condition(isOther, Math.max(pause, failure.retryAfterMs), { summary: 'Drawing messages again' });
    pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
  }
}

/** Null: they look as they should. */
async function draw(desk: Desk, { id, face }: Round): Promise<Failure | null> {
  const { ticketId, timings } = desk.memory;
  desk.background += 1;
  try {
    await slackDesk(timings.lostAttemptMs, `Messages of round ${id}: ${face.kind}`).drawCards({
      ticketId,
      round: id,
      face,
    });
    return null;
  } catch (error) {
    return failureOf(error);
  } finally {
    desk.background -= 1;
  }
}
