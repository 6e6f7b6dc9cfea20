import { quoteIdentifier, quoteLiteral, type DataType, type PrimitiveName } from '../../base/data-type.ts';
import type { Constant } from '../row-filter-model.ts';
import { fittedConstant, sqlText } from './sql-literal.ts';

const TRINO_NAMES: Record<PrimitiveName, string> = {
  boolean: 'BOOLEAN',
  int: 'INTEGER',
  long: 'BIGINT',
  float: 'REAL',
  double: 'DOUBLE',
  date: 'DATE',
  time: 'TIME(6)',
  timestamp: 'TIMESTAMP(6)',
  timestamptz: 'TIMESTAMP(6) WITH TIME ZONE',
  string: 'VARCHAR',
  uuid: 'UUID',
  binary: 'VARBINARY',
};

/** The type that Trino's Iceberg connector gives a column of ours ("Iceberg to Trino type mapping"). */
export function trinoType(type: DataType): string {
  switch (type.kind) {
    case 'decimal':
      return `DECIMAL(${type.precision},${type.scale})`;
    case 'struct':
      return `ROW(${type.fields.map((field) => `${quoteIdentifier(field.name)} ${trinoType(field.type)}`).join(', ')})`;
    case 'list':
      return `ARRAY(${trinoType(type.element)})`;
    case 'map':
      return `MAP(${trinoType(type.key)}, ${trinoType(type.value)})`;
    default:
      return TRINO_NAMES[type.kind];
  }
}

/** A constant as a Trino expression of exactly this type and value; see `duckdbConstant`. */
export function trinoConstant(constant: Constant, type: DataType): string {
  const value = fittedConstant(constant, type);
  const text = String(value);
  switch (type.kind) {
    case 'string':
      return sqlText(text);
    case 'boolean':
      return value === true ? 'TRUE' : 'FALSE';
    case 'float':
      return `CAST(CAST(${quoteLiteral(text)} AS DOUBLE) AS REAL)`;
    case 'timestamptz':
      return `CAST(${quoteLiteral(text.replace(/Z$/, ' UTC'))} AS ${trinoType(type)})`;
    default:
      return `CAST(${quoteLiteral(text)} AS ${trinoType(type)})`;
  }
}
