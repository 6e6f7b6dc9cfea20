import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { openBareDuckdb, type BareDuckdb } from './bare-duckdb.ts';
import type { CsvReader } from './crawled-table.ts';
import { parseRecords } from './csv-dialect.ts';
import { readCsvSql } from './relation-sql.ts';
import { scanCsv } from './scan-csv.ts';

let duckdb: BareDuckdb;
let folder: string;

beforeAll(async () => {
  duckdb = await openBareDuckdb();
  folder = mkdtempSync(join(tmpdir(), 'crossdock-scan-'));
  return () => {
    duckdb.close();
    rmSync(folder, { recursive: true });
  };
});

const READER: CsvReader = {
  format: 'csv',
  compression: 'none',
  encoding: 'utf-8',
  delimiter: ',',
  quote: '"',
  escape: '"',
  header: true,
  nullValues: [],
};

async function* chunks(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

function scan(text: string | Buffer, width: number, size = 1 << 16) {
  return scanCsv(chunks(Buffer.from(text as string), size), { ...READER, width });
}

const field = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', '7', ' ', 'é', '"', '\n', ','), maxLength: 6 }).map(enclosed),
  fc.string({ unit: fc.constantFrom('a', '7', ' ', 'é', '漢'), minLength: 1, maxLength: 6 }),
);

function enclosed(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

const table = fc
  .array(fc.array(field, { minLength: 3, maxLength: 3 }), { minLength: 1, maxLength: 20 })
  .map((rows) => `a,b,c\n${rows.map((row) => `${row.join(',')}\n`).join('')}`);

test('sound CSV has no damage, and the same rows as DuckDB counts, however it is cut into chunks', async () => {
  await fc.assert(
    fc.asyncProperty(table, fc.integer({ min: 1, max: 40 }), async (text, size) => {
      const path = join(folder, 'sound.csv');
      writeFileSync(path, text);
      const answer = await duckdb.runSql(
        `SELECT count(*) FROM ${readCsvSql(READER, { paths: [path], width: 3 })}`,
        [],
      );
      expect(await scan(text, 3, size)).toEqual({ damages: [], rows: Number(answer.rows[0]![0]) });
    }),
    { numRuns: 150 },
  );
});

test('what DuckDB refuses has a damage: a field more or less in one row', async () => {
  await fc.assert(
    fc.asyncProperty(table, fc.boolean(), async (text, more) => {
      const torn = `${text}${more ? '1,2,3,4' : '1,2'}\n`;
      const path = join(folder, 'torn.csv');
      writeFileSync(path, torn);
      const sql = `SELECT count(c2) FROM ${readCsvSql(READER, { paths: [path], width: 3 })}`;
      await expect(duckdb.runSql(sql, [])).rejects.toThrow();
      const { damages } = await scan(torn, 3);
      expect(damages).toMatchObject([{ line: text.split('\n').length, column: 1, kind: 'width' }]);
    }),
    { numRuns: 50 },
  );
});

test('the parser of file starts reads the same fields as DuckDB', async () => {
  await fc.assert(
    fc.asyncProperty(table, async (text) => {
      const path = join(folder, 'fields.csv');
      writeFileSync(path, text);
      const from = readCsvSql({ ...READER, header: false, nullValues: [] }, { paths: [path], width: 3 });
      const { rows } = await duckdb.runSql(`SELECT * FROM ${from}`, []);
      const { records, malformed } = parseRecords(text, READER, { records: Infinity, complete: true });
      expect(malformed).toBe(0);
      expect(records.map((record) => record.map((value) => (value === '' ? null : value)))).toEqual(rows);
    }),
    { numRuns: 100 },
  );
});

test('places count characters, not bytes', async () => {
  const { damages } = await scan('a,b\né漢,"x"y\n', 2);
  expect(damages).toMatchObject([{ line: 2, column: 7, kind: 'quote' }]);
});

test('a character that breaks off is named by its first byte', async () => {
  const { damages } = await scan(Buffer.from('a\nx\xe9y\n', 'latin1'), 1);
  expect(damages).toMatchObject([{ line: 2, column: 2, message: 'byte 0xE9 is not UTF-8' }]);
});

test('a file that is something else is not reported line by line', async () => {
  const { damages } = await scan(`a,b\n${'x\n'.repeat(100_000)}`, 2);
  expect(damages).toHaveLength(20);
});
