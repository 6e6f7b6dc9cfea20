import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Compression, CsvReader, Encoding, JsonReader } from '../../ingest/crawled-table.ts';
import { countCsvRows, eraseCsvRows } from './csv-rows.ts';
import { countJsonRows, eraseJsonRows, partsWithout } from './json-rows.ts';
import { rowTest } from './row-test.ts';

let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'crossdock-rows-'))));
afterAll(() => rm(folder, { recursive: true, force: true }));

const ANNA = { given: 'C1', keys: ['C1'], identifiers: ['anna@example.com'] };
const isAnna = rowTest(
  [
    { column: 'id', role: 'key' },
    { column: 'email', role: 'identifier' },
  ],
  ANNA,
);

const PACK = { none: (bytes: Buffer) => bytes, gzip: gzipSync, zstd: zstdCompressSync };
const UNPACK = { none: (bytes: Buffer) => bytes, gzip: gunzipSync, zstd: zstdDecompressSync };

function csv(more: Partial<CsvReader> = {}): CsvReader {
  const dialect = { delimiter: ',', quote: '"', escape: '"', header: true };
  const packing = { compression: 'none' as const, encoding: 'utf-8' as const, nullValues: [] };
  return { format: 'csv', ...dialect, ...packing, ...more };
}

async function eraseCsv(content: Buffer, reader: CsvReader, columns = ['id', 'email', 'note']) {
  const path = join(folder, 'rows.csv');
  await writeFile(path, PACK[reader.compression](content), { mode: 0o640 });
  const rows = { path, reader, columns, isSubject: isAnna };
  const count = await countCsvRows(rows);
  await eraseCsvRows(rows, async () => undefined);
  return { count, left: UNPACK[reader.compression](await readFile(path)) };
}

test.each(['none', 'gzip', 'zstd'] as Compression[])(
  'the rows of a packed file go and every other byte stays: %s',
  async (compression) => {
    const text =
      'id,email,note\r\nC1,x,"a\r\n""b"""\r\n\r\nC2,Anna@Example.com ,\r\nC3,c@d.e,"C1, not"\r\nC1,,';
    const { count, left } = await eraseCsv(Buffer.from(text), csv({ compression }));
    expect([count, left.toString()]).toEqual([3, 'id,email,note\r\n\r\nC3,c@d.e,"C1, not"\r\n']);
    expect((await stat(join(folder, 'rows.csv'))).mode & 0o777).toBe(0o640);
  },
);

test.each([
  ['utf-8-mark', (text: string) => Buffer.from(`\uFEFF${text}`)],
  ['windows-1252', (text: string) => Buffer.from(text, 'latin1')],
  ['utf-16le', (text: string) => Buffer.from(`\uFEFF${text}`, 'utf16le')],
  ['utf-16be', (text: string) => Buffer.from(`\uFEFF${text}`, 'utf16le').swap16()],
] as [Encoding, (text: string) => Buffer][])('in every encoding: %s', async (encoding, encode) => {
  const reader = csv({ encoding, delimiter: ';' });
  const { count, left } = await eraseCsv(encode('id;email;note\nC2;ä;ö\nC1;é;\nC3;ü;\n'), reader);
  expect(count).toBe(1);
  expect(left.equals(encode('id;email;note\nC2;ä;ö\nC3;ü;\n'))).toBe(true);
});

test('whatever the records are, those of the subject go, byte for byte, and no others', async () => {
  const field = fc.oneof(
    fc.constantFrom('C1', ' C1', 'C10', 'anna@example.com', ''),
    fc.string({ maxLength: 6 }),
  );
  const record = fc.tuple(field, field, field);
  await fc.assert(
    fc.asyncProperty(
      fc.array(record, { maxLength: 8 }),
      fc.constantFrom('\n', '\r\n'),
      async (records, end) => {
        const line = (fields: string[]) =>
          `${fields.map((one) => `"${one.replaceAll('"', '""')}"`).join(',')}${end}`;
        const header = `id,email,note${end}`;
        const whole = header + records.map(line).join('');
        const others = records.filter(
          ([id, email]) => !isAnna((name) => [name === 'id' ? id : name === 'email' ? email : '']),
        );
        const { count, left } = await eraseCsv(Buffer.from(whole), csv());
        expect(left.toString()).toBe(header + others.map(line).join(''));
        expect(count).toBe(records.length - others.length);
      },
    ),
    { numRuns: 40 },
  );
});

test('numbers with zeros before them are the same key', async () => {
  const isSeven = rowTest([{ column: 'id', role: 'key' }], { given: '7', keys: ['7'], identifiers: [] });
  expect(isSeven(() => ['0007'])).toBe(true);
  expect(isSeven(() => ['70'])).toBe(false);
});

test('objects go out of lists and lines, and what is left is as it was', async () => {
  const element = fc.record({
    id: fc.constantFrom('C1', 'C2', 'C3'),
    tags: fc.array(fc.string(), { maxLength: 2 }),
  });
  fc.assert(
    fc.property(
      fc.array(element, { maxLength: 6 }),
      fc.constantFrom(0, 2),
      fc.boolean(),
      (elements, indent, isList) => {
        const goes = (text: string) => (JSON.parse(text) as { id: string }).id === 'C1';
        const left = elements.filter(({ id }) => id !== 'C1');
        if (isList) {
          const text = JSON.stringify(elements, null, indent);
          expect(JSON.parse(partsWithout(text, goes).join(''))).toEqual(left);
        } else {
          const lines = (list: object[]) => list.map((one) => `${JSON.stringify(one)}\n`).join('');
          expect(partsWithout(lines(elements), goes).join('')).toBe(lines(left));
        }
      },
    ),
  );
  const reader: JsonReader = { format: 'json', compression: 'gzip', encoding: 'utf-8' };
  const path = join(folder, 'rows.ndjson.gz');
  await writeFile(path, gzipSync('{"id":"C2"}\n{"ID":"C1","email":null}\n{"email":["ANNA@example.com"]}\n'));
  const rows = { path, reader, isSubject: isAnna };
  expect(await countJsonRows(rows)).toBe(2);
  await eraseJsonRows(rows, async () => undefined);
  expect(gunzipSync(await readFile(path)).toString()).toBe('{"id":"C2"}\n');
});
