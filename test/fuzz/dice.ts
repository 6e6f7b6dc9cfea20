/** Random numbers that a seed decides (mulberry32): a case is found again by its seed alone. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** From 0 up to, but not including, 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** From 0 to `below` - 1. */
  upTo(below: number): number {
    return Math.floor(this.next() * below);
  }

  between(low: number, high: number): number {
    return low + this.upTo(high - low + 1);
  }

  /** True once in `times`. */
  once(times: number): boolean {
    return this.upTo(times) === 0;
  }

  pick<T>(from: readonly T[]): T {
    return from[this.upTo(from.length)]!;
  }

  /** Some of them, in their order; perhaps none. */
  some<T>(from: readonly T[], likely = 0.5): T[] {
    return from.filter(() => this.next() < likely);
  }

  list<T>(length: number, make: (at: number) => T): T[] {
    return Array.from({ length }, (_, at) => make(at));
  }

  /** A seed for a part that is to be found again without what came before it. */
  seed(): number {
    return this.upTo(2 ** 31);
  }
}
