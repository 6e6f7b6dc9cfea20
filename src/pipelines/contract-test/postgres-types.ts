import { type Column, type DataType, duckdbType, type PrimitiveName } from '../../base/data-type.ts';

/** A column with what the catalog says of its type. */
export interface CatalogColumn extends Column {
  /** An unconstrained `numeric`: as many digits as each value needs, so its values decide. */
  untyped: boolean;
  /** How the copied text becomes a value of the type. */
  read(text: string): string;
}

/** `pg_type.typname` as a type of the mesh; what is not here stays the text PostgreSQL writes. */
const TYPES = new Map<string, PrimitiveName>([
  ['bool', 'boolean'],
  ['int2', 'int'],
  ['int4', 'int'],
  ['int8', 'long'],
  ['oid', 'long'],
  ['float4', 'float'],
  ['float8', 'double'],
  ['date', 'date'],
  ['time', 'time'],
  ['timestamp', 'timestamp'],
  ['timestamptz', 'timestamptz'],
  ['uuid', 'uuid'],
  ['bytea', 'binary'],
]);

/** The length word that a type modifier counts with itself (`VARHDRSZ`). */
const HEADER = 4;

/** The exact type of a column by the catalog: `numeric(12,2)` is decimal(12,2). */
export function postgresType(
  name: string,
  modifier: number,
): Pick<CatalogColumn, 'type' | 'untyped' | 'read'> {
  if (name === 'numeric') return numericType(modifier);
  const type: DataType = { kind: TYPES.get(name) ?? 'string' };
  if (type.kind === 'string') return { type, untyped: false, read: (text) => text };
  if (type.kind === 'binary') return { type, untyped: false, read: (text) => `unhex(substr(${text}, 3))` };
  return { type, untyped: false, read: castTo(type) };
}

/** The scale is eleven bits with a sign since PostgreSQL 15; a scale of our decimals is between 0 and the precision. */
function numericType(modifier: number): Pick<CatalogColumn, 'type' | 'untyped' | 'read'> {
  const precision = (modifier - HEADER) >> 16;
  const scale = (((modifier - HEADER) & 0x7ff) ^ 1024) - 1024;
  if (modifier < HEADER || precision > 38 || scale < 0 || scale > precision) {
    return { type: { kind: 'string' }, untyped: true, read: (text) => text };
  }
  const type: DataType = { kind: 'decimal', precision, scale };
  return { type, untyped: false, read: castTo(type) };
}

const castTo = (type: DataType) => (text: string) => `CAST(${text} AS ${duckdbType(type)})`;
