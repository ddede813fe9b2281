import { uuid4 } from '@temporalio/workflow';
import type { AssignmentDue } from '../contract.ts';
import { eventKey } from '../domain/event-key.ts';
import type { TicketRow } from '../domain/journal.ts';
import { nextState } from '../domain/ticket.ts';
import type { Why } from '../domain/words.ts';
import { own } from './activities.ts';
import type { Desk } from './desk.ts';
import { handOver } from './modules.ts';
import { persist } from './park.ts';
import { condition } from './rest.ts';

/** Somebody has it, or it waits no longer: seen when our turn to write has come. */
class Overtaken extends Error {}

/**
 * The ticket looks for an agent again: one has room for it now, or whoever has it is off. It is said again as long as it holds, so one that comes
 * too early or too late may be let go; each is heard once.
 */
export async function hearAssignmentDue(desk: Desk, said: AssignmentDue): Promise<void> {
  const { memory } = desk;
  const { off, source = ASSIGNMENT, eventId = uuid4() } = said;
  const occasion = eventKey(source, eventId);
  if (occasion in memory.seen || memory.row.state === 'closed') return;
  memory.seen[occasion] = Date.now();
  desk.background += 1;
  try {
    // What an agent says meanwhile has the word first.
    await condition(() => desk.acting === 0);
    if (off !== undefined) await giveBack(desk, off);
    await lookForAgent(desk, occasion, off === undefined ? 'agent found' : 'given back');
  } catch (error) {
    if (!(error instanceof Overtaken)) throw error;
  } finally {
    desk.background -= 1;
    delete memory.done[occasion];
  }
}
const ASSIGNMENT = 'assignment';

/** What is answered stays with whoever has it: nobody waits for them. */
async function giveBack({ journal }: Desk, agentId: string): Promise<void> {
  const row = (now: TicketRow) => {
    const state = nextState(now.state, 'givenBack');
    if (state === undefined || now.assigneeId !== agentId) throw new Overtaken();
    return { state, assigneeId: null };
  };
  await journal.commit({ kind: 'givenBack', facts: { agentId }, row }, own.recordChange);
}

async function lookForAgent(desk: Desk, occasion: string, why: Why): Promise<void> {
  let overtaken = false;
  await persist(desk, occasion, 'handOver', async (number, again) => {
    try {
      await handOver(desk, occasion, why, { number, of: 4, again }, assertNobodyHasIt);
    } catch (error) {
      if (!(error instanceof Overtaken)) throw error;
      overtaken = true;
    }
  });
  if (overtaken) throw new Overtaken();
}

function assertNobodyHasIt({ state, assigneeId }: TicketRow): void {
  if (state !== 'waitingForAgent' || assigneeId !== null) throw new Overtaken();
}
