import type { Assigned, AssignmentAsked } from '../deps-assignments.ts';
import { assign, type Candidate, type Waiting } from '../domain/assign.ts';
import { type Given, lockAgents, type Read, readSituation, type Seen, saveAssignments } from './assign-rows.ts';
import type { Database } from './database.ts';

interface Wish extends AssignmentAsked {
  readonly settle: (assigned: Assigned) => void;
  readonly fail: (error: unknown) => void;
}

export interface Assigner {
  /** Who takes the ticket; null: it waits in line. The same occasion gives the same answer again. */
  assign(asked: AssignmentAsked): Promise<Assigned>;
  /** Gives those in line to whoever has room by now: reads the line when somebody has more than at the last look, or time may have relaxed a need. */
  assignWaiting(): Promise<void>;
}

/** Within it a look sees what no row of an agent tells: that a need is given up, or what another process left in line. */
const LOOK_MS = { least: 1_000, most: 10_000 };
const LOOKS_A_NEED = 10;

/**
 * Assigns tickets to agents under the row lock, in batches: who comes while one batch is under way goes with the next. One
 * transaction a ticket made fifty tickets wait for one lock over six round trips each, which halved the whole system's pace.
 * @param team read at each batch, since its file may change; `relaxAfterMs` null: no need is ever given up
 */
export function createAssigner(db: Database, team: { readonly relaxAfterMs: number | null }): Assigner {
  let waiting: Wish[] = [];
  let working = false;
  let seen: Seen = {};
  let readAt = Number.NEGATIVE_INFINITY;
  /** One after another, as under the lock: what is `seen` must be what the latest look left. */
  let last: Promise<unknown> = Promise.resolve();

  /** Thousands may wait for what one free agent can't do: read at each ticket that comes, they would set the pace of all. */
  function look(batch: readonly AssignmentAsked[]): Promise<ReadonlyMap<string, Assigned>> {
    const looked = last.then(() => lookNow(batch));
    last = looked.catch(() => {});
    return looked;
  }

  async function lookNow(batch: readonly AssignmentAsked[]): Promise<ReadonlyMap<string, Assigned>> {
    const { relaxAfterMs } = team;
    const every = Math.min(
      Math.max((relaxAfterMs ?? Number.POSITIVE_INFINITY) / LOOKS_A_NEED, LOOK_MS.least),
      LOOK_MS.most,
    );
    const isDue = performance.now() - readAt >= every;
    try {
      const done = await assignAll(db, batch, relaxAfterMs, isDue ? {} : seen);
      seen = done.seen;
      if (isDue) readAt = performance.now();
      return done.chosen;
    } catch (error) {
      seen = {};
      throw error;
    }
  }

  async function work(): Promise<void> {
    working = true;
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      try {
        const chosen = await look(batch);
        for (const wish of batch) wish.settle(answerOf(chosen.get(keyOf(wish))));
      } catch (error) {
        for (const wish of batch) wish.fail(error);
      }
    }
    working = false;
  }

  return {
    assign: (asked) =>
      new Promise((settle, fail) => {
        waiting.push({ ...asked, settle, fail });
        if (!working) void work();
      }),
    async assignWaiting() {
      await look([]);
    },
  };
}

const NOBODY: Assigned = { agentId: null, relaxed: [] };
function answerOf({ agentId, relaxed }: Assigned = NOBODY): Assigned {
  return { agentId, relaxed };
}

async function assignAll(
  db: Database,
  batch: readonly AssignmentAsked[],
  relaxAfterMs: number | null,
  seen: Seen,
): Promise<{ chosen: ReadonlyMap<string, Assigned>; seen: Seen }> {
  return db.transaction().execute(async (tx) => {
    // In a statement of its own: loads read by the statement that waits would be those from before the wait.
    await lockAgents(tx);
    const read = await readSituation(
      tx,
      batch.map(({ ticketId }) => ticketId),
      seen,
    );
    const chosen = new Map<string, Assigned>(read.earlier.map((one) => [keyOf(one), one]));
    // Asked twice at once is asked once.
    const asks = new Map(batch.map((asked) => [keyOf(asked), asked]));
    const fresh = [...asks.values()].filter((asked) => !chosen.has(keyOf(asked)));
    const { given, left } = choose(read, batch, fresh, chosen, relaxAfterMs);
    for (const asked of fresh) chosen.set(keyOf(asked), given.get(asked.ticketId) ?? NOBODY);
    await saveAssignments(tx, {
      now: read.now,
      asked: fresh.map((asked) => ({ ...asked, ...(given.get(asked.ticketId) ?? NOBODY) })),
      promised: [...given.values()].filter(({ ticketId }) => !batch.some((asked) => asked.ticketId === ticketId)),
    });
    return { chosen, seen: left };
  });
}

/** By ticket, in the order in which they were given, and what that leaves of everybody's room. Those who ask now stand in one line with those who wait. */
function choose(
  { candidates, line, asking, held, now }: Read,
  batch: readonly AssignmentAsked[],
  fresh: readonly AssignmentAsked[],
  chosen: ReadonlyMap<string, Assigned>,
  relaxAfterMs: number | null,
): { given: Map<string, Given>; left: Seen } {
  const promised = new Map<string, Given>();
  const waiting = new Map<string, Waiting>(line.map((one) => [one.ticketId, one]));
  for (const { ticketId, demand, priority } of fresh) {
    const known = asking.find((one) => one.ticketId === ticketId);
    if (known?.agentId != null) promised.set(ticketId, { ticketId, agentId: known.agentId, relaxed: known.relaxed });
    else if (known) {
      const { customerId, since, queuedAt } = known;
      waiting.set(ticketId, { ticketId, customerId, priority, since, queuedAt: queuedAt ?? now, ...demand });
    }
  }
  // Loads leave out the tickets that ask: what these have by an earlier answer, or were promised, is counted here.
  const has = new Map(promised);
  for (const asked of batch) {
    const { ticketId } = asked;
    const answered = chosen.get(keyOf(asked));
    if (answered?.agentId != null && !has.has(ticketId))
      has.set(ticketId, { ticketId, ...answered, agentId: answered.agentId });
  }
  for (const ticketId of has.keys()) waiting.delete(ticketId);
  const weights = new Map(batch.map(({ ticketId, demand }) => [ticketId, demand.weight]));
  const loaded = candidates.map((candidate) => withLoad(candidate, [...has.values()], weights));
  const given = assign({ waiting: [...waiting.values()], candidates: loaded, held, now, relaxAfterMs });
  const taken = new Map(given.map(({ ticketId }) => [ticketId, waiting.get(ticketId)?.weight ?? 1]));
  const left = loaded
    .map((candidate) => withLoad(candidate, given, taken))
    .map(({ id, capacity, load, skills }) => [id, { room: capacity - load, skills }]);
  return {
    given: new Map([...has, ...given.map((one) => [one.ticketId, one] as const)]),
    left: Object.fromEntries(left),
  };
}

function withLoad(candidate: Candidate, has: readonly Given[], weights: ReadonlyMap<string, number>): Candidate {
  const its = has.filter(({ agentId }) => agentId === candidate.id);
  return { ...candidate, load: its.reduce((sum, { ticketId }) => sum + (weights.get(ticketId) ?? 1), candidate.load) };
}

function keyOf(asked: { readonly ticketId: string; readonly occasion: string }): string {
  return `${asked.ticketId} ${asked.occasion}`;
}
