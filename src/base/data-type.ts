/**
 * The types of the mesh: Iceberg's (table spec, "Primitive Types" and "Nested Types"), because tables are
 * what every door serves. Contracts, engines and doors translate to and from these.
 */
export type PrimitiveName =
  | 'boolean'
  | 'int'
  | 'long'
  | 'float'
  | 'double'
  | 'date'
  | 'time'
  | 'timestamp'
  | 'timestamptz'
  | 'string'
  | 'uuid'
  | 'binary';

export type DataType =
  | { kind: PrimitiveName }
  | { kind: 'decimal'; precision: number; scale: number }
  | { kind: 'struct'; fields: Column[] }
  | { kind: 'list'; element: DataType; elementRequired: boolean; elementId?: number }
  | { kind: 'map'; key: DataType; value: DataType; valueRequired: boolean; keyId?: number; valueId?: number };

/** A column or a struct field. `id` is the Iceberg field id, given by the table, stable over renames. */
export interface Column {
  id?: number;
  name: string;
  type: DataType;
  required: boolean;
  doc?: string;
}

const DUCKDB_NAMES: Record<PrimitiveName, string> = {
  boolean: 'BOOLEAN',
  int: 'INTEGER',
  long: 'BIGINT',
  float: 'FLOAT',
  double: 'DOUBLE',
  date: 'DATE',
  time: 'TIME',
  timestamp: 'TIMESTAMP',
  timestamptz: 'TIMESTAMP WITH TIME ZONE',
  string: 'VARCHAR',
  uuid: 'UUID',
  binary: 'BLOB',
};

/** The type as DuckDB SQL writes it, e.g. `STRUCT("a" INTEGER, "b" VARCHAR[])`. */
export function duckdbType(type: DataType): string {
  switch (type.kind) {
    case 'decimal':
      return `DECIMAL(${type.precision},${type.scale})`;
    case 'struct':
      return `STRUCT(${type.fields.map((field) => `${quoteIdentifier(field.name)} ${duckdbType(field.type)}`).join(', ')})`;
    case 'list':
      return `${duckdbType(type.element)}[]`;
    case 'map':
      return `MAP(${duckdbType(type.key)}, ${duckdbType(type.value)})`;
    default:
      return DUCKDB_NAMES[type.kind];
  }
}

/** The type as people read it: `decimal(18,2)`, `list<string>`. */
export function typeName(type: DataType): string {
  switch (type.kind) {
    case 'decimal':
      return `decimal(${type.precision},${type.scale})`;
    case 'struct':
      return `struct<${type.fields.map((field) => `${field.name}: ${typeName(field.type)}`).join(', ')}>`;
    case 'list':
      return `list<${typeName(type.element)}>`;
    case 'map':
      return `map<${typeName(type.key)}, ${typeName(type.value)}>`;
    default:
      return type.kind;
  }
}

/** Equal but for field ids, docs and nullability. */
export function sameType(left: DataType, right: DataType): boolean {
  return typeName(left) === typeName(right);
}

/** A SQL identifier that means exactly this name in DuckDB, Trino and PostgreSQL. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A SQL string literal with this exact value. */
export function quoteLiteral(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
