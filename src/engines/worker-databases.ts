import { MeshError } from '../base/errors.ts';
import { lockDatabase, openDatabase, type Database, type Lock } from './duckdb-database.ts';
import type { EngineTask } from './engine.ts';

/** How long the last one waits for its caller to ask again. */
const KEPT_MS = 60_000;

/**
 * The databases of one worker: the one of the task under way, a spare one that is opened ahead, and perhaps the
 * last one. That one is used again by the same caller for the same views and limits alone, which is what pages and
 * dashboards ask for: the guard lets nothing through that leaves anything behind in a database, and a mask with a
 * salt of its query makes other views. Opening one takes longer than most queries.
 */
export class WorkerDatabases {
  #spare: Promise<Database> | null = openDatabase();
  #last: { key: string; database: Database } | null = null;
  #forgetting: NodeJS.Timeout | undefined;
  #current: { key: string | null; database: Database } | null = null;

  /** The spare one, as it is. */
  get spare(): Promise<Database> {
    return (this.#spare ??= openDatabase());
  }

  /** @throws MeshError `internal`: what fails here is ours (a view's text, a missing file), not the caller's */
  async take(task: EngineTask, lock: Lock): Promise<Database> {
    const key = keyOf(task, lock);
    if (key !== null && this.#last?.key === key) {
      this.#current = this.#last;
      return this.#last.database;
    }
    const database = await this.spare;
    this.#spare = null;
    this.#current = { key, database };
    try {
      await lockDatabase(database, lock);
    } catch (error) {
      throw new MeshError('internal', { detail: `a view could not be made: ${String(error)}`, cause: error });
    }
    return database;
  }

  /** A task may run long in the database that it took. */
  interrupt(): void {
    this.#current?.database.connection.interrupt();
  }

  /**
   * Keeps the task's database or closes it. Only now a new spare one is opened: that would take the processor from
   * the task.
   */
  release(room: Pick<Lock, 'threads' | 'memoryBytes' | 'spillFolder' | 'spillBytes'>, failed: boolean): void {
    const current = this.#current;
    this.#current = null;
    if (current === null) return;
    const { key, database } = current;
    if (this.#last?.database !== database) this.#forget();
    if (key === null || failed) database.close();
    this.#last = key === null || failed ? null : { key, database };
    clearTimeout(this.#forgetting);
    this.#forgetting = setTimeout(() => this.#forget(), KEPT_MS).unref();
    this.#spare ??= openDatabase(room);
  }

  #forget(): void {
    if (this.#last === null || this.#last.database === this.#current?.database) return;
    this.#last.database.close();
    this.#last = null;
  }
}

/** Of ours and of what writes files there is always another one. */
function keyOf({ trusted, output, caller }: EngineTask, lock: Lock): string | null {
  if (trusted === true || output.kind !== 'rows' || caller === undefined) return null;
  return JSON.stringify([caller, lock]);
}
