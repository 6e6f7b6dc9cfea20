import { type Column, type DataType, quoteIdentifier } from '../base/data-type.ts';
import type { ColumnPath } from '../contracts/check.ts';

/** `['address', 'city']` -> `"address"."city"`, below a table's alias or an expression where there is one. */
export function fieldSql(below: string | null, path: ColumnPath): string {
  return [...(below === null ? [] : [below]), ...path.map(quoteIdentifier)].join('.');
}

/** The type of a column or struct field; null where there is none, as inside lists and maps. */
export function fieldType(columns: Column[], path: ColumnPath): DataType | null {
  let level = columns;
  let type: DataType | null = null;
  for (const name of path) {
    // DuckDB finds columns and fields whatever their case.
    const found = level.find((column) => column.name.toLowerCase() === name.toLowerCase());
    if (!found) return null;
    type = found.type;
    level = type.kind === 'struct' ? type.fields : [];
  }
  return type;
}

export function andAll(conditions: string[]): string {
  return conditions.map((condition) => `(${condition})`).join(' AND ');
}

export function anyOf(conditions: (string | null)[]): string {
  const given = conditions.filter((condition) => condition !== null);
  return given.length === 0 ? 'false' : given.map((condition) => `(${condition})`).join(' OR ');
}
