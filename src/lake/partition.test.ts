import { expect, test } from 'vitest';
import type { Column, DataType } from '../base/data-type.ts';
import { query } from '../../test/fixtures/lake-tables.ts';
import { murmur3 } from './murmur3.ts';
import {
  applyTransform,
  parseTransform,
  partitionKey,
  partitionSpec,
  printTransform,
  type PartitionTransform,
} from './partition.ts';
import { transformSql } from './partition-sql.ts';
import { encodeBigEndian, encodeValue, type SingleValue } from './single-value.ts';
import { parseSingleValue } from './value-text.ts';

const DECIMAL: DataType = { kind: 'decimal', precision: 9, scale: 2 };

/** Iceberg table spec, Appendix B. */
test.each<[DataType, string, number]>([
  [{ kind: 'int' }, '34', 2017239379],
  [{ kind: 'long' }, '34', 2017239379],
  [DECIMAL, '14.20', -500754589],
  [{ kind: 'date' }, '2017-11-16', -653330422],
  [{ kind: 'time' }, '22:31:08', -662762989],
  [{ kind: 'timestamp' }, '2017-11-16T22:31:08', -2047944441],
  [{ kind: 'timestamp' }, '2017-11-16 22:31:08.000001', -1207196810],
  [{ kind: 'timestamptz' }, '2017-11-16T14:31:08-08:00', -2047944441],
  [{ kind: 'timestamptz' }, '2017-11-16 14:31:08.000001-08', -1207196810],
  [{ kind: 'string' }, 'iceberg', 1210000089],
  [{ kind: 'uuid' }, 'f79c3e09-677c-4bbd-a479-3f349cb785e7', 1488055340],
])('the hash of %o %s is the specification’s', (type, written, hash) => {
  const value = parseSingleValue(type, written)!;
  for (const bucket of [1000, 65_536]) {
    const expected = (hash & 0x7fffffff) % bucket;
    expect(applyTransform({ transform: { bucket }, sourceType: type }, value)).toBe(expected);
  }
});

test('the hash of bytes is the specification’s', () => {
  expect(murmur3(Uint8Array.of(0, 1, 2, 3))).toBe(-188683207);
  expect(murmur3(encodeBigEndian(1420n))).toBe(-500754589);
  expect(murmur3(encodeValue({ kind: 'string' }, 'iceberg'))).toBe(1210000089);
});

test('years, months and days count from 1970 and go down before it', () => {
  const of = (transform: PartitionTransform, written: string) => {
    const kind = written.length > 10 ? 'timestamp' : 'date';
    return applyTransform({ transform, sourceType: { kind } }, parseSingleValue({ kind }, written));
  };
  expect(['year', 'month', 'day'].map((name) => of(name as 'year', '2017-11-16'))).toEqual([47, 574, 17486]);
  expect(['year', 'month', 'day'].map((name) => of(name as 'year', '1969-12-31'))).toEqual([-1, -1, -1]);
  expect(of('day', '1969-12-31 23:59:59.999999')).toBe(-1);
  expect(of('year', '1970-01-01 00:00:00')).toBe(0);
  expect(applyTransform({ transform: 'day', sourceType: { kind: 'date' } }, null)).toBeNull();
});

const SOURCES: [DataType, string][] = [
  [{ kind: 'int' }, `(i * 7919 - 400000)::INTEGER`],
  [{ kind: 'long' }, `(i - 50) * 900719925474099`],
  [
    { kind: 'string' },
    `'wört' || repeat('x', (i % 9)::INTEGER) || CASE i % 4 WHEN 0 THEN '' ELSE i::VARCHAR END`,
  ],
  [{ kind: 'date' }, `DATE '1960-02-28' + (i * 97)::INTEGER`],
  [{ kind: 'timestamp' }, `TIMESTAMP '1969-06-30 23:59:59.999999' + INTERVAL 1 DAY * i * 3`],
  [{ kind: 'timestamptz' }, `TIMESTAMPTZ '1969-12-31 23:30:00+00' + INTERVAL 1 HOUR * i`],
  [{ kind: 'uuid' }, `uuid()`],
];

test.each(SOURCES)('SQL and code agree on the partitions of %o', async (type, sql) => {
  const transforms: PartitionTransform[] = [{ bucket: 7 }, { bucket: 65_536 }, 'identity'];
  if (['date', 'timestamp', 'timestamptz'].includes(type.kind)) transforms.push('year', 'month', 'day');
  const calls = transforms.map((transform) => `${transformSql('v', transform, type)}::VARCHAR`);
  const source = `SELECT CASE WHEN i = 0 THEN NULL ELSE ${sql} END AS v FROM range(200) r(i)`;
  const rows = await query(`SELECT v::VARCHAR AS v, [${calls.join(', ')}] AS partitions FROM (${source})`);
  for (const row of rows) {
    const value = row['v'] === null ? null : parseSingleValue(type, row['v'] as string)!;
    const found = transforms.map((transform) => applyTransform({ transform, sourceType: type }, value));
    const given = (row['partitions'] as (string | null)[]).map((one, place) =>
      readBack(one, { transform: transforms[place]!, type }),
    );
    expect(given).toEqual(found);
  }
});

function readBack(
  text: string | null,
  field: { transform: PartitionTransform; type: DataType },
): SingleValue | null {
  if (text === null) return null;
  if (field.transform === 'identity') return parseSingleValue(field.type, text);
  return field.transform === 'day' ? parseSingleValue({ kind: 'date' }, text) : Number(text);
}

test('transforms are written as the specification writes them', () => {
  for (const text of ['identity', 'year', 'month', 'day', 'bucket[16]']) {
    expect(printTransform(parseTransform(text)!)).toBe(text);
  }
  for (const text of ['bucket[0]', 'bucket[-1]', 'bucket[99999]', 'hour', 'truncate[3]', '']) {
    expect(parseTransform(text)).toBeNull();
  }
});

test('every problem of a partitioning is told at once', () => {
  const columns: Column[] = [
    { id: 1, name: 'price', type: { kind: 'double' }, required: false },
    { id: 2, name: 'day', type: { kind: 'date' }, required: false },
  ];
  const fields = [
    { column: 'price', transform: { bucket: 4 } },
    { column: 'price', transform: 'year' as const },
    { column: 'gone', transform: 'identity' as const },
    { column: 'day', transform: 'day' as const },
    { column: 'day', transform: 'day' as const },
  ];
  const made = () => partitionSpec(fields, { columns, specId: 0, lastPartitionId: 999 });
  const problems = Array.from({ length: 4 }, () => expect.anything());
  expect(made).toThrow(expect.objectContaining({ code: 'lake.partition-invalid', problems }));
});

test('partitions are told apart by value, not by how numbers are held', () => {
  expect(partitionKey(0, [5, 'a'])).toBe(partitionKey(0, [5n, 'a']));
  const apart = [[5], ['5'], [null], ['null'], [NaN], [-0], [0], [9007199254740993n], [9007199254740992n]];
  expect(new Set(apart.map((tuple) => partitionKey(0, tuple))).size).toBe(apart.length);
});
