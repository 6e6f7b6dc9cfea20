import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestPool } from '../../../test/fixtures/queries/test-pool.ts';
import { typeName } from '../../base/data-type.ts';
import { readContract } from '../../contracts/read-contract.ts';
import type { DuckdbPool } from '../../engines/duckdb-pool.ts';
import type { Workbench } from './local-table.ts';
import { openPostgresTable } from './postgres-table.ts';
import { postgresType } from './postgres-types.ts';
import type { PostgresPlace } from './store.ts';
import { testTables } from './test-tables.ts';

test('numeric keeps precision and scale by its modifier, and is open without one', () => {
  const name = (modifier: number) => typeName(postgresType('numeric', modifier).type);
  expect([name(((12 << 16) | 2) + 4), name(((38 << 16) | 0) + 4)]).toEqual([
    'decimal(12,2)',
    'decimal(38,0)',
  ]);
  // Without one, with a negative scale, and wider than our decimals.
  for (const modifier of [-1, ((5 << 16) | (-2 & 0x7ff)) + 4, ((100 << 16) | 2) + 4]) {
    expect(postgresType('numeric', modifier)).toMatchObject({ untyped: true, type: { kind: 'string' } });
  }
  expect(['int2', 'timestamptz', 'jsonb'].map((type) => typeName(postgresType(type, -1).type))).toEqual([
    'int',
    'timestamptz',
    'string',
  ]);
});

const url = process.env['CROSSDOCK_TEST_DATABASE_URL'];
const SCHEMA = `t_contract_${process.pid}`;

let pool: DuckdbPool;
let client: pg.Client;
let scratch: string;

beforeAll(async () => {
  if (url === undefined) return;
  pool = startTestPool({ workers: 1 });
  scratch = mkdtempSync(join(tmpdir(), 'crossdock-test-'));
  client = new pg.Client(url);
  await client.connect();
  await client.query(`CREATE SCHEMA "${SCHEMA}"; SET search_path = "${SCHEMA}"; ${TABLES}`);
});

afterAll(async () => {
  if (url === undefined) return;
  await client.query(`DROP SCHEMA "${SCHEMA}" CASCADE`);
  await client.end();
  await pool.close();
  rmSync(scratch, { recursive: true });
});

const TABLES = `
  CREATE DOMAIN amount AS numeric(12,2);
  CREATE TABLE "All types" (id bigint NOT NULL, small smallint, price amount, free numeric, on_sale boolean,
    name varchar(40), day date, at timestamp, tz timestamptz, clock time, ratio double precision, bytes bytea,
    key uuid, doc jsonb, dropped int);
  ALTER TABLE "All types" DROP COLUMN dropped;
  INSERT INTO "All types" VALUES
    (9007199254740993, 1, 10.50, 1.25, true, 'a "quoted", one' || chr(10) || 'line', '2026-01-31', '2026-01-31 12:00:00.123456',
     '2026-01-31 12:00:00+02', '08:30', 0.1, '\\x00ff', 'f79c3e09-677c-4bbd-a479-3f349cb785e7', '{"a": 1}'),
    (2, NULL, -1.00, 12345678901234567890.5, false, '', NULL, NULL, NULL, NULL, 'NaN', NULL, NULL, NULL),
    (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
  CREATE TABLE single (a text);
  INSERT INTO single VALUES (NULL), (''), ('x');`;

function placeOf(text: string): PostgresPlace {
  const { hostname, port, pathname, username, password } = new URL(text);
  return {
    ...{ host: hostname, port: Number(port || 5432), database: pathname.slice(1), tls: false },
    ...{ user: decodeURIComponent(username), password: decodeURIComponent(password) },
  };
}

const bench = (signal = new AbortController().signal): Workbench => ({
  ...{ engine: pool, scratch, memoryBytes: 512 * 1024 ** 2, signal },
});

const open = (name: string, signal?: AbortSignal) =>
  openPostgresTable(bench(signal), placeOf(url!), { schema: SCHEMA, name });

async function rowsOf({ sql, files }: Awaited<ReturnType<typeof open>>) {
  const budget = { timeoutMs: 20_000, memoryBytes: 256 * 1024 ** 2, trusted: true };
  const output = { kind: 'rows' as const, maxRows: 10 };
  return (await pool.run({ sql, files, relations: [], output, ...budget })).rows!;
}

test.runIf(url)(
  'a table comes with the exact types and values of the catalog, and leaves no copy',
  async () => {
    const table = await open('All types');
    expect(table.columns.map(({ name, type }) => `${name} ${typeName(type)}`)).toEqual([
      ...[
        'id long',
        'small int',
        'price decimal(12,2)',
        'free string',
        'on_sale boolean',
        'name string',
        'day date',
      ],
      ...[
        'at timestamp',
        'tz timestamptz',
        'clock time',
        'ratio double',
        'bytes binary',
        'key uuid',
        'doc string',
      ],
    ]);
    expect([...table.untyped]).toEqual(['free']);
    const rows = await rowsOf(table);
    expect(rows[0]!.slice(0, 7)).toEqual([
      ...['9007199254740993', 1, '10.50', '1.25', true, 'a "quoted", one\nline', '2026-01-31'],
    ]);
    expect(rows[0]!.slice(7)).toEqual([
      ...['2026-01-31T12:00:00.123456', '2026-01-31T10:00:00.000Z', '08:30:00', 0.1, 'AP8='],
      ...['f79c3e09-677c-4bbd-a479-3f349cb785e7', '{"a": 1}'],
    ]);
    expect(rows[1]!.slice(2, 6)).toEqual(['-1.00', '12345678901234567890.5', false, '']);
    expect(rows[2]!.slice(1).every((value) => value === null)).toBe(true);
    expect(await rowsOf(await open('single'))).toEqual([[null], [''], ['x']]);
    expect(readdirSync(scratch).filter((name) => name.endsWith('.csv'))).toEqual([]);
  },
);

test.runIf(url)('the checks of a contract run on a table as on a file', async () => {
  const content = `apiVersion: v3.1.0
kind: DataContract
id: a
version: 1.0.0
status: active
schema:
  - name: All types
    properties:
      - { name: id, logicalType: integer, unique: true }
      - { name: price, logicalType: number, required: true, logicalTypeOptions: { minimum: 0 } }
      - { name: free, logicalType: number, physicalType: 'decimal(22,1)' }
      - { name: gone, logicalType: string, required: true }
`;
  const contract = readContract({ file: 'a.yaml', content }).value;
  const [report] = await testTables({
    ...{ ...bench(), contract, places: [0], now: new Date() },
    data: { open: ({ name }) => open(name), openReferenced: async () => null },
  });
  expect(report!.checks.map(({ id, outcome, measured }) => [id, outcome, measured])).toEqual([
    ['schema.id', 'passed', null],
    ['schema.price', 'passed', null],
    ['schema.free', 'passed', null],
    ['schema.gone', 'failed', null],
    ['schema.extra', 'failed', null],
    ['schema.free.type', 'passed', 0],
    ['id.unique', 'failed', 1],
    ['price.required', 'failed', 1],
    ['price.range', 'failed', 1],
    ['gone.required', 'not-run', null],
  ]);
});

test.runIf(url)(
  'what is not there, not allowed or not wanted any more is said, without a password',
  async () => {
    await expect(open('nothing')).rejects.toMatchObject({ code: 'test.data' });
    const wrong = { ...placeOf(url!), port: 1, password: 'secret-word' };
    const refused = await openPostgresTable(bench(), wrong, { schema: 'a', name: 'b' }).catch(
      (error) => error,
    );
    expect(refused).toMatchObject({ code: 'test.database' });
    expect(JSON.stringify([refused.message, refused.facts, refused.fix])).not.toContain('secret-word');
    await expect(open('single', AbortSignal.abort())).rejects.toMatchObject({ code: 'query.cancelled' });
  },
);
