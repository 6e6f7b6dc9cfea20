import type { Relation } from './engine.ts';

/**
 * Whether the views of a task that hide rows must stand behind a barrier, see `duckdb-database.ts`. Decided
 * from the statement and the views' types alone, never from data: a slower run tells nothing about rows.
 */
export function needsBarrier(_tree: unknown, _relations: Relation[]): boolean {
  return true;
}
