import { quoteIdentifier, type DataType } from '../base/data-type.ts';
import { MeshError } from '../base/errors.ts';
import type { PartitionTransform } from './partition.ts';

const MASK = '4294967295::UBIGINT';

/**
 * A partition transform as a DuckDB expression over a column. Year, month and bucket give integers, day gives
 * a date, and equal results mean equal partitions (Iceberg table spec, "Partition Transforms").
 */
export function transformSql(column: string, transform: PartitionTransform, type: DataType): string {
  const name = quoteIdentifier(column);
  // Iceberg's days are days in UTC; a plain cast would take the session's time zone.
  const utc = type.kind === 'timestamptz' ? `(${name} AT TIME ZONE 'UTC')` : name;
  switch (transform) {
    case 'identity':
      return name;
    case 'year':
      return `(year(${utc}) - 1970)::INTEGER`;
    case 'month':
      return `((year(${utc}) - 1970) * 12 + month(${utc}) - 1)::INTEGER`;
    case 'day':
      return `${utc}::DATE`;
    default:
      return `((${murmurSql(name, type)} & 2147483647) % ${transform.bucket})::INTEGER`;
  }
}

/**
 * Murmur3 (Appendix B) in plain SQL, so that no engine needs a function of ours: the bytes as hex text, cut
 * into blocks of four and folded. 32-bit products fit into UBIGINT before they are masked.
 */
function murmurSql(name: string, type: DataType): string {
  const hex = hexSql(name, type);
  const block = `('0x' || h[i * 8 + 7:i * 8 + 8] || h[i * 8 + 5:i * 8 + 6] || h[i * 8 + 3:i * 8 + 4] || h[i * 8 + 1:i * 8 + 2])::UBIGINT`;
  const step = `(${rotateSql(`xor(a, ${scrambleSql('b')})`, 13)} * 5 + 3864292196) & ${MASK}`;
  const tail = `CASE WHEN r = '' THEN 0::UBIGINT ELSE ('0x' || r[5:6] || r[3:4] || r[1:2])::UBIGINT END`;
  const folded = `list_reduce(list_prepend(0::UBIGINT, [${block} for i in range(length(h) // 8)]), lambda a, b: ${step})`;
  const mixed = `xor(xor(${folded}, ${scrambleSql(tail)}), (length(h) // 2)::UBIGINT)`;
  return inOneRow([
    ['h', hex],
    ['r', `h[(length(h) // 8) * 8 + 1:]`],
    ['m', mixed],
    ['n', `(xor(m, m >> 16) * 2246822507) & ${MASK}`],
    ['o', `(xor(n, n >> 13) * 3266489909) & ${MASK}`],
    ['p', `xor(o, o >> 16)`],
  ]);
}

/** Names intermediate results with one-element list comprehensions, the only `let` that SQL expressions have. */
function inOneRow(steps: [string, string][]): string {
  return steps.reduceRight((inner, [name, sql]) => {
    const body = inner === '' ? name : inner;
    return `list_transform([${sql}], lambda ${name}: ${body})[1]`;
  }, '');
}

function scrambleSql(block: string): string {
  const first = `((${block}) * 3432918353) & ${MASK}`;
  return `((${rotateSql(`(${first})`, 15)} * 461845907) & ${MASK})`;
}

function rotateSql(value: string, bits: number): string {
  return `((((${value}) << ${bits}) & ${MASK}) | ((${value}) >> ${32 - bits}))`;
}

/** The hashed bytes of a value as hex text, see Appendix B. */
function hexSql(name: string, type: DataType): string {
  switch (type.kind) {
    case 'int':
    case 'long':
      return littleEndianSql(`${name}::BIGINT`);
    case 'date':
      return littleEndianSql(`(${name} - DATE '1970-01-01')::BIGINT`);
    case 'time':
      return littleEndianSql(`epoch_us(${name})`);
    case 'timestamp':
    case 'timestamptz':
      return littleEndianSql(`epoch_us(${name})`);
    case 'string':
      return `hex(encode(${name}))`;
    case 'uuid':
      return `upper(replace(${name}::VARCHAR, '-', ''))`;
    case 'binary':
      return `hex(${name})`;
    default:
      throw new MeshError('internal', { detail: `bucket of ${type.kind} is not written by SQL` });
  }
}

/** Two's complement of a BIGINT, least byte first: `hex` of a HUGEINT shifted above zero keeps 16 digits. */
function littleEndianSql(value: string): string {
  const digits = `lpad(hex(CASE WHEN (${value}) < 0 THEN (${value})::HUGEINT + 18446744073709551616 ELSE (${value})::HUGEINT END), 16, '0')`;
  return inOneRow([
    ['x', digits],
    ['y', `x[15:16] || x[13:14] || x[11:12] || x[9:10] || x[7:8] || x[5:6] || x[3:4] || x[1:2]`],
  ]);
}
