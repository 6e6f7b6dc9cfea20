import { open } from 'node:fs/promises';
import type { DuckDBConnection, DuckDBMaterializedResult } from '@duckdb/node-api';
import type { Column } from '../base/data-type.ts';
import { arrowBatch, arrowEnd, arrowSchema } from './arrow-stream.ts';
import { meshColumns } from './result-values.ts';

/** Chunks of 2,048 rows are joined to batches of this many, so that headers weigh nothing. */
const CHUNKS_PER_BATCH = 16;

/**
 * Writes a statement's answer as an Arrow IPC stream. DuckDB has no Arrow of its own in this build, and its
 * streaming results hide errors, so the answer is materialised (within the memory limit) and then written.
 */
export async function writeArrowFile(
  connection: DuckDBConnection,
  sql: string,
  path: string,
): Promise<{ columns: Column[]; rowCount: number }> {
  const result = await connection.run(`SELECT * FROM (${sql})`);
  const columns = meshColumns(result.columnNames(), result.columnTypes());
  const file = await open(path, 'w');
  try {
    await file.write(arrowSchema(columns));
    for (let from = 0; from < result.chunkCount; from += CHUNKS_PER_BATCH) {
      const { values, rowCount } = readChunks(result, from);
      await file.write(arrowBatch(columns, values, rowCount));
    }
    await file.write(arrowEnd());
  } finally {
    await file.close();
  }
  return { columns, rowCount: result.rowCount };
}

function readChunks(
  result: DuckDBMaterializedResult,
  from: number,
): { values: unknown[][]; rowCount: number } {
  const count = Math.min(CHUNKS_PER_BATCH, result.chunkCount - from);
  const chunks = Array.from({ length: count }, (_, at) => result.getChunk(from + at));
  const values = Array.from({ length: result.columnCount }, (_, column) =>
    chunks.flatMap((chunk) => chunk.getColumnValues(column)),
  );
  return { values, rowCount: chunks.reduce((sum, chunk) => sum + chunk.rowCount, 0) };
}
