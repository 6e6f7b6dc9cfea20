/**
 * A fixed number of named slots, each for one content; the least recently used gives way. For stores that
 * never let go of what they were given under a name, but replace it.
 */
export class Slots {
  readonly #byContent = new Map<string, string>();
  readonly #empty: string[];

  constructor(count: number) {
    this.#empty = Array.from({ length: count }, (_, index) => `slot-${index}`);
  }

  /** The slot that holds a content; `fill` puts it there first where it is not, and may throw. */
  take(content: string, fill: (slot: string) => void): string {
    const slot = this.#byContent.get(content) ?? this.#fillOne(fill);
    this.#byContent.delete(content);
    this.#byContent.set(content, slot);
    return slot;
  }

  #fillOne(fill: (slot: string) => void): string {
    if (this.#empty.length === 0) this.#emptyOldest();
    const slot = this.#empty.at(-1)!;
    fill(slot);
    this.#empty.pop();
    return slot;
  }

  #emptyOldest(): void {
    const [oldest, slot] = this.#byContent.entries().next().value!;
    this.#byContent.delete(oldest);
    this.#empty.push(slot);
  }
}
