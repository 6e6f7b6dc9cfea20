import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckdbPool } from '../src/engines/duckdb-pool.ts';
import { readContract } from '../src/contracts/read-contract.ts';
import { openLocalTable } from '../src/pipelines/contract-test/local-table.ts';
import { testTables } from '../src/pipelines/contract-test/test-tables.ts';
import { inBareDuckdb, makeData } from './bare-duckdb.ts';
import { alternate, type Bench, compared, timed } from './bench.ts';

const BAR = 1.3;

/** Twenty rules, each with the query that somebody would write for it alone. */
const RULES: { column: string; rule: string; sql: string }[] = [
  { column: 'id', rule: 'required: true', sql: 'count(*) FILTER (WHERE id IS NULL)' },
  { column: 'id', rule: 'unique: true', sql: 'count(id) - count(DISTINCT id)' },
  { column: 'day', rule: 'required: true', sql: 'count(*) FILTER (WHERE day IS NULL)' },
  {
    column: 'day',
    rule: "logicalTypeOptions: { minimum: '2020-01-01' }",
    sql: "count(*) FILTER (WHERE day < DATE '2020-01-01')",
  },
  { column: 'region', rule: 'required: true', sql: 'count(*) FILTER (WHERE region IS NULL)' },
  {
    column: 'region',
    rule: 'enum: [{ value: NORTH }, { value: SOUTH }, { value: EAST }, { value: WEST }]',
    sql: "count(*) FILTER (WHERE region NOT IN ('NORTH', 'SOUTH', 'EAST', 'WEST'))",
  },
  { column: 'store', rule: 'required: true', sql: 'count(*) FILTER (WHERE store IS NULL)' },
  {
    column: 'store',
    rule: "logicalTypeOptions: { pattern: '^store-[0-9]+$', maxLength: 12 }",
    sql: "count(*) FILTER (WHERE NOT regexp_matches(store, '^store-[0-9]+$'))",
  },
  { column: 'store', rule: '', sql: 'count(*) FILTER (WHERE length(store) > 12)' },
  { column: 'units', rule: 'required: true', sql: 'count(*) FILTER (WHERE units IS NULL)' },
  {
    column: 'units',
    rule: 'logicalTypeOptions: { minimum: 0, maximum: 100 }',
    sql: 'count(*) FILTER (WHERE units < 0 OR units > 100)',
  },
  { column: 'amount', rule: 'required: true', sql: 'count(*) FILTER (WHERE amount IS NULL)' },
  {
    column: 'amount',
    rule: 'logicalTypeOptions: { minimum: 0 }',
    sql: 'count(*) FILTER (WHERE amount < 0)',
  },
];

/** Rules in `quality` and `slaProperties`, as YAML below the properties, with their queries. */
const MORE_SQL = [
  'count(*)',
  'sum(units)',
  "count(*) FILTER (WHERE customer IN ('n/a', '-'))",
  'count(customer) * 100.0 / count(*)',
  'max(day)',
  "count(*) FILTER (WHERE day < DATE '2000-01-01')",
  "count(*) FILTER (WHERE customer IS NULL OR customer = '')",
];

function contractText(): string {
  const columns = new Map<string, string[]>();
  for (const { column, rule } of RULES) columns.set(column, [...(columns.get(column) ?? []), rule]);
  const types: Record<string, string> = { id: 'integer', day: 'date', units: 'integer', amount: 'number' };
  const properties = [...columns].map(
    ([name, rules]) =>
      `      - { name: ${name}, logicalType: ${types[name] ?? 'string'}, ${rules.filter(Boolean).join(', ')} }`,
  );
  return `apiVersion: v3.2.0
kind: DataContract
id: bench
version: 1.0.0
schema:
  - name: lines
    properties:
${properties.join('\n')}
      - name: customer
        logicalType: string
        quality:
          - { metric: missingValues, arguments: { missingValues: [n/a, '-'] }, mustBe: 0 }
          - { metric: missingValues, arguments: { missingValues: [null, ''] }, unit: percent, mustBeLessThan: 2 }
    quality:
      - { metric: rowCount, mustBeGreaterThan: 0 }
      - { type: sql, query: 'SELECT sum(units) FROM {object}', mustBeGreaterThan: 0 }
slaProperties:
  - { property: completeness, value: 90, element: customer }
  - { property: latency, value: 20, unit: y, element: day }
  - { property: retention, value: 30, unit: y, element: day }
`;
}

export const contractTest: Bench = {
  name: 'contract-test',
  async run({ quick }) {
    const rows = quick ? 500_000 : 10_000_000;
    const folder = await mkdtemp(join(tmpdir(), 'crossdock-bench-'));
    const path = join(folder, 'lines.parquet');
    await makeData([`COPY (${linesSql(rows)}) TO '${path}'`]);
    const pool = new DuckdbPool({
      ...{ workers: 2, threads: Math.max(1, Math.ceil(availableParallelism() / 2)), queueLimit: 10 },
      ...{ memoryBytes: 2 * 1024 ** 3, spillFolder: join(folder, 'spill'), spillBytes: 1024 ** 3 },
    });
    const contract = readContract({ file: 'bench', content: contractText() }).value;
    const { signal } = new AbortController();
    const bench = { engine: pool, scratch: folder, memoryBytes: 2 * 1024 ** 3, signal };
    const subject = async () => {
      const open = () => openLocalTable(bench, { path, names: ['lines'], texts: new Set() });
      const data = { open, openReferenced: async () => null };
      const [report] = await testTables({ ...bench, contract, places: [0], data, now: new Date() });
      if (report?.outcome !== 'passed') throw new TypeError(`the checks came to ${JSON.stringify(report)}`);
    };
    const queries = [...RULES.map(({ sql }) => sql), ...MORE_SQL];
    try {
      const times = await alternate({
        rounds: quick ? 2 : 3,
        subject: () => timed(subject),
        yardstick: () =>
          inBareDuckdb(async (bare) => {
            for (const sql of queries) await bare.runAndReadAll(`SELECT ${sql} FROM read_parquet('${path}')`);
          }),
      });
      const yardstick = `the sum of ${queries.length} bare queries`;
      return [
        compared({ subject: `contract test, 20 rules, ${rows / 1e6}M rows`, yardstick, bar: BAR, ...times }),
      ];
    } finally {
      await pool.close();
      await rm(folder, { recursive: true });
    }
  },
};

function linesSql(rows: number): string {
  return `SELECT i AS id, DATE '2024-01-01' + (i % 700)::INTEGER AS day,
    ['NORTH', 'SOUTH', 'EAST', 'WEST'][i % 4 + 1] AS region, 'store-' || i % 500 AS store,
    (i % 50)::INTEGER AS units, (i % 9973)::DOUBLE / 100 AS amount,
    CASE WHEN i % 100 = 0 THEN NULL ELSE 'customer ' || hash(i) % 100000 END AS customer
    FROM range(${rows}) AS r(i)`;
}
