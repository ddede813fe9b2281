/** Keys at hand: the ones used last, each for a while. A key that was shredded is never made good again by a look-up that was late. */
export interface Cached {
  readonly id: string;
  readonly name: string;
  readonly secret: unknown;
}

export interface KeyCacheOptions {
  readonly size: number;
  readonly ttlMs: number;
  /** Epoch ms. */
  readonly now: () => number;
}

export function createKeyCache<T extends Cached>({ size, ttlMs, now }: KeyCacheOptions) {
  /** In the order of their use, the latest at the end. */
  const byId = new Map<string, { readonly entry: T; readonly until: number }>();
  const idOf = new Map<string, string>();

  const drop = (id: string): void => {
    const held = byId.get(id);
    byId.delete(id);
    if (held && idOf.get(held.entry.name) === id) idOf.delete(held.entry.name);
  };
  const get = (id: string): T | undefined => {
    const held = byId.get(id);
    if (held === undefined) return undefined;
    if (held.until <= now()) {
      drop(id);
      return undefined;
    }
    byId.delete(id);
    byId.set(id, held);
    return held.entry;
  };
  return {
    get,
    named(name: string): T | undefined {
      const id = idOf.get(name);
      return id === undefined ? undefined : get(id);
    },
    /** `askedAt`: when its row was asked for, since it may have been shredded from then on. */
    put(entry: T, askedAt: number): T {
      const known = get(entry.id);
      if (known !== undefined && known.secret === null) return known;
      byId.delete(entry.id);
      byId.set(entry.id, { entry, until: askedAt + ttlMs });
      idOf.set(entry.name, entry.id);
      for (const oldest of byId.keys()) {
        if (byId.size <= size) break;
        drop(oldest);
      }
      return entry;
    },
    drop,
    clear(): void {
      byId.clear();
      idOf.clear();
    },
    get size(): number {
      return byId.size;
    },
  };
}
