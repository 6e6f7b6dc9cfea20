import { DuckDBInstance } from '@duckdb/node-api';
import { meshColumns } from '../engines/result-values.ts';
import type { RunSql } from './crawl-context.ts';

/** DuckDB without a worker around it, for the tests of this folder. */
export interface BareDuckdb {
  runSql: RunSql;
  /** Statements run so far. */
  statements: string[];
  close(): void;
}

export async function openBareDuckdb(): Promise<BareDuckdb> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const statements: string[] = [];
  const runSql: RunSql = async (sql) => {
    statements.push(sql);
    const reader = await connection.runAndReadAll(sql);
    const columns = meshColumns(reader.columnNames(), reader.columnTypes());
    return { columns, rows: reader.getRowsJson() };
  };
  return {
    runSql,
    statements,
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}
