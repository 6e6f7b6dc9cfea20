import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { openBareDuckdb } from './bare-duckdb.ts';
import { walkFooter } from './walk-footer.ts';

const duckdb = await openBareDuckdb();
const folder = mkdtempSync(join(tmpdir(), 'crossdock-footer-'));
afterAll(() => {
  duckdb.close();
  rmSync(folder, { recursive: true });
});

async function footerOf(select: string, options = ''): Promise<Buffer> {
  const path = join(folder, 'f.parquet');
  await duckdb.runSql(`COPY (${select}) TO '${path}' (FORMAT parquet${options})`, []);
  const file = readFileSync(path);
  return file.subarray(file.length - 8 - file.readUInt32LE(file.length - 8), -8);
}

const EVERY_TYPE = `SELECT range AS id, 'x' AS name, 1.5::DECIMAL(9,2) AS price, DATE '2026-01-01' AS day, true AS yes,
  {'a': [1, 2], 'b': MAP {'k': 2.5}} AS nested, NULL::BLOB AS bytes, now() AS at, uuid() AS key FROM range(3000)`;
const sound = await footerOf(EVERY_TYPE, ', ROW_GROUP_SIZE 2048');

test.each([
  ['no row', 'SELECT 1 AS a WHERE false', 0],
  ['several row groups of every type', EVERY_TYPE, 3000],
  [
    'more elements than fit a short list',
    `SELECT ${Array.from({ length: 40 }, (_, at) => `${at} AS c${at}`)}`,
    1,
  ],
])('rows of a file with %s', async (_, select, rows) => {
  expect(walkFooter(await footerOf(select))).toMatchObject({ rows });
});

test('files have the same schema when names, types, nesting and order of their columns are the same', async () => {
  const schemaOf = async (select: string, options?: string) =>
    walkFooter(await footerOf(select, options))!.schema;
  const one = await schemaOf('SELECT 1 AS a, 2.5 AS b');
  expect(await schemaOf('SELECT range::INTEGER AS a, 3.5 AS b FROM range(9)', ', COMPRESSION zstd')).toBe(
    one,
  );
  const others = [
    '1 AS b, 2.5 AS a',
    '2.5 AS b, 1 AS a',
    '1::BIGINT AS a, 2.5 AS b',
    '1 AS a, 2.55 AS b',
    '1 AS a',
  ];
  const schemas = [one];
  for (const other of [...others, '1 AS a, {b: 2.5} AS b']) schemas.push(await schemaOf(`SELECT ${other}`));
  expect(new Set(schemas).size).toBe(schemas.length);
});

test('a footer that is cut off anywhere is none', () => {
  fc.assert(
    fc.property(fc.nat(sound.length - 1), (length) => walkFooter(sound.subarray(0, length)) === null),
  );
});

test('a footer that is changed anywhere, and any bytes at all, give an answer or none', () => {
  const change = fc.tuple(fc.nat(sound.length - 1), fc.nat(255));
  const answers = (bytes: Uint8Array) => {
    const found = walkFooter(bytes);
    return found === null || (Number.isSafeInteger(found.rows) && found.rows >= 0);
  };
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 5 }), (changes) => {
      const bytes = Buffer.from(sound);
      for (const [at, value] of changes) bytes[at] = value;
      return answers(bytes);
    }),
    { numRuns: 1000 },
  );
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), answers), { numRuns: 1000 });
});

test.each([
  ['a list of two thousand million elements', [0x19, 0xf5, 0xff, 0xff, 0xff, 0xff, 0x07]],
  [
    'lists of large lists of large lists',
    Array.from({ length: 300 }, () => [0x19, 0xf9, 0xff, 0xff, 0xff, 0x0e]).flat(),
  ],
  ['a map of two thousand million entries', [0x1b, 0xff, 0xff, 0xff, 0xff, 0x07, 0x55]],
  ['a text longer than the footer', [0x18, 0xff, 0xff, 0xff, 0xff, 0x07]],
  ['structures nested without end', Array.from({ length: 100_000 }, () => 0x1c)],
  ['a number without end', [0x15, ...Array.from({ length: 100_000 }, () => 0xff)]],
  ['a type that is none', [0x1e, 0]],
])('%s is refused without being built', (_, bytes) => {
  expect(walkFooter(Buffer.from(bytes))).toBeNull();
});

test.each([1, 2, 3, 4])('a footer without its field %d, which all have, is none', (field) => {
  // version, schema of a root and a column, rows, row groups: each behind its long form, so that any may be left out.
  const element = [0x48, 1, 0x61, 0];
  const fields = [
    [0x05, 2, 2],
    [0x09, 4, 0x2c, ...element, ...element],
    [0x06, 6, 10],
    [0x09, 8, 0x0c],
  ];
  expect(walkFooter(Buffer.from([...fields.flat(), 0]))).toMatchObject({ rows: 5 });
  expect(walkFooter(Buffer.from([...fields.toSpliced(field - 1, 1).flat(), 0]))).toBeNull();
});
