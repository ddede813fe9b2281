import type { TicketView } from '../contract.ts';
import { sayWaiting } from '../domain/words.ts';
import type { Memory } from './memory.ts';

export function viewOf(memory: Memory): TicketView {
  const { state, route, priority, tier, assigneeId, episode } = memory.row;
  const round = memory.ask?.rounds.at(-1);
  return {
    ticketId: memory.ticketId,
    customerId: memory.customerId,
    state,
    route,
    priority,
    tier,
    assigneeId,
    episode,
    parked: memory.parked,
    waitingFor: sayWaiting(memory),
    ...(round ? { asked: { round: round.id, face: round.face } } : {}),
  };
}
