import { typeName, type Column, type DataType } from '../base/data-type.ts';
import { MeshError, type Problem } from '../base/errors.ts';
import { assignFieldIds, fieldId, schemaNodes } from './schema.ts';

/** One step from the current schema to the wanted one, for dry runs and change logs. */
export interface SchemaChange {
  kind: 'add' | 'drop' | 'rename' | 'widen' | 'relax' | 'reorder' | 'doc';
  /** Names from the top, in the wanted schema (for `drop` in the current one): `items.element.price`. */
  path: string;
  from?: string;
  to?: string;
}

export interface Evolution {
  /** The wanted columns with the field ids they keep or get. */
  columns: Column[];
  lastColumnId: number;
  /** Empty when the schemas mean the same. */
  changes: SchemaChange[];
}

export interface EvolveOptions {
  lastColumnId: number;
  /** Old path to new name, for columns and struct fields that were renamed: `{ 'address.zip': 'postcode' }`. */
  renames?: Record<string, string>;
  /** Source columns of partition fields, which cannot be dropped. */
  partitionSources?: number[];
}

/**
 * Finds the field ids of a wanted schema (Iceberg table spec, "Schema Evolution"): names match names, renames
 * are told, everything else is new or dropped.
 * @throws MeshError `lake.schema-incompatible` with every step that old files could not follow.
 */
export function evolveSchema(current: Column[], wanted: Column[], options: EvolveOptions): Evolution {
  const walk: Walk = { changes: [], problems: [], renames: options.renames ?? {}, used: new Set() };
  const matched = evolveFields({ current, wanted, path: '' }, walk);
  const kept = new Set(matched.flatMap((column) => (column.id === undefined ? [] : [column.id])));
  for (const column of current) {
    if (!kept.has(fieldId(column)) && options.partitionSources?.includes(fieldId(column))) {
      walk.problems.push({ message: `${column.name} cannot be dropped: the table is partitioned by it` });
    }
  }
  walk.problems.push(...uselessRenames(current, walk));
  if (walk.problems.length > 0) throw new MeshError('lake.schema-incompatible', { problems: walk.problems });
  return { ...assignFieldIds(matched, options.lastColumnId), changes: walk.changes };
}

/** A rename that happened before is no problem, so that a schema may be applied again with the renames it had. */
function uselessRenames(current: Column[], walk: Walk): Problem[] {
  const paths = new Set(schemaNodes(current).map((node) => node.path));
  const useless = Object.entries(walk.renames).filter(([path, name]) => {
    const renamed = [...path.split('.').slice(0, -1), name].join('.');
    return !walk.used.has(path) && (paths.has(path) || !paths.has(renamed));
  });
  return useless.map(([path, name]) => ({
    message: `${path} cannot be renamed to ${name}: the table has no such column, or the new schema has no ${name}`,
  }));
}

interface Walk {
  changes: SchemaChange[];
  problems: Problem[];
  renames: Record<string, string>;
  /** Renames that were applied. */
  used: Set<string>;
}

interface Fields {
  current: Column[];
  wanted: Column[];
  path: string;
}

function evolveFields({ current, wanted, path }: Fields, walk: Walk): Column[] {
  const at = (name: string) => (path === '' ? name : `${path}.${name}`);
  const taken = new Set<Column>();
  const columns = wanted.map((column): Column => {
    const old = findOld(column, { current, path }, walk);
    if (old) taken.add(old);
    return old
      ? evolveColumn(old, { column, path: at(column.name) }, walk)
      : addColumn(column, at(column.name), walk);
  });
  for (const column of current) {
    if (!taken.has(column)) walk.changes.push({ kind: 'drop', path: at(column.name) });
  }
  if (isReordered(current, columns)) walk.changes.push({ kind: 'reorder', path });
  return columns;
}

/** A wanted column is the one renamed to it, or the one of its name that is not renamed away. */
function findOld(column: Column, at: { current: Column[]; path: string }, walk: Walk): Column | undefined {
  const pathOf = (one: Column) => (at.path === '' ? one.name : `${at.path}.${one.name}`);
  const renamed = at.current.find((one) => walk.renames[pathOf(one)] === column.name);
  if (renamed) walk.used.add(pathOf(renamed));
  return renamed ?? at.current.find((one) => one.name === column.name && !(pathOf(one) in walk.renames));
}

function addColumn(column: Column, path: string, walk: Walk): Column {
  walk.changes.push({ kind: 'add', path, to: typeName(column.type) });
  if (column.required) {
    const message = `${path} is new and required, but rows written before have no value for it; make it optional`;
    walk.problems.push({ message });
  }
  return withoutId(column);
}

/** Ids in a wanted schema mean nothing: the table gives them. */
function withoutId({ id: _id, ...column }: Column): Column {
  return column;
}

function evolveColumn(old: Column, wanted: { column: Column; path: string }, walk: Walk): Column {
  const { column, path } = wanted;
  if (old.name !== column.name) walk.changes.push({ kind: 'rename', path, from: old.name, to: column.name });
  if ((old.doc ?? '') !== (column.doc ?? '')) walk.changes.push({ kind: 'doc', path });
  checkRequired({ was: old.required, is: column.required, path }, walk);
  return { ...column, id: fieldId(old), type: evolveType(old.type, { type: column.type, path }, walk) };
}

function checkRequired(change: { was: boolean; is: boolean; path: string }, walk: Walk): void {
  if (change.was && !change.is) walk.changes.push({ kind: 'relax', path: change.path });
  if (!change.was && change.is) {
    const message = `${change.path} cannot become required: rows written before may have no value for it`;
    walk.problems.push({ message });
  }
}

function evolveType(old: DataType, wanted: { type: DataType; path: string }, walk: Walk): DataType {
  const { type, path } = wanted;
  if (old.kind === 'struct' && type.kind === 'struct') {
    return { kind: 'struct', fields: evolveFields({ current: old.fields, wanted: type.fields, path }, walk) };
  }
  if (old.kind === 'list' && type.kind === 'list') {
    const at = `${path}.element`;
    checkRequired({ was: old.elementRequired, is: type.elementRequired, path: at }, walk);
    const element = evolveType(old.element, { type: type.element, path: at }, walk);
    return { ...type, elementId: old.elementId, element } as DataType;
  }
  if (old.kind === 'map' && type.kind === 'map') return evolveMap(old, { type, path }, walk);
  return evolvePrimitive(old, wanted, walk);
}

type MapType = Extract<DataType, { kind: 'map' }>;

function evolveMap(old: MapType, wanted: { type: MapType; path: string }, walk: Walk): DataType {
  const { type, path } = wanted;
  if (typeName(old.key) !== typeName(type.key)) {
    // "Map keys cannot be changed": equality of keys would change under the rows written before.
    walk.problems.push({
      message: `${path}.key cannot change from ${typeName(old.key)} to ${typeName(type.key)}`,
    });
  }
  checkRequired({ was: old.valueRequired, is: type.valueRequired, path: `${path}.value` }, walk);
  const value = evolveType(old.value, { type: type.value, path: `${path}.value` }, walk);
  return { ...type, keyId: old.keyId, valueId: old.valueId, key: old.key, value } as DataType;
}

function evolvePrimitive(old: DataType, wanted: { type: DataType; path: string }, walk: Walk): DataType {
  const [from, to] = [typeName(old), typeName(wanted.type)];
  if (from === to) return wanted.type;
  if (isWider(old, wanted.type)) {
    walk.changes.push({ kind: 'widen', path: wanted.path, from, to });
  } else {
    const message = `${wanted.path} cannot change from ${from} to ${to}`;
    walk.problems.push({ message });
  }
  return wanted.type;
}

/** The type promotions of format version 2. */
function isWider(from: DataType, to: DataType): boolean {
  if (from.kind === 'decimal' && to.kind === 'decimal') {
    return to.scale === from.scale && to.precision > from.precision;
  }
  return (from.kind === 'int' && to.kind === 'long') || (from.kind === 'float' && to.kind === 'double');
}

function isReordered(current: Column[], columns: Column[]): boolean {
  const places = columns
    .filter((column) => column.id !== undefined)
    .map((column) => current.findIndex((one) => one.id === column.id));
  return places.some((place, index) => index > 0 && place < places[index - 1]!);
}
