import fc from 'fast-check';
import { expect, test } from 'vitest';
import { duckdb } from '../../test/fixtures/lake-tables.ts';
import { type Column, type DataType, duckdbType, quoteLiteral, typeName } from '../base/data-type.ts';
import { isMeshError } from '../base/errors.ts';
import type { BookmarkStep } from './bookmarks/bookmark.ts';
import {
  growingColumn,
  growingFactsSql,
  growingRange,
  needOrder,
  rangeSql,
  readGrowingFacts,
} from './growing-key.ts';

/** Of each type that has an order, values in that order: the first and last there are, and neighbours. */
const VALUES: [DataType, string[]][] = [
  [{ kind: 'int' }, ['-2147483648', '-1', '0', '9', '10', '2147483647']],
  [
    { kind: 'long' },
    ['-9223372036854775808', '9', '10', '9007199254740992', '9007199254740993', '9223372036854775807'],
  ],
  [{ kind: 'decimal', precision: 9, scale: 2 }, ['-9999999.99', '-0.01', '0.00', '0.10', '9.99', '10.00']],
  [
    { kind: 'decimal', precision: 38, scale: 10 },
    [
      '-1.0000000001',
      '0',
      '9999999999999999999999999999.9999999998',
      '9999999999999999999999999999.9999999999',
    ],
  ],
  [
    { kind: 'date' },
    ['0044-03-15 (BC)', '1969-12-31', '2026-01-31', '2026-02-01', '9999-12-31', '12026-01-01'],
  ],
  [
    { kind: 'timestamp' },
    [
      '1969-12-31 23:59:59.999999',
      '2026-03-29 02:30:00',
      '2026-03-29 02:30:00.000001',
      '2026-03-29 02:30:00.00001',
      '2026-10-25 02:30:00',
    ],
  ],
  [
    { kind: 'timestamptz' },
    [
      '1969-12-31 23:59:59.9+00',
      '2026-03-29 03:00:00+02',
      '2026-03-29 01:00:00.000001+00',
      '2026-03-29 00:00:00-02',
    ],
  ],
  [{ kind: 'string' }, ['', ' ', '"', "'", '10', '9', 'A', 'a', 'a\nb', 'ß', '日本', '\u{1f6d2}']],
];

/** Rows come in arrivals: each stands so many places above the one before it. Runs come between. */
const arrival = fc.record({
  steps: fc.array(fc.constantFrom(0, 0, 1, 2), { maxLength: 4 }),
  isRun: fc.boolean(),
});
const world = fc.record({
  values: fc.constantFrom(...VALUES),
  arrivals: fc.array(arrival, { minLength: 1, maxLength: 6 }),
  repeats: fc.boolean(),
});

test('however rows and runs alternate, each row is read once; late ones are refused, or read again with their like', async () => {
  await fc.assert(
    fc.asyncProperty(world, async ({ values: [type, values], arrivals, repeats }) => {
      const column: Column = { name: 'k "1"', type, required: false };
      const ranks: number[] = [];
      const reads: number[] = [];
      let step: BookmarkStep | null = null;
      let last = -1;
      for (const { steps, isRun } of [...arrivals, { steps: [], isRun: true }]) {
        for (const up of steps) {
          const rank = Math.min(values.length - 1, (ranks.at(-1) ?? 0) + up);
          ranks.push(rank);
          reads.push(0);
        }
        if (!isRun) continue;
        const relation = relationOf(
          type,
          ranks.map((rank) => values[rank]!),
        );
        const late = ranks.filter((rank, id) => rank === last && reads[id] === 0).length;
        const facts = readGrowingFacts(await firstRow(growingFactsSql(relation, column, step)));
        const reading = { step, column: column.name, input: 'shop.log', repeats: repeats && step !== null };
        if (repeats && late > 0) {
          expect(codeOf(() => growingRange(facts, reading))).toBe('pipeline.late-rows');
          return;
        }
        const range = growingRange(facts, reading);
        const found = await ids(rangeSql(relation, column, range));
        const wanted = [...ranks.keys()].filter(
          (id) => ranks[id]! > last || (late > 0 && ranks[id] === last),
        );
        expect(found).toEqual(wanted);
        expect(range.rows).toBe(wanted.length);
        for (const id of found) reads[id]!++;
        last = Math.max(last, ...ranks);
        step = { ...BASE, type: typeName(type), value: range.upper, ties: range.ties };
      }
      expect(reads.filter((times) => (repeats ? times !== 1 : times < 1))).toEqual([]);
    }),
    { numRuns: 30 },
  );
});

const BASE = { release: 1, runId: 'run_1', reading: 'growing k of shop.log', type: null };

function relationOf(type: DataType, values: (string | null)[]): string {
  const rows = values.map((value, id) => {
    return `(${id}, CAST(${value === null ? 'NULL' : quoteLiteral(value)} AS ${duckdbType(type)}))`;
  });
  const all = [`(-1, CAST(NULL AS ${duckdbType(type)}))`, ...rows];
  return `SELECT * FROM (VALUES ${all.join(', ')}) AS v (id, "k ""1""") WHERE id >= 0`;
}

async function firstRow(sql: string): Promise<unknown[]> {
  return (await (await duckdb()).runAndReadAll(sql)).getRowsJson()[0]!;
}

async function ids(sql: string): Promise<number[]> {
  const reader = await (await duckdb()).runAndReadAll(`SELECT id FROM (${sql}) ORDER BY id`);
  return reader.getRowsJson().map(([id]) => Number(id));
}

function codeOf(work: () => unknown): string | null {
  try {
    work();
    return null;
  } catch (error) {
    return isMeshError(error) ? error.code : String(error);
  }
}

test('a key that is NULL somewhere, absent or without order is refused', () => {
  const long: Column = { name: 'Id', type: { kind: 'long' }, required: false };
  const flag: Column = { name: 'flag', type: { kind: 'boolean' }, required: false };
  expect(growingColumn('id', 'shop.log', [long, flag])).toBe(long);
  expect(codeOf(() => growingColumn('other', 'shop.log', [long]))).toBe('pipeline.bookmark-column');
  expect(codeOf(() => growingColumn('flag', 'shop.log', [flag]))).toBe('pipeline.bookmark-column');
  const facts = { upper: '3', nulls: 1, ties: 1, lowerTies: 0, above: 3 };
  const reading = { step: null, column: 'id', input: 'shop.log', repeats: false };
  expect(codeOf(() => growingRange(facts, reading))).toBe('pipeline.bookmark-column');
});

test('an input that has shrunk or is empty leaves the bookmark where it is', () => {
  const step: BookmarkStep = { ...BASE, value: '7', ties: 2 };
  const reading = { step, column: 'id', input: 'shop.log', repeats: true };
  const shrunk = { upper: '5', nulls: 0, ties: 1, lowerTies: 0, above: 0 };
  expect(growingRange(shrunk, reading)).toMatchObject({ lower: '7', upper: '7', ties: 2, rows: 0 });
  const empty = { upper: null, nulls: 0, ties: 0, lowerTies: 0, above: 0 };
  expect(growingRange(empty, reading)).toMatchObject({ upper: '7', ties: 2, rows: 0 });
  expect(growingRange(empty, { ...reading, step: null })).toMatchObject({ upper: null, rows: 0 });
});

test.each([
  ['long', 'string', false],
  ['string', 'long', false],
  ['timestamp', 'string', false],
  ['decimal(9,2)', 'long', false],
  ['decimal(9,2)', 'decimal(9,1)', false],
  ['timestamp', 'date', false],
  ['timestamp', 'timestamptz', false],
  ['long', 'int', true],
  ['int', 'decimal(9,2)', true],
  ['decimal(9,2)', 'decimal(12,3)', true],
  ['date', 'timestamp', true],
  [null, 'string', true],
])('a bookmark at a %s may go on with a %s: %s', (before, now, isAllowed) => {
  const kind = now.startsWith('decimal') ? 'decimal' : now;
  const [precision, scale] = (now.match(/\d+/g) ?? []).map(Number);
  const type = { kind, ...(kind === 'decimal' ? { precision, scale } : {}) } as DataType;
  const step = { ...BASE, value: '9', ties: 1, type: before };
  const code = codeOf(() => needOrder({ name: 'k', type, required: false }, step, 'shop.log'));
  expect(code).toBe(isAllowed ? null : 'pipeline.bookmark-column');
});
