import { DuckDBInstance, DuckDBTypeId, type DuckDBType } from '@duckdb/node-api';
import type { Column, DataType } from '../base/data-type.ts';
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
    const columns = reader.columnNames().map((name, at) => column(name, reader.columnType(at)));
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

function column(name: string, type: DuckDBType): Column {
  return { name, type: dataType(type), required: false };
}

const KINDS: Partial<Record<DuckDBTypeId, Exclude<DataType['kind'], 'decimal' | 'struct' | 'list' | 'map'>>> =
  {
    [DuckDBTypeId.BOOLEAN]: 'boolean',
    [DuckDBTypeId.TINYINT]: 'int',
    [DuckDBTypeId.SMALLINT]: 'int',
    [DuckDBTypeId.INTEGER]: 'int',
    [DuckDBTypeId.UTINYINT]: 'int',
    [DuckDBTypeId.USMALLINT]: 'int',
    [DuckDBTypeId.UINTEGER]: 'long',
    [DuckDBTypeId.BIGINT]: 'long',
    [DuckDBTypeId.FLOAT]: 'float',
    [DuckDBTypeId.DOUBLE]: 'double',
    [DuckDBTypeId.DATE]: 'date',
    [DuckDBTypeId.TIME]: 'time',
    [DuckDBTypeId.TIMESTAMP]: 'timestamp',
    [DuckDBTypeId.TIMESTAMP_TZ]: 'timestamptz',
    [DuckDBTypeId.UUID]: 'uuid',
    [DuckDBTypeId.BLOB]: 'binary',
  };

function dataType(type: DuckDBType): DataType {
  switch (type.typeId) {
    case DuckDBTypeId.DECIMAL:
      return { kind: 'decimal', precision: type.width, scale: type.scale };
    case DuckDBTypeId.LIST:
      return { kind: 'list', element: dataType(type.valueType), elementRequired: false };
    case DuckDBTypeId.MAP:
      return {
        kind: 'map',
        key: dataType(type.keyType),
        value: dataType(type.valueType),
        valueRequired: false,
      };
    case DuckDBTypeId.STRUCT:
      return {
        kind: 'struct',
        fields: type.entryNames.map((name, at) => column(name, type.entryTypes[at]!)),
      };
    default:
      return { kind: KINDS[type.typeId] ?? 'string' };
  }
}
