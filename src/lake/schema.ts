import { quoteLiteral, type Column, type DataType, type PrimitiveName } from '../base/data-type.ts';
import { MeshError } from '../base/errors.ts';
import type { SchemaField, SchemaType, TableSchema } from './metadata.ts';

const PRIMITIVES = new Set<string>([
  'boolean',
  'int',
  'long',
  'float',
  'double',
  'date',
  'time',
  'timestamp',
  'timestamptz',
  'string',
  'uuid',
  'binary',
] satisfies PrimitiveName[]);

/** The columns of a schema, with their field ids. */
export function columnsOf(schema: { fields: SchemaField[] }): Column[] {
  return schema.fields.map((field) => ({
    id: field.id,
    name: field.name,
    type: typeFromJson(field.type),
    required: field.required,
    ...(field.doc === undefined ? {} : { doc: field.doc }),
  }));
}

/** A schema as Iceberg's JSON (table spec, Appendix C). Every column must have its field id. */
export function schemaOf(columns: Column[], schemaId: number): TableSchema {
  return { type: 'struct', 'schema-id': schemaId, fields: columns.map(fieldToJson) };
}

function fieldToJson(column: Column): SchemaField {
  return {
    id: fieldId(column),
    name: column.name,
    required: column.required,
    type: typeToJson(column.type),
    ...(column.doc === undefined ? {} : { doc: column.doc }),
  };
}

function typeToJson(type: DataType): SchemaType {
  switch (type.kind) {
    case 'decimal':
      return `decimal(${type.precision}, ${type.scale})`;
    case 'struct':
      return { type: 'struct', fields: type.fields.map(fieldToJson) };
    case 'list':
      return {
        type: 'list',
        'element-id': type.elementId!,
        element: typeToJson(type.element),
        'element-required': type.elementRequired,
      };
    case 'map':
      return {
        type: 'map',
        'key-id': type.keyId!,
        key: typeToJson(type.key),
        'value-id': type.valueId!,
        value: typeToJson(type.value),
        'value-required': type.valueRequired,
      };
    default:
      return type.kind;
  }
}

function typeFromJson(type: SchemaType): DataType {
  if (typeof type === 'string') return primitiveFromJson(type);
  switch (type.type) {
    case 'struct':
      return { kind: 'struct', fields: columnsOf(type) };
    case 'list':
      return {
        kind: 'list',
        element: typeFromJson(type.element),
        elementRequired: type['element-required'],
        elementId: type['element-id'],
      };
    case 'map':
      return {
        kind: 'map',
        key: typeFromJson(type.key),
        value: typeFromJson(type.value),
        valueRequired: type['value-required'],
        keyId: type['key-id'],
        valueId: type['value-id'],
      };
  }
}

function primitiveFromJson(text: string): DataType {
  if (PRIMITIVES.has(text)) return { kind: text as PrimitiveName };
  const decimal = /^decimal\(\s*(\d+)\s*,\s*(\d+)\s*\)$/.exec(text);
  if (decimal) return { kind: 'decimal', precision: Number(decimal[1]), scale: Number(decimal[2]) };
  throw new MeshError('lake.metadata-invalid', { facts: { reason: `the type ${text} is not supported` } });
}

/** The field id that every column of a table has. */
export function fieldId(column: Column): number {
  if (column.id !== undefined) return column.id;
  throw new MeshError('internal', { detail: `column ${column.name} has no field id` });
}

/**
 * Gives field ids to the columns, elements, keys and values that have none, above `lastColumnId`:
 * first to a struct's own fields, then inside them, as other writers do.
 */
export function assignFieldIds(
  columns: Column[],
  lastColumnId: number,
): { columns: Column[]; lastColumnId: number } {
  let last = lastColumnId;
  const next = (id: number | undefined) => id ?? ++last;
  const fields = (list: Column[]): Column[] =>
    list
      .map((column) => ({ ...column, id: next(column.id) }))
      .map((column) => ({ ...column, type: inside(column.type) }));
  const inside = (type: DataType): DataType => {
    if (type.kind === 'struct') return { kind: 'struct', fields: fields(type.fields) };
    if (type.kind === 'list') {
      const elementId = next(type.elementId);
      return { ...type, elementId, element: inside(type.element) };
    }
    if (type.kind !== 'map') return type;
    const [keyId, valueId] = [next(type.keyId), next(type.valueId)];
    return { ...type, keyId, valueId, key: inside(type.key), value: inside(type.value) };
  };
  return { columns: fields(columns), lastColumnId: last };
}

/** The same columns without field ids, for a new table that gives its own. */
export function withoutFieldIds(columns: Column[]): Column[] {
  return columns.map(({ id: _id, ...column }) => ({ ...column, type: typeWithoutIds(column.type) }));
}

function typeWithoutIds(type: DataType): DataType {
  switch (type.kind) {
    case 'struct':
      return { kind: 'struct', fields: withoutFieldIds(type.fields) };
    case 'list':
      return { kind: 'list', element: typeWithoutIds(type.element), elementRequired: type.elementRequired };
    case 'map':
      return {
        kind: 'map',
        key: typeWithoutIds(type.key),
        value: typeWithoutIds(type.value),
        valueRequired: type.valueRequired,
      };
    default:
      return type;
  }
}

/** A column, struct field, list element, map key or map value, found by its field id. */
export interface SchemaNode {
  id: number;
  /** Names from the top, for messages: `items.element.price`. */
  path: string;
  type: DataType;
  required: boolean;
  /** Inside a list or a map, so that a row may have many values. */
  repeated: boolean;
}

/** Every node of the columns, parents before children. */
export function schemaNodes(columns: Column[]): SchemaNode[] {
  return columns.flatMap((column) =>
    nodesFrom({
      id: fieldId(column),
      path: column.name,
      type: column.type,
      required: column.required,
      repeated: false,
    }),
  );
}

function nodesFrom(node: SchemaNode): SchemaNode[] {
  return [node, ...childNodes(node).flatMap(nodesFrom)];
}

function childNodes({ type, path, repeated }: SchemaNode): SchemaNode[] {
  const child = (name: string, facts: Omit<SchemaNode, 'path'>) => ({ ...facts, path: `${path}.${name}` });
  switch (type.kind) {
    case 'struct':
      return type.fields.map((field) =>
        child(field.name, { id: fieldId(field), type: field.type, required: field.required, repeated }),
      );
    case 'list':
      return [
        child('element', {
          id: type.elementId!,
          type: type.element,
          required: type.elementRequired,
          repeated: true,
        }),
      ];
    case 'map':
      return [
        child('key', { id: type.keyId!, type: type.key, required: true, repeated: true }),
        child('value', { id: type.valueId!, type: type.value, required: type.valueRequired, repeated: true }),
      ];
    default:
      return [];
  }
}

/**
 * The options of DuckDB's `COPY … TO … (…)` that make its Parquet files data files of the table: field ids
 * (table spec, Appendix A, "Parquet") and the schema by which readers without field ids find old names.
 */
export function parquetCopyOptions(columns: Column[], schemaId: number): string {
  const schema = quoteLiteral(JSON.stringify(schemaOf(columns, schemaId)));
  return `FORMAT parquet, COMPRESSION zstd, FIELD_IDS ${fieldIdsClause(columns)}, KV_METADATA {'iceberg.schema': ${schema}}`;
}

/** The value of DuckDB's `FIELD_IDS`: `{'a': 1, 's': {__duckdb_field_id: 2, 'x': 3}}`. */
export function fieldIdsClause(columns: Column[]): string {
  const entries = columns.map(
    (column) => `${quoteLiteral(column.name)}: ${fieldIdsOf(fieldId(column), column.type)}`,
  );
  return `{${entries.join(', ')}}`;
}

function fieldIdsOf(id: number, type: DataType): string {
  switch (type.kind) {
    case 'struct':
      return `{__duckdb_field_id: ${id}, ${fieldIdsClause(type.fields).slice(1)}`;
    case 'list':
      return `{__duckdb_field_id: ${id}, element: ${fieldIdsOf(type.elementId!, type.element)}}`;
    case 'map':
      return `{__duckdb_field_id: ${id}, key: ${fieldIdsOf(type.keyId!, type.key)}, value: ${fieldIdsOf(type.valueId!, type.value)}}`;
    default:
      return String(id);
  }
}
