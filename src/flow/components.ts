/** Which states of a flow lead to each other. */

interface Visit {
  readonly name: string;
  readonly next: readonly string[];
  /** How many of `next` were looked at. */
  at: number;
}

/**
 * Tarjan's strongly connected components, each with its states in the order of `ways`; in time that grows with states and ways alone, and
 * without recursion, since a chain may have 10,000 states.
 */
export function components(ways: ReadonlyMap<string, readonly string[]>): string[][] {
  const order = new Map([...ways.keys()].map((name, place) => [name, place]));
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const open: string[] = [];
  const isOpen = new Set<string>();
  const found: string[][] = [];
  const lower = (name: string, to: number) => low.set(name, Math.min(low.get(name) ?? to, to));

  const enter = (name: string): Visit => {
    index.set(name, index.size);
    low.set(name, index.size - 1);
    open.push(name);
    isOpen.add(name);
    return { name, next: ways.get(name) ?? [], at: 0 };
  };
  const close = (name: string) => {
    const component = open.splice(open.lastIndexOf(name));
    for (const one of component) isOpen.delete(one);
    found.push(component.sort((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0)));
  };

  for (const start of ways.keys()) {
    if (index.has(start)) continue;
    const path = [enter(start)];
    for (let visit = path.at(-1); visit !== undefined; visit = path.at(-1)) {
      const next = visit.next[visit.at++];
      if (next === undefined) {
        path.pop();
        const { name } = visit;
        const over = path.at(-1);
        if (over) lower(over.name, low.get(name) ?? 0);
        if (low.get(name) === index.get(name)) close(name);
      } else if (!ways.has(next)) continue;
      else if (!index.has(next)) path.push(enter(next));
      else if (isOpen.has(next)) lower(visit.name, index.get(next) ?? 0);
    }
  }
  return found;
}
