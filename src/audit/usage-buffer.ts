import type { UsageLog } from '../identity/context.ts';
import type { Database } from '../store/database.ts';
import { insertUsage, type UsageEntry } from '../store/usage.ts';

/** A record reaches the database within this time; a killed server loses at most this much of its statistics. */
const FLUSH_MS = 500;
/** Rows of one INSERT, below PostgreSQL's 65,535 parameters. */
const BATCH = 1_000;
/** While the database is away, older records give way to newer ones: queries matter more than their statistics. */
const MAX_WAITING = 100_000;

/** Collects records of use and writes them in batches, so that no query waits for its own statistics. */
export class UsageBuffer implements UsageLog {
  readonly #database: Database;
  readonly #onError: (error: unknown) => void;
  #waiting: UsageEntry[] = [];
  #timer: NodeJS.Timeout | null = null;
  #writing: Promise<void> = Promise.resolve();

  constructor(database: Database, onError: (error: unknown) => void) {
    this.#database = database;
    this.#onError = onError;
  }

  record(entries: UsageEntry[]): void {
    this.#waiting.push(...entries);
    if (this.#waiting.length > MAX_WAITING) this.#waiting.splice(0, this.#waiting.length - MAX_WAITING);
    this.#timer ??= setTimeout(() => void this.flush(), FLUSH_MS);
  }

  /** Writes what waits; resolves when it is stored, or kept for the next try. */
  async flush(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#writing = this.#writing.then(() => this.#write());
    await this.#writing;
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.slice(0, BATCH);
      try {
        await this.#database.transact((transaction) => insertUsage(transaction, batch));
        this.#waiting.splice(0, batch.length);
      } catch (error) {
        this.#onError(error);
        return;
      }
    }
  }
}
