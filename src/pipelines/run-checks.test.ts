import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestPool } from '../../test/fixtures/queries/test-pool.ts';
import { quoteLiteral } from '../base/data-type.ts';
import { describeChecks } from '../contracts/checks.ts';
import { readDatasetContract } from '../contracts/read-contract.ts';
import type { DuckdbPool } from '../engines/duckdb-pool.ts';
import { mayRelease, type ReferencedRows, runChecks } from './run-checks.ts';

let pool: DuckdbPool;
let folder: string;

beforeAll(() => {
  pool = startTestPool();
  folder = mkdtempSync(join(tmpdir(), 'crossdock-checks-'));
});

afterAll(async () => {
  await pool.close();
  rmSync(folder, { recursive: true });
});

const BUDGET = { timeoutMs: 20_000, memoryBytes: 256 * 1024 * 1024, caller: 'test' };
const NOW = new Date('2026-03-31T12:00:00Z');

/** A file with the rows of a SELECT, as the checks read it. */
async function rowsOf(name: string, select: string) {
  const path = join(folder, `${name}.parquet`);
  const task = { sql: select, relations: [], files: [], trusted: true, ...BUDGET };
  await pool.run({ ...task, output: { kind: 'file', path, format: 'parquet' } });
  const sql = `SELECT * FROM read_parquet(${quoteLiteral(path)})`;
  const described = await pool.run({ ...task, sql, files: [path], output: { kind: 'rows', maxRows: 1 } });
  return { sql, files: [path], columns: described.columns };
}

interface Given {
  /** Properties and what comes after them in the object, as YAML. */
  contract: string;
  /** Entries of `slaProperties`. */
  levels?: string;
  rows: string;
  references?: Record<string, string>;
  releasedAt?: Date;
  previousAt?: Date;
}

let count = 0;

async function check({ contract, levels = '', rows, references = {}, releasedAt, previousAt }: Given) {
  const content = `apiVersion: v3.2.0\nkind: DataContract\nid: a\nversion: 1.0.0\nschema:\n  - name: t\n${contract.replace(/^/gm, '    ')}\nslaProperties:\n${levels === '' ? '  []' : levels.replace(/^/gm, '  ')}\n`;
  const { value } = readDatasetContract({ file: 'a.yaml', content });
  return runChecks({
    engine: pool,
    checks: describeChecks(value),
    relation: await rowsOf(`t${count++}`, rows),
    moment: { now: NOW, releasedAt: releasedAt ?? null, previousAt: previousAt ?? null },
    findReferenced: async ({ object, properties }): Promise<ReferencedRows> => {
      const select = references[object];
      if (select === undefined) return { refused: `${object} is nowhere` };
      return { ...(await rowsOf(`r${count++}`, select)), keys: properties };
    },
    ...BUDGET,
  });
}

const brief = (results: Awaited<ReturnType<typeof check>>) =>
  results.map(({ id, outcome, measured, failures }) => [id, outcome, measured, failures]);

test('library metrics count rows, or their share, with a sample of those that fail', async () => {
  const results = await check({
    rows: `SELECT * FROM (VALUES (1, 'a', 'x'), (1, 'b', 'n/a'), (2, NULL, 'y'), (NULL, 'zz', '')) AS t(k, v, m)`,
    contract: `properties:
  - { name: k, logicalType: integer, physicalType: int, quality: [
      { metric: duplicateValues, mustBe: 1 }, { metric: nullValues, unit: percent, mustBeLessThan: 25 }] }
  - { name: v, logicalType: string, quality: [
      { metric: invalidValues, arguments: { validValues: [a, b] }, mustBe: 0 },
      { metric: invalidValues, arguments: { pattern: '^[a-z]$' }, unit: percent, mustBeLessOrEqualTo: 25 }] }
  - { name: m, logicalType: string, quality: [
      { metric: missingValues, arguments: { missingValues: [n/a, ''] }, mustNotBe: 2, severity: warning }] }
quality:
  - { metric: rowCount, mustBeBetween: [3, 5] }
  - { metric: duplicateValues, arguments: { properties: [k, v] }, mustBe: 0 }`,
  });
  expect(brief(results)).toEqual([
    ['k.duplicateValues', 'passed', 1, 1],
    ['k.nullValues', 'failed', 1, 1],
    ['v.invalidValues', 'failed', 1, 1],
    ['v.invalidValues-2', 'passed', 1, 1],
    ['m.missingValues', 'failed', 2, 2],
    ['t.rowCount', 'passed', 4, 0],
    ['t.duplicateValues', 'passed', 0, 0],
  ]);
  expect(results[0]!.sample).toEqual({
    columns: ['k', 'v', 'm'],
    rows: [
      [1, 'a', 'x'],
      [1, 'b', 'n/a'],
    ],
  });
  expect(results[2]!.sample!.rows).toEqual([[null, 'zz', '']]);
  expect(results.every(({ elapsedMs }) => elapsedMs > 0)).toBe(true);
  expect(mayRelease(results.filter(({ outcome }) => outcome !== 'failed'))).toBe(true);
  expect(mayRelease(results)).toBe(false);
});

test('a rule on one item of a list or map fails the row that holds it', async () => {
  const results = await check({
    rows: `SELECT * FROM (VALUES
      ([{'sku': 'A1', 'tags': ['x']}], MAP {'de': 'gut'}), ([{'sku': 'A2', 'tags': ['x', 'Y']}, {'sku': NULL, 'tags': []}], MAP {'DE': NULL}),
      (NULL, NULL)) AS t(lines, names)`,
    contract: `properties:
  - name: lines
    logicalType: array
    items:
      logicalType: object
      properties:
        - { name: sku, logicalType: string, required: true }
        - { name: tags, logicalType: array, items: { logicalType: string, logicalTypeOptions: { pattern: '^[a-z]$' } } }
  - name: names
    logicalType: map
    map:
      key: { logicalType: string, logicalTypeOptions: { pattern: '^[a-z]+$' } }
      value: { logicalType: string, required: true }`,
  });
  expect(brief(results)).toEqual([
    ['lines.[].sku.required', 'failed', 1, 1],
    ['lines.[].tags.[].pattern', 'failed', 1, 1],
    ['names.{key}.pattern', 'failed', 1, 1],
    ['names.{value}.required', 'failed', 1, 1],
  ]);
});

test('relationships count orphans, by several columns and across types; a NULL refers to nothing', async () => {
  const results = await check({
    rows: `SELECT * FROM (VALUES (1, 'N', '7'), (2, 'S', '8'), (3, NULL, '9'), (1, 'S', NULL)) AS t(shop, area, code)`,
    references: {
      shops: `SELECT * FROM (VALUES (1, 'N'), (2, 'S')) AS t(id, area)`,
      codes: `SELECT unnest([7, 8])::BIGINT AS code`,
    },
    contract: `properties:
  - { name: shop, logicalType: integer, physicalType: int }
  - { name: area, logicalType: string }
  - { name: code, logicalType: string, relationships: [{ to: codes.code }, { to: nobody.code }] }
  - { name: boss, logicalType: integer, physicalType: int }
relationships:
  - { from: [t.shop, t.area], to: [shops.id, shops.area] }`,
  });
  expect(brief(results)).toEqual([
    ['code.reference', 'failed', 1, 1],
    ['code.reference-2', 'not-run', null, 0],
    ['t.reference', 'failed', 1, 1],
  ]);
  expect(results[0]!.sample!.rows).toEqual([[3, null, '9']]);
  expect(results[2]!.sample!.rows).toEqual([[1, 'S', null]]);
  expect(results[1]!.error).toBe('nobody is nowhere');
});

test('a query of the contract is guarded, gives one value, and its failure is said', async () => {
  const results = await check({
    rows: 'SELECT 1 AS a, -5 AS b UNION ALL SELECT 2, 3',
    contract: `properties:
  - { name: a, logicalType: integer, physicalType: int }
  - { name: b, logicalType: integer, physicalType: int, quality: [
      { id: least, type: sql, query: 'SELECT min({property}) FROM \${object}', mustBeGreaterThan: -10 }] }
quality:
  - { id: several, type: sql, query: 'SELECT a FROM {object}', mustBe: 1 }
  - { id: file, type: sql, query: "SELECT count(*) FROM read_csv('/etc/passwd')", mustBe: 0 }
  - { id: other, type: sql, query: 'SELECT count(*) FROM secrets.keys', mustBe: 0 }
  - { id: write, type: sql, query: 'DELETE FROM {object}', mustBe: 0 }
  - { id: empty, type: sql, query: 'SELECT a FROM {object} WHERE a > 9', mustBe: 0 }`,
  });
  expect(results.map(({ id, outcome, measured }) => [id, outcome, measured])).toEqual([
    ['least', 'passed', -5],
    ['several', 'failed', null],
    ['file', 'failed', null],
    ['other', 'failed', null],
    ['write', 'failed', null],
    ['empty', 'failed', null],
  ]);
  expect(results[1]!.error).toContain('must give one value');
  expect(results.slice(2, 5).map(({ error }) => error)).toEqual([
    expect.stringContaining('read_csv'),
    expect.stringContaining('secrets.keys'),
    expect.any(String),
  ]);
});

test('an expression that fails is the failure of its check alone', async () => {
  const results = await check({
    rows: `SELECT 'a' AS a, 1 AS b`,
    contract: `properties:
  - { name: a, logicalType: string, logicalTypeOptions: { pattern: '[[:nothing:]]' } }
  - { name: b, logicalType: integer, physicalType: int, required: true }`,
  });
  expect(results).toMatchObject([
    { outcome: 'failed', measured: null, error: expect.any(String) },
    { outcome: 'passed', measured: 0, error: null },
  ]);
});

function levels(rows: string, entries: string, releases: Pick<Given, 'releasedAt' | 'previousAt'> = {}) {
  const contract = `properties:
  - { name: day, logicalType: date }
  - { name: at, logicalType: timestamp }
  - { name: name, logicalType: string }`;
  return check({ contract, levels: entries, rows, ...releases });
}

test('service levels are measured on a column of times, months by the calendar', async () => {
  const rows = `SELECT * FROM (VALUES (DATE '2026-02-28', TIMESTAMP '2026-03-31 06:00:00', 'a'),
    (DATE '2026-02-27', TIMESTAMP '2026-03-30 00:00:00', NULL)) AS t(day, "at", name)`;
  const results = await levels(
    rows,
    `- { id: fresh, property: latency, value: 6, unit: h, element: at }
- { id: stale, property: latency, value: 5, unit: h, element: at }
- { id: month, property: freshness, value: 1, unit: month, element: day }
- { id: kept, property: retention, value: 1, unit: mo, element: day }
- { id: gap, property: frequency, value: 1, unit: d, element: at }
- { id: filled, property: completeness, value: 50, element: name }`,
  );
  expect(
    results.map(({ id, outcome, measured, unit, failures }) => [id, outcome, measured, unit, failures]),
  ).toEqual([
    ['fresh', 'passed', 6, 'hour', 0],
    ['stale', 'failed', 6, 'hour', 0],
    // The 28th of February ends as March begins; the day a month ago is the 28th.
    ['month', 'passed', expect.closeTo(30.5 / 31, 9), 'month', 0],
    ['kept', 'failed', 1, null, 1],
    ['gap', 'failed', 1.25, 'day', 0],
    ['filled', 'passed', 50, 'percent', 1],
  ]);
});

test('without a column it is the release that has an age', async () => {
  const entries = `- { id: old, property: latency, value: 1, unit: d }
- { id: often, property: frequency, value: 1, unit: d }`;
  const rows = `SELECT DATE '2020-01-01' AS day, TIMESTAMP '2020-01-01' AS "at", 'a' AS name`;
  const released = await levels(rows, entries, {
    releasedAt: new Date('2026-03-30T00:00:00Z'),
    previousAt: new Date('2026-03-29T12:00:00Z'),
  });
  expect(released.map(({ id, outcome, measured }) => [id, outcome, measured])).toEqual([
    ['old', 'failed', '1.5'],
    ['often', 'passed', '0.5'],
  ]);
  const file = await levels(rows, entries);
  expect(file.map(({ outcome }) => outcome)).toEqual(['not-run', 'not-run']);
});

test('an empty table has no newest time, and nothing in it is too old or missing', async () => {
  const results = await levels(
    `SELECT DATE '2020-01-01' AS day, TIMESTAMP '2020-01-01' AS "at", 'a' AS name WHERE false`,
    `- { id: fresh, property: latency, value: 6, unit: h, element: at }
- { id: kept, property: retention, value: 1, unit: d, element: day }
- { id: filled, property: completeness, value: 100, element: name }
- { id: text, property: latency, value: 1, unit: d, element: name }`,
  );
  expect(results.map(({ id, outcome }) => [id, outcome])).toEqual([
    ['fresh', 'failed'],
    ['kept', 'passed'],
    ['filled', 'passed'],
    ['text', 'not-run'],
  ]);
});
