/** Repeatable randomness: the same seed and name give the same numbers on every machine. */
export interface Random {
  /** In [0, 1). */
  next(): number;
  /** Whole number, both bounds included. */
  integer(low: number, high: number): number;
  chance(probability: number): boolean;
  pick<T>(list: readonly T[]): T;
  /** About normal, mean 0, deviation 1. */
  normal(): number;
  /** Rounds up or down so that the mean stays. */
  round(amount: number): number;
}

/**
 * A stream of its own for each part of the data, so that a change in one part leaves the others as they were.
 */
export function randomStream(seed: number, name: string): Random {
  let state = hash(`${seed}:${name}`);
  const next = () => {
    // mulberry32 (Tommy Ettinger, public domain).
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  return {
    next,
    integer: (low, high) => low + Math.floor(next() * (high - low + 1)),
    chance: (probability) => next() < probability,
    pick: <T>(list: readonly T[]) => list[Math.floor(next() * list.length)] as T,
    // Irwin-Hall with four terms: no tails beyond 3.5, so no absurd week.
    normal: () => (next() + next() + next() + next() - 2) * Math.sqrt(3),
    round: (amount) => Math.floor(amount + next()),
  };
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let place = 0; place < text.length; place++) {
    value = Math.imul(value ^ text.charCodeAt(place), 0x01000193);
  }
  return value;
}
