import { availableParallelism } from 'node:os';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';

/** A worker's share of the machine, see `openEngine` in mesh.ts: the yardstick has no more and no less. */
const WORKER = { threads: String(Math.max(1, Math.ceil(availableParallelism() / 2))), memory_limit: '2GiB' };

/**
 * Runs work in a bare DuckDB as one finds it: a new instance with a worker's threads and memory, nothing else
 * set. Only the work counts, not opening the instance. Returns milliseconds.
 */
export async function inBareDuckdb(
  work: (connection: DuckDBConnection) => Promise<unknown>,
): Promise<number> {
  const instance = await DuckDBInstance.create(':memory:', WORKER);
  const connection = await instance.connect();
  try {
    const started = performance.now();
    await work(connection);
    return performance.now() - started;
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** Makes test data with all processors; not timed. */
export async function makeData(statements: string[]): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  for (const statement of statements) await connection.run(statement);
  connection.closeSync();
  instance.closeSync();
}
