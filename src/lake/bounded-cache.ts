interface CacheEntry<Value> {
  loading: Promise<{ value: Value; weight: number }>;
  /** 0 while it loads. */
  weight: number;
}

/**
 * Values of immutable objects, kept while their weights fit: the least recently used leave first. A value
 * being loaded is shared by all who ask for it.
 */
export class BoundedCache<Value> {
  readonly #entries = new Map<string, CacheEntry<Value>>();
  readonly #maxWeight: number;
  #weight = 0;

  constructor(maxWeight: number) {
    this.#maxWeight = maxWeight;
  }

  async get(key: string, load: () => Promise<{ value: Value; weight: number }>): Promise<Value> {
    const known = this.#entries.get(key);
    if (known) {
      this.#entries.delete(key);
      this.#entries.set(key, known);
      return (await known.loading).value;
    }
    const entry = { loading: load(), weight: 0 };
    this.#entries.set(key, entry);
    try {
      const { value, weight } = await entry.loading;
      this.#settle(key, { entry, weight });
      return value;
    } catch (error) {
      if (this.#entries.get(key) === entry) this.#entries.delete(key);
      throw error;
    }
  }

  /** Sum of the weights held. */
  get weight(): number {
    return this.#weight;
  }

  #settle(key: string, loaded: { entry: CacheEntry<Value>; weight: number }): void {
    if (this.#entries.get(key) !== loaded.entry) return;
    loaded.entry.weight = loaded.weight;
    this.#weight += loaded.weight;
    for (const [oldest, entry] of this.#entries) {
      if (this.#weight <= this.#maxWeight) return;
      this.#entries.delete(oldest);
      this.#weight -= entry.weight;
    }
  }
}
