import { type Column, duckdbType, quoteIdentifier, typeName } from '../../base/data-type.ts';
import { LIMITS } from '../../base/limits.ts';
import type { EngineResult } from '../../engines/engine.ts';
import type { CheckResult } from '../check-result.ts';
import type { ScanSql } from '../check-sql.ts';
import type { CheckedRows } from '../run-checks.ts';
import { scanChecks, type Scanned } from '../scan-checks.ts';
import type { LocalTable, Workbench } from './local-table.ts';

const READ = { schema: 'read', name: 'data' };
const TABLE = `${quoteIdentifier(READ.schema)}.${quoteIdentifier(READ.name)}`;

interface TypedColumn {
  /** As it was read. */
  column: Column;
  /** As the contract promises it; null where it does not, or where the data has a type. */
  promised: Column | null;
}

/**
 * Rows of files without types as the contract promises them, and for each column whether all its values can be
 * read so. A value that cannot is NULL to every later check and fails here, with the row it stands in.
 */
export async function typedRows(
  bench: Workbench,
  table: LocalTable,
  promised: readonly Column[],
): Promise<{ rows: CheckedRows; results: CheckResult[] }> {
  const columns = table.columns.map((column): TypedColumn => {
    const match = promised.find(({ name }) => name.toLowerCase() === column.name.toLowerCase());
    return { column, promised: (table.untyped.has(column.name) ? match : null) ?? null };
  });
  const select = columns.map(({ column, promised: wanted }) => {
    const name = quoteIdentifier(column.name);
    return wanted === null ? name : `${readAs(column, wanted)} AS ${name}`;
  });
  const rows: CheckedRows = {
    sql: `SELECT ${select.join(', ')} FROM (${table.sql})`,
    files: table.files,
    columns: columns.map(({ column, promised: wanted }) => ({ ...column, type: (wanted ?? column).type })),
  };
  return { rows, results: await readableResults(bench, table, columns) };
}

function readAs({ name }: Column, { type }: Column): string {
  return `TRY_CAST(${quoteIdentifier(name)} AS ${duckdbType(type)})`;
}

async function readableResults(
  bench: Workbench,
  table: LocalTable,
  columns: TypedColumn[],
): Promise<CheckResult[]> {
  const cast = columns.flatMap(({ column, promised }) => {
    if (promised === null || typeName(promised.type) === typeName(column.type)) return [];
    const fails = `${quoteIdentifier(column.name)} IS NOT NULL AND ${readAs(column, promised)} IS NULL`;
    return [{ promised, sql: { kind: 'scan', value: null, fails } satisfies ScanSql }];
  });
  const scanned = await scanChecks(
    cast.map(({ sql }) => sql),
    { table: TABLE, select: (sql) => selectRead(bench, table, sql) },
  );
  const results: CheckResult[] = [];
  for (const [index, { promised, sql }] of cast.entries()) {
    results.push(await readableResult({ bench, table, promised, sql }, scanned.checks[index]!));
  }
  return results;
}

interface ReadableColumn {
  bench: Workbench;
  table: LocalTable;
  promised: Column;
  sql: ScanSql;
}

async function readableResult(
  column: ReadableColumn,
  { failing, error, elapsedMs }: Scanned,
): Promise<CheckResult> {
  const { bench, table, promised, sql } = column;
  const failures = failing ?? 0;
  const passed = failures === 0 && error === null;
  const some = `SELECT * FROM ${TABLE} WHERE ${sql.fails} LIMIT ${LIMITS.failingRows}`;
  const sample = failures === 0 ? null : await selectRead(bench, table, some);
  return {
    id: `schema.${promised.name}.type`,
    title: `every ${promised.name} reads as ${typeName(promised.type)}`,
    severity: 'error',
    outcome: passed ? 'passed' : 'failed',
    passed,
    measured: failures,
    unit: null,
    failures,
    sample: sample && { columns: sample.columns.map(({ name }) => name), rows: sample.rows ?? [] },
    error,
    elapsedMs: Math.round(elapsedMs * 10) / 10,
  };
}

function selectRead(bench: Workbench, table: LocalTable, sql: string): Promise<EngineResult> {
  return bench.engine.run(
    {
      ...{
        sql,
        files: table.files,
        relations: [{ ...READ, sql: table.sql, filtered: false }],
        trusted: true,
      },
      ...{ output: { kind: 'rows', maxRows: LIMITS.failingRows } },
      ...{ timeoutMs: LIMITS.pipelineMs, memoryBytes: bench.memoryBytes },
    },
    bench.signal,
  );
}
