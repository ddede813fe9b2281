/** An agent on duty, with the number of open tickets that they have. */
export interface Candidate {
  readonly id: string;
  readonly skills: readonly string[];
  /** How many open tickets they can have at once. */
  readonly capacity: number;
  readonly load: number;
}

/**
 * The least-loaded agent who has every skill and room for one more: the lowest share of capacity in use, then the fewest
 * tickets, then by id. Undefined when nobody fits: the ticket waits for the team.
 */
export function chooseAgent(candidates: readonly Candidate[], skills: readonly string[]): Candidate | undefined {
  return candidates
    .filter((c) => c.load < c.capacity && skills.every((skill) => c.skills.includes(skill)))
    .sort((a, b) => a.load / a.capacity - b.load / b.capacity || a.load - b.load || (a.id < b.id ? -1 : 1))[0];
}
