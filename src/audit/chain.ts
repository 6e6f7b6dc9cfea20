import { createHash } from 'node:crypto';

/** A place in the chain: how many rows it has up to here, and the hash of the last. */
export interface ChainHead {
  sequence: number;
  /** SHA-256 in hexadecimal. */
  hash: string;
}

/** A row of the audit as the chain sees it. */
export interface ChainLink extends ChainHead {
  /** The row as one JSON text, with its place: what was hashed. */
  entry: string;
}

/** Something in the audit is not as it was written. */
export interface ChainFault {
  /** Where the chain breaks; the rows just before it are as they were written. */
  sequence: number;
  message: string;
}

/** Before the first row. */
export const CHAIN_START: ChainHead = { sequence: 0, hash: '0'.repeat(64) };

/** The hash of a row: of the hash before it, as hexadecimal text, followed by the row's text. */
export function linkHash(previous: string, entry: string): string {
  return createHash('sha256')
    .update(previous + entry, 'utf8')
    .digest('hex');
}

/**
 * Follows the chain over the next rows in their order. A broken link is told once: the walk goes on from the
 * hash that stands there, so that one altered row is not a fault of all that follow.
 */
export function followChain(
  from: ChainHead,
  links: readonly ChainLink[],
): { head: ChainHead; faults: ChainFault[] } {
  const faults: ChainFault[] = [];
  let head = from;
  for (const { sequence, hash, entry } of links) {
    if (sequence > head.sequence + 1) {
      const message = missing(head.sequence + 1, sequence - 1);
      faults.push({ sequence: head.sequence + 1, message });
    } else if (linkHash(head.hash, entry) !== hash) {
      faults.push({ sequence, message: `row ${sequence} is not what was written, or its hash was changed` });
    }
    head = { sequence, hash };
  }
  return { head, faults };
}

/** What is wrong where the rows end, compared with the head that the database keeps beside them. */
export function judgeEnd(reached: ChainHead, head: ChainHead): ChainFault[] {
  const sequence = Math.min(reached.sequence, head.sequence) + 1;
  if (reached.sequence < head.sequence) {
    return [{ sequence, message: missing(reached.sequence + 1, head.sequence) }];
  }
  if (reached.sequence > head.sequence || reached.hash !== head.hash) {
    return [{ sequence, message: 'the head of the chain is not its last row' }];
  }
  return [];
}

function missing(first: number, last: number): string {
  return first === last ? `row ${first} is missing` : `rows ${first} to ${last} are missing`;
}
