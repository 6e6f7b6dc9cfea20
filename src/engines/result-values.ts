import {
  DuckDBTypeId,
  type DuckDBArrayType,
  type DuckDBDecimalType,
  type DuckDBListType,
  type DuckDBMapType,
  type DuckDBStructType,
  type DuckDBType,
  type DuckDBUnionType,
  type DuckDBValueConverter,
} from '@duckdb/node-api';
import type { Column, DataType, PrimitiveName } from '../base/data-type.ts';

const PRIMITIVES: Partial<Record<DuckDBTypeId, PrimitiveName>> = {
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
  [DuckDBTypeId.TIME_NS]: 'time',
  [DuckDBTypeId.TIMESTAMP]: 'timestamp',
  [DuckDBTypeId.TIMESTAMP_S]: 'timestamp',
  [DuckDBTypeId.TIMESTAMP_MS]: 'timestamp',
  [DuckDBTypeId.TIMESTAMP_NS]: 'timestamp',
  [DuckDBTypeId.TIMESTAMP_TZ]: 'timestamptz',
  [DuckDBTypeId.UUID]: 'uuid',
  [DuckDBTypeId.BLOB]: 'binary',
};

/**
 * DuckDB's type in the mesh's types. What the mesh has no name for is a string, as its value is written:
 * intervals, bit strings, enums, JSON, times with zone. Integers above 64 bits are decimals of scale 0.
 */
export function meshType(type: DuckDBType): DataType {
  switch (type.typeId) {
    case DuckDBTypeId.DECIMAL: {
      const { width, scale } = type as DuckDBDecimalType;
      return { kind: 'decimal', precision: width, scale };
    }
    case DuckDBTypeId.HUGEINT:
    case DuckDBTypeId.UHUGEINT:
    case DuckDBTypeId.UBIGINT:
      return { kind: 'decimal', precision: type.typeId === DuckDBTypeId.UBIGINT ? 20 : 38, scale: 0 };
    case DuckDBTypeId.LIST:
    case DuckDBTypeId.ARRAY: {
      const { valueType } = type as DuckDBListType | DuckDBArrayType;
      return { kind: 'list', element: meshType(valueType), elementRequired: false };
    }
    case DuckDBTypeId.STRUCT: {
      const { entryNames, entryTypes } = type as DuckDBStructType;
      return { kind: 'struct', fields: meshColumns(entryNames, entryTypes) };
    }
    case DuckDBTypeId.MAP: {
      const { keyType, valueType } = type as DuckDBMapType;
      return { kind: 'map', key: meshType(keyType), value: meshType(valueType), valueRequired: false };
    }
    case DuckDBTypeId.UNION: {
      const { memberTags, memberTypes } = type as DuckDBUnionType;
      return { kind: 'struct', fields: meshColumns(memberTags, memberTypes) };
    }
    default:
      return { kind: PRIMITIVES[type.typeId] ?? 'string' };
  }
}

export function meshColumns(names: readonly string[], types: readonly DuckDBType[]): Column[] {
  return types.map((type, at) => ({
    name: names[at] ?? `column${at}`,
    type: meshType(type),
    required: false,
  }));
}

/** What a cell of an answer may be: JSON without loss. */
export type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue };

/**
 * One value as exact JSON: integers are numbers up to 2^53 and text beyond; decimals are text with all
 * digits; dates and times are ISO 8601 (`timestamptz` in UTC with `Z`); not-a-number and the infinities are
 * text (JSON has no word for them); maps are lists of `{key, value}`; bytes are base64.
 */
export const toJsonValue: DuckDBValueConverter<JsonValue> = (value, type, convert) => {
  if (value === null || value === undefined) return null;
  const nested = (item: unknown, itemType: DuckDBType): JsonValue =>
    (convert(item as never, itemType, convert) as JsonValue | null) ?? null;
  switch (type.typeId) {
    case DuckDBTypeId.BIGINT:
    case DuckDBTypeId.UBIGINT:
    case DuckDBTypeId.HUGEINT:
    case DuckDBTypeId.UHUGEINT:
      return exactInteger(value as bigint);
    case DuckDBTypeId.FLOAT:
    case DuckDBTypeId.DOUBLE:
      return Number.isFinite(value as number) ? (value as number) : String(value);
    case DuckDBTypeId.BLOB:
      return Buffer.from((value as unknown as { bytes: Uint8Array }).bytes).toString('base64');
    case DuckDBTypeId.TIMESTAMP:
    case DuckDBTypeId.TIMESTAMP_S:
    case DuckDBTypeId.TIMESTAMP_MS:
    case DuckDBTypeId.TIMESTAMP_NS:
      return isoTimestamp(String(value));
    case DuckDBTypeId.TIMESTAMP_TZ:
      return isoInstant((value as unknown as { micros: bigint }).micros, String(value));
    case DuckDBTypeId.LIST:
    case DuckDBTypeId.ARRAY: {
      const { items } = value as unknown as { items: unknown[] };
      const { valueType } = type as DuckDBListType;
      return items.map((item) => nested(item, valueType));
    }
    case DuckDBTypeId.STRUCT: {
      const { entries } = value as unknown as { entries: Record<string, unknown> };
      const { entryNames, entryTypes } = type as DuckDBStructType;
      return Object.fromEntries(entryNames.map((name, at) => [name, nested(entries[name], entryTypes[at]!)]));
    }
    case DuckDBTypeId.MAP: {
      const { entries } = value as unknown as { entries: { key: unknown; value: unknown }[] };
      const { keyType, valueType } = type as DuckDBMapType;
      return entries.map((entry) => ({
        key: nested(entry.key, keyType),
        value: nested(entry.value, valueType),
      }));
    }
    case DuckDBTypeId.UNION: {
      const { tag, value: member } = value as unknown as { tag: string; value: unknown };
      const memberType = (type as DuckDBUnionType).memberTypeForTag(tag);
      return { [tag]: memberType ? nested(member, memberType) : String(member) };
    }
    default:
      return typeof value === 'boolean' || typeof value === 'number' ? value : String(value);
  }
};

function exactInteger(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value.toString();
}

/** DuckDB writes `2024-01-31 12:00:00`; ISO 8601 wants a T. `infinity` stays. */
function isoTimestamp(text: string): string {
  return text.replace(/^(\S+) (\d)/, '$1T$2');
}

/** Years beyond JavaScript's calendar keep DuckDB's own text. */
function isoInstant(micros: bigint, text: string): string {
  const millis = Number(micros / 1000n);
  if (!Number.isSafeInteger(millis) || Math.abs(millis) > 8.64e15) return text;
  const floor = micros % 1000n < 0n ? millis - 1 : millis;
  const rest = Number(((micros % 1000n) + 1000n) % 1000n);
  const iso = new Date(floor).toISOString();
  return rest === 0 ? iso : iso.replace('Z', `${String(rest).padStart(3, '0')}Z`);
}
