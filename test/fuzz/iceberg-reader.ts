import { createHash } from 'node:crypto';
import type { Column, DataType } from '../../src/base/data-type.ts';
import { daysOf, microsOf, microsOfDay, scaledInteger } from '../../src/policy/row-value.ts';
import type { Row, RowValue } from '../../src/policy/row-value.ts';

/**
 * A reader of Iceberg's read restrictions, written from the texts of the standards and not from our
 * compilers, in the two readings that are about: `spec` compares with null and NaN as "Comparisons" has it;
 * `java` orders null first, -0 below 0 and NaN last, as the Java library's comparators do.
 */
export type Reading = 'spec' | 'java';

export type Json = null | boolean | string | number | bigint | Json[] | { [key: string]: Json };

/** JSON with whole numbers that JavaScript cannot hold as bigint. */
export function parseJson(text: string): Json {
  const reviver = (_key: string, value: unknown, context: { source?: string }) =>
    typeof value === 'number' && /^-?\d+$/.test(context.source!) && !Number.isSafeInteger(value)
      ? BigInt(context.source!)
      : value;
  return JSON.parse(text, reviver as (key: string, value: unknown) => unknown) as Json;
}

export interface Reader {
  columns: Column[];
  reading: Reading;
  salt: string;
}

/** The rows that pass, projected. */
export function readRestricted(restrictions: { [key: string]: Json }, rows: Row[], reader: Reader): Row[] {
  const filter = restrictions['required-row-filter'] ?? true;
  const actions = new Map(
    ((restrictions['required-column-projections'] ?? []) as { 'field-id': number; action: string }[]).map(
      (projection) => [projection['field-id'], projection.action],
    ),
  );
  return rows
    .filter((row) => holds(filter, row, reader))
    .map((row) =>
      Object.fromEntries(
        reader.columns.map(({ id, name, type }) => {
          const action = actions.get(id!);
          const value = row[name] ?? null;
          return [name, action === undefined ? value : project(action, value, { type, salt: reader.salt })];
        }),
      ),
    );
}

export function holds(predicate: Json, row: Row, reader: Reader): boolean {
  if (typeof predicate === 'boolean') return predicate;
  const node = predicate as { [key: string]: Json };
  switch (node['type']) {
    case 'and':
      return holds(node['left']!, row, reader) && holds(node['right']!, row, reader);
    case 'or':
      return holds(node['left']!, row, reader) || holds(node['right']!, row, reader);
    case 'not':
      return !holds(node['child']!, row, reader);
    default:
      return tests(node, row, reader);
  }
}

function tests(node: { [key: string]: Json }, row: Row, reader: Reader): boolean {
  const reference = (node['child'] ?? node['left']) as { id: number };
  const column = reader.columns.find(({ id }) => id === reference.id);
  if (!column) throw new Error(`no field ${reference.id}`);
  const value = row[column.name] ?? null;
  const { type } = column;
  const order = (literal: Json) => compare(value, literal, { type, reading: reader.reading });
  const literal = node['right']!;
  switch (node['type']) {
    case 'is-null':
      return value === null;
    case 'not-null':
      return value !== null;
    case 'is-nan':
      return Number.isNaN(value);
    case 'starts-with':
      return value !== null && String(value).startsWith(literal as string);
    case 'not-starts-with':
      return value === null || !String(value).startsWith(literal as string);
    case 'eq':
      return order(literal) === 0;
    case 'not-eq':
      return order(literal) !== 0;
    case 'lt':
      return order(literal) < 0;
    case 'lt-eq':
      return order(literal) <= 0;
    case 'gt':
      return order(literal) > 0;
    case 'gt-eq':
      return order(literal) >= 0;
    case 'in':
      return (node['values'] as Json[]).some((one) => order(one) === 0);
    case 'not-in':
      return !(node['values'] as Json[]).some((one) => order(one) === 0);
    default:
      throw new Error(`no predicate ${JSON.stringify(node)}`);
  }
}

/** NaN, of which every comparison is false, where the specification leaves two values without order. */
function compare(
  value: RowValue,
  literal: Json,
  { type, reading }: { type: DataType; reading: Reading },
): number {
  if (value === null) return reading === 'java' ? -1 : NaN;
  const [left, right] = [ordinal(value, type), ordinal(literal!, type)];
  if (typeof left === 'number' && typeof right === 'number' && reading === 'java') {
    if (Number.isNaN(left)) return 1;
    if (left === right) return Number(Object.is(right, -0)) - Number(Object.is(left, -0));
  }
  if (left instanceof Uint8Array || right instanceof Uint8Array)
    return Buffer.compare(left as Uint8Array, right as Uint8Array);
  return left === right ? 0 : left < right ? -1 : left > right ? 1 : NaN;
}

function ordinal(value: Exclude<Json | RowValue, null>, type: DataType): bigint | number | Uint8Array {
  const text = String(value).replace('T', ' ').replace('+00:00', 'Z');
  switch (type.kind) {
    case 'boolean':
      return Number(value);
    case 'int':
    case 'long':
      return BigInt(value as string | number | bigint);
    case 'float':
    case 'double':
      return value as number;
    case 'decimal':
      return scaledInteger(String(value), type.scale)!;
    case 'date':
      return daysOf(String(value))!;
    case 'time':
      return microsOfDay(String(value))!;
    case 'timestamp':
    case 'timestamptz':
      return microsOf(text)!;
    case 'uuid':
      return Buffer.from(String(value).replaceAll('-', ''), 'hex');
    default:
      return Buffer.from(String(value));
  }
}

interface Projecting {
  type: DataType;
  salt: string;
}

function project(action: string, value: RowValue, { type, salt }: Projecting): RowValue {
  if (action === 'mask-to-fixed-value') return fixed(type);
  if (value === null || action === 'replace-with-null') return null;
  const text = String(value);
  const points = Array.from(text);
  switch (action) {
    case 'mask-alphanum':
      return points.map(redact).join('');
    case 'show-first-4':
      return points.map((point, at) => (at < 4 ? point : redact(point))).join('');
    case 'show-last-4':
      return points.map((point, at) => (at >= points.length - 4 ? point : redact(point))).join('');
    case 'truncate-to-year':
    case 'truncate-to-month': {
      const day = text.slice(0, action === 'truncate-to-year' ? 4 : 7).padEnd(10, '-01');
      if (type.kind === 'date') return day;
      return `${day} 00:00:00${type.kind === 'timestamptz' ? 'Z' : ''}`;
    }
    case 'sha-256-global':
      return hash(value, type, '');
    case 'sha-256-query-local':
      return hash(value, type, salt);
    default:
      throw new Error(`no action ${action}`);
  }
}

function redact(point: string): string {
  if (point >= '0' && point <= '9') return 'n';
  return '(),.-@'.includes(point) ? point : 'x';
}

function fixed(type: DataType): RowValue {
  const values: Record<string, RowValue> = {
    ...{ boolean: false, int: 0, long: 0, float: 0, double: 0, string: 'XXXXXXXX', date: '1970-01-01' },
    ...{ time: '00:00:00', timestamp: '1970-01-01 00:00:00', timestamptz: '1970-01-01 00:00:00Z' },
    ...{ uuid: '00000000-0000-0000-0000-000000000000', binary: new Uint8Array(), list: [], map: {} },
  };
  if (type.kind === 'decimal') return type.scale === 0 ? '0' : `0.${'0'.repeat(type.scale)}`;
  if (type.kind !== 'struct') return values[type.kind]!;
  return Object.fromEntries(type.fields.map((field) => [field.name, fixed(field.type)]));
}

function hash(value: Exclude<RowValue, null>, type: DataType, salt: string): RowValue {
  const bytes = Buffer.alloc(type.kind === 'int' ? 4 : 8);
  if (type.kind === 'int') bytes.writeInt32LE(Number(value));
  if (type.kind === 'long') bytes.writeBigInt64LE(BigInt(value as string));
  const whole = type.kind === 'int' || type.kind === 'long';
  const input = value instanceof Uint8Array ? value : whole ? bytes : Buffer.from(String(value));
  const digest = createHash('sha256').update(Buffer.from(salt)).update(input).digest();
  if (type.kind === 'int') return digest.readInt32LE(0);
  if (type.kind === 'long') return digest.readBigInt64LE(0);
  return value instanceof Uint8Array ? digest : digest.toString('hex');
}
