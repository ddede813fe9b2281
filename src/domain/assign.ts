/** Who gets which of the tickets that wait for an agent: one rule, which the store asks under its lock. */
import type { Priority } from './route.ts';

/** By name; from 1, the higher the better. */
export type Skills = Readonly<Record<string, number>>;

export interface Need {
  readonly skill: string;
  readonly level: number;
  /** Never given up, however long the ticket waits. */
  readonly mandatory?: boolean;
}

/** What a ticket asks of who takes it: needs, the most important first, and how much of somebody's capacity it takes. */
export interface Demand {
  readonly needs: readonly Need[];
  readonly weight: number;
}

export interface Waiting extends Demand {
  readonly ticketId: string;
  readonly customerId: string;
  readonly priority: Priority | null;
  /** Epoch ms: since when the customer waits. Kept by a ticket that whoever had it gave back. */
  readonly since: number;
  /** Epoch ms: since when nobody has room for it. */
  readonly queuedAt: number;
}

/** An agent who takes new tickets. */
export interface Candidate {
  readonly id: string;
  readonly skills: Skills;
  /** The weight of open tickets that they can have at once. */
  readonly capacity: number;
  readonly load: number;
  /** Epoch ms of the last ticket that they were given; null: none yet. */
  readonly lastAssignedAt: number | null;
}

/** A need that was given up, wholly (`to` 0) or in part. */
export interface Relaxed {
  readonly skill: string;
  readonly from: number;
  readonly to: number;
}

export interface Assignment {
  readonly ticketId: string;
  readonly agentId: string;
  readonly relaxed: readonly Relaxed[];
}

export interface Situation {
  /** In any order: those whose turn comes first may be anywhere in it. */
  readonly waiting: readonly Waiting[];
  readonly candidates: readonly Candidate[];
  /** How many tickets of a customer agents have and owe an answer; who is missing has none. */
  readonly held: Readonly<Record<string, number>>;
  /** Epoch ms */
  readonly now: number;
  /** Null: no need is ever given up. */
  readonly relaxAfterMs: number | null;
}

/** So often the time after which a need is given up, or so long where none ever is: then fairness has held a ticket back long enough. */
const SENIOR_AFTER = { relaxings: 6, ms: 3_600_000 };

/**
 * Gives tickets to agents, one after another, each seeing what those before it have taken. The higher priority goes first; among equals what
 * has been in line for very long; then the customer of whom agents have the fewest tickets; then who waits longest. A ticket that nobody can
 * take holds up none behind it.
 */
export function assign({ waiting, candidates, held, now, relaxAfterMs }: Situation): Assignment[] {
  const agents = candidates.map((candidate) => ({ ...candidate }));
  const counts = new Map(Object.entries(held));
  const line = [...waiting].sort(byTurn);
  const given: Assignment[] = [];
  // Agents only get fuller: whatever found nobody once finds nobody any more.
  const hopeless = new Set<string>();
  const seniorMs = relaxAfterMs === null ? SENIOR_AFTER.ms : SENIOR_AFTER.relaxings * relaxAfterMs;
  const isSenior = ({ queuedAt }: Waiting) => now - queuedAt >= seniorMs;
  while (line.length > 0) {
    const next = takeNext(line, counts, isSenior);
    const steps = stepsDue(next, now, relaxAfterMs);
    const asked = `${steps} ${next.weight} ${JSON.stringify(next.needs)}`;
    if (hopeless.has(asked)) continue;
    const found = findAgent(agents, next, steps);
    if (found === undefined) {
      hopeless.add(asked);
      continue;
    }
    const { agent, relaxed } = found;
    agent.load += next.weight;
    agent.lastAssignedAt = now;
    // After all that were given something before it, in this round too.
    agents.push(...agents.splice(agents.indexOf(agent), 1));
    counts.set(next.customerId, (counts.get(next.customerId) ?? 0) + 1);
    given.push({ ticketId: next.ticketId, agentId: agent.id, relaxed });
  }
  return given;
}

/**
 * Who of those that have room and every skill at its level or better: the one whose levels are the least above what is needed, so that experts
 * stay free; among equals who has been without a new ticket longest, then the lowest share of capacity in use, then the order given.
 */
export function chooseAgent<C extends Candidate>(candidates: readonly C[], { needs, weight }: Demand): C | undefined {
  return candidates
    .filter((c) => c.load + weight <= c.capacity && needs.every(({ skill, level }) => levelOf(c, skill) >= level))
    .sort(
      (a, b) =>
        surplus(a, needs) - surplus(b, needs) ||
        (a.lastAssignedAt ?? 0) - (b.lastAssignedAt ?? 0) ||
        a.load / a.capacity - b.load / b.capacity,
    )[0];
}

/**
 * What is still asked after so many steps: each lowers the least important need that is not mandatory by a level, and drops it below the
 * first one.
 */
export function relax(needs: readonly Need[], steps: number): { needs: readonly Need[]; relaxed: readonly Relaxed[] } {
  const levels = needs.map(({ level }) => level);
  for (let left = steps; left > 0; left--) {
    const last = needs.findLastIndex(({ mandatory }, i) => mandatory !== true && (levels[i] ?? 0) > 0);
    if (last < 0) break;
    levels[last] = (levels[last] ?? 0) - 1;
  }
  const changed = needs.map((need, i) => ({ ...need, level: levels[i] ?? 0 }));
  return {
    needs: changed.filter(({ level }) => level > 0),
    relaxed: needs.flatMap(({ skill, level }, i) =>
      levels[i] === level ? [] : [{ skill, from: level, to: levels[i] ?? 0 }],
    ),
  };
}

/** The needs of several rules together: of a skill that more than one names, the highest level; as important as its first mention. */
export function joinNeeds(needs: readonly Need[]): Need[] {
  const joined = new Map<string, Need>();
  for (const need of needs) {
    const known = joined.get(need.skill);
    const mandatory = known?.mandatory === true || need.mandatory === true;
    const level = Math.max(known?.level ?? 0, need.level);
    joined.set(need.skill, { skill: need.skill, level, ...(mandatory ? { mandatory } : {}) });
  }
  return [...joined.values()];
}

/** As little as possible is given up: who has it all and is free again takes it, however long it has waited. */
function findAgent<C extends Candidate>(
  agents: readonly C[],
  { needs, weight }: Demand,
  steps: number,
): { agent: C; relaxed: readonly Relaxed[] } | undefined {
  for (let step = 0; step <= steps; step++) {
    const asked = relax(needs, step);
    const agent = chooseAgent(agents, { needs: asked.needs, weight });
    if (agent) return { agent, relaxed: asked.relaxed };
  }
  return undefined;
}

function stepsDue({ needs, queuedAt }: Waiting, now: number, relaxAfterMs: number | null): number {
  if (relaxAfterMs === null) return 0;
  const most = needs.reduce((sum, { level, mandatory }) => sum + (mandatory === true ? 0 : level), 0);
  return Math.min(most, Math.max(0, Math.floor((now - queuedAt) / relaxAfterMs)));
}

/**
 * Among those of the highest priority that is left: the first that is senior, else the customer with the fewest. Else whoever has a ticket with an
 * agent could wait for ever behind those who have none, as long as such come. `line` is in the order of turns.
 */
function takeNext(line: Waiting[], counts: ReadonlyMap<string, number>, isSenior: (one: Waiting) => boolean): Waiting {
  const count = ({ customerId }: Waiting) => counts.get(customerId) ?? 0;
  let best = 0;
  for (const [i, one] of line.entries()) {
    const first = line[best] as Waiting;
    if (one.priority !== first.priority) break;
    if (isSenior(one)) {
      best = i;
      break;
    }
    if (count(one) < count(first)) best = i;
  }
  return line.splice(best, 1)[0] as Waiting;
}

function byTurn(a: Waiting, b: Waiting): number {
  return (
    RANK[b.priority ?? 'none'] - RANK[a.priority ?? 'none'] || a.since - b.since || (a.ticketId < b.ticketId ? -1 : 1)
  );
}
const RANK = { HIGH: 2, MEDIUM: 1, none: 0 } as const;

function levelOf({ skills }: Candidate, skill: string): number {
  return Object.hasOwn(skills, skill) ? (skills[skill] ?? 0) : 0;
}

function surplus(candidate: Candidate, needs: readonly Need[]): number {
  return needs.reduce((sum, { skill, level }) => sum + levelOf(candidate, skill) - level, 0);
}
