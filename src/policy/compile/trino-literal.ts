import { quoteIdentifier, quoteLiteral, type DataType, type PrimitiveName } from '../../base/data-type.ts';
import { MeshError } from '../../base/errors.ts';
import { fitConstant } from '../row-filter-fit.ts';
import type { Constant } from '../row-filter-model.ts';

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
  const fitted = fitConstant(constant, type);
  if (typeof fitted === 'string')
    throw new MeshError('internal', { detail: `unchecked constant: ${fitted}` });
  const text = String(fitted.value);
  switch (type.kind) {
    case 'string':
      return trinoText(text);
    case 'boolean':
      return fitted.value === true ? 'TRUE' : 'FALSE';
    case 'float':
      return `CAST(CAST(${quoteLiteral(text)} AS DOUBLE) AS REAL)`;
    case 'timestamptz':
      return `CAST(${quoteLiteral(text.replace(/Z$/, ' UTC'))} AS ${trinoType(type)})`;
    default:
      return `CAST(${quoteLiteral(text)} AS ${trinoType(type)})`;
  }
}

/** A string literal; a NUL character is written as a call, since not every client carries one in a text. */
export function trinoText(text: string): string {
  if (!text.includes('\0')) return quoteLiteral(text);
  return `(${text.split('\0').map(quoteLiteral).join(' || chr(0) || ')})`;
}
