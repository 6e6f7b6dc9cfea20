import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { LIMITS } from '../base/limits.ts';
import { openBareDuckdb, type BareDuckdb } from './bare-duckdb.ts';
import type { CrawlProblem } from './crawled-table.ts';
import { relationSql } from './relation-sql.ts';
import { leftBehind, makeTestFolder, type TestFolder } from './test-folder.ts';

let duckdb: BareDuckdb;
let folder: TestFolder;

beforeAll(async () => {
  duckdb = await openBareDuckdb();
  return () => duckdb.close();
});
beforeEach(() => {
  folder = makeTestFolder();
});
afterEach(() => {
  expect(leftBehind(folder)).toEqual([]);
  folder.remove();
});

const LINES = Array.from({ length: 5_000 }, (_, at) => `${at},item ${at},${at}.50`).join('\n');
const WHOLE = `id,name,price\n${LINES}\n`;

interface BadFile {
  what: string;
  make(folder: TestFolder): unknown;
  /** The problem that must be among those reported. */
  says: RegExp;
  place?: string;
  severity?: CrawlProblem['severity'];
}

const BAD_FILES: BadFile[] = [
  {
    what: 'a row with too few fields',
    make: (f) => f.write('t.csv', 'a,b,c\n1,2,3\n4,5\n6,7,8\n'),
    says: /has 2 fields, the header has 3/,
    place: 't.csv:3:1',
  },
  {
    what: 'a row with too many fields, far down',
    make: (f) => f.write('t.csv', `${WHOLE}1,2,3,4\n`),
    says: /has 4 fields, the header has 3/,
    place: 't.csv:5002:1',
  },
  {
    what: 'a torn row after a field of several lines',
    make: (f) => f.write('t.csv', 'a,b\n"one\ntwo",2\n3\n'),
    says: /has 1 fields, the header has 2/,
    place: 't.csv:4:1',
  },
  {
    what: 'a quote that never closes',
    make: (f) => f.write('t.csv', `${WHOLE}7,"open,1\n8,x,2\n`),
    says: /never closed/,
    place: 't.csv:5002:3',
  },
  {
    what: 'text after a closing quote',
    make: (f) => f.write('t.csv', `id,name\n${'1,"x, y"\n'.repeat(300)}2,"in"side\n`),
    says: /text follows a closing quote/,
    place: 't.csv:302:7',
  },
  {
    what: 'line ends of two kinds',
    make: (f) => f.write('t.csv', 'a,b\r\n1,2\r\n3,4\n5,6\r\n'),
    says: /ends with LF, the lines before with CRLF/,
    place: 't.csv:3:4',
  },
  {
    what: 'bytes that are not UTF-8, behind the part that is looked at first',
    make: (f) => f.write('t.csv', Buffer.from(`${WHOLE}${LINES}\n${LINES}\n9,\xe9,1\n`, 'latin1')),
    says: /byte 0xE9 is not UTF-8/,
    place: 't.csv:15002:3',
    severity: 'warning',
  },
  {
    what: 'a zero byte',
    make: (f) => f.write('t.csv', 'a,b\n1,x\0y\n'),
    says: /zero byte/,
    place: 't.csv:2:4',
  },
  {
    what: 'a block of zero bytes, as after a power cut',
    make: (f) => {
      f.write('t.csv', 'a,b\n1,2\n');
      truncateSync(join(f.home, 't.csv'), 4096);
    },
    says: /zero byte/,
    place: 't.csv:3:1',
  },
  {
    what: 'no bytes at all',
    make: (f) => f.write('t.csv', ''),
    says: /is empty/,
    place: 't.csv',
    severity: 'warning',
  },
  {
    what: 'blank lines only',
    make: (f) => f.write('t.csv', '\n\n  \n'),
    says: /nothing but blanks/,
    place: 't.csv',
    severity: 'warning',
  },
  {
    what: 'a header without rows',
    make: (f) => f.write('t.csv', 'a,b,c\n'),
    says: /has a header and no rows/,
    place: 't.csv',
    severity: 'warning',
  },
  {
    what: 'names that differ only in case',
    make: (f) => f.write('t.csv', 'name,Name,x\na,b,c\n'),
    says: /names several columns alike \(Name\)/,
    place: 't.csv:1:1',
    severity: 'warning',
  },
  {
    what: 'columns without a name',
    make: (f) => f.write('t.csv', 'a,,b,\n1,2,3,4\n'),
    says: /without a name \(2, 4\)/,
    place: 't.csv:1:1',
    severity: 'warning',
  },
  {
    what: '10,000 columns',
    make: (f) => {
      const header = Array.from({ length: 10_000 }, (_, at) => `column${at}`).join(',');
      f.write('t.csv', `${header}\n${header.replace(/column\d+/g, '1')}\n`);
    },
    says: new RegExp(`10000 columns, the limit is ${LIMITS.columns}`),
    place: 't.csv:1:1',
  },
  {
    what: 'a first line that never ends',
    make: (f) => f.write('t.csv', 'x'.repeat(600_000)),
    says: /first line is longer than/,
    place: 't.csv:1:1',
  },
  {
    what: 'a gzip file that is cut off',
    make: (f) => {
      const packed = gzipSync(WHOLE);
      f.write('t.csv.gz', packed.subarray(0, packed.length - 2_000));
    },
    says: /is cut off: the gzip stream ends too early/,
    place: 't.csv.gz',
  },
  {
    what: 'a zstd file that is cut off',
    make: (f) => {
      const packed = zstdCompressSync(WHOLE);
      f.write('t.csv.zst', packed.subarray(0, packed.length >> 1));
    },
    says: /is cut off: the zstd stream ends too early/,
    place: 't.csv.zst',
  },
  {
    what: 'a gzip file whose checksum does not fit',
    make: (f) => {
      const packed = gzipSync(WHOLE);
      packed[packed.length - 7]! ^= 0xff;
      f.write('t.csv.gz', packed);
    },
    says: /gzip stream cannot be unpacked/,
    place: 't.csv.gz',
  },
  {
    what: 'a gzip bomb',
    make: (f) =>
      f.write('t.csv.gz', gzipSync(Buffer.concat([Buffer.from('a,b\n'), Buffer.alloc(80 << 20, '1,2\n')]))),
    says: /unpacks to more than 300 times/,
    place: 't.csv.gz',
  },
  {
    what: 'a spreadsheet with another name',
    make: (f) => f.write('t.csv', Buffer.concat([Buffer.from('PK\u0003\u0004'), Buffer.alloc(500, 7)])),
    says: /is a zip archive, not text/,
    place: 't.csv',
  },
  {
    what: 'Parquet with another name',
    make: (f) => f.write('t.csv', Buffer.from('PAR1....PAR1')),
    says: /is Parquet, not text/,
    place: 't.csv',
  },
  {
    what: 'Parquet without bytes',
    make: (f) => f.write('t.parquet', ''),
    says: /is empty/,
    place: 't.parquet',
  },
  {
    what: 'Parquet that is cut off',
    make: async (f) => {
      await duckdb.runSql(`COPY (SELECT range AS id FROM range(1000)) TO '${join(f.home, 't.parquet')}'`, []);
      truncateSync(join(f.home, 't.parquet'), 700);
    },
    says: /cut off or is not Parquet/,
    place: 't.parquet',
  },
  {
    what: 'Parquet with a footer of rubbish',
    make: (f) =>
      f.write(
        't.parquet',
        Buffer.concat([
          Buffer.from('PAR1'),
          Buffer.alloc(64, 0xee),
          Buffer.from([40, 0, 0, 0]),
          Buffer.from('PAR1'),
        ]),
      ),
    says: /footer cannot be read/,
    place: 't.parquet',
  },
  {
    what: 'Parquet with an impossible footer length',
    make: (f) =>
      f.write(
        't.parquet',
        Buffer.concat([Buffer.from('PAR1'), Buffer.from([0xff, 0xff, 0xff, 0x7f]), Buffer.from('PAR1')]),
      ),
    says: /footer is longer than the file/,
    place: 't.parquet',
  },
  {
    what: 'encrypted Parquet',
    make: (f) => f.write('t.parquet', Buffer.from('PARE............PARE')),
    says: /encrypted/,
    place: 't.parquet',
  },
  {
    what: 'a bad line of JSON',
    make: (f) => f.write('t.ndjson', '{"a":1}\n{"a":2}\n{"a": nope}\n{"a":4}\n'),
    says: /not valid JSON/,
    place: 't.ndjson:3:7',
  },
  {
    what: 'JSON that ends too early',
    make: (f) => f.write('t.json', '[\n {"a":1},\n {"a":2}\n'),
    says: /ends too early|not valid JSON/,
    place: 't.json:4:1',
  },
  { what: 'JSON without bytes', make: (f) => f.write('t.json', ''), says: /is empty/, severity: 'warning' },
  {
    what: 'a key twice in an object',
    make: (f) => f.write('t.json', '[{"a":1,"a":2}]'),
    says: /cannot be read as JSON/,
    place: 't.json',
  },
  {
    what: 'keys that differ only in case',
    make: (f) => f.write('t.json', '[{"code":1,"Code":2}]'),
    says: /Code differs from another only in case/,
    place: 't.json',
    severity: 'warning',
  },
  {
    what: 'files of one table with different delimiters and columns',
    make: (f) => {
      f.write('t_2026-01.csv', 'a,b\n1,2\n');
      f.write('t_2026-02.csv', 'a;c\n1;2\n');
    },
    says: /lacks b and has c in addition compared with t_2026-01.csv/,
    place: 't_2026-02.csv:1:1',
    severity: 'warning',
  },
  {
    what: 'partition folders of different kinds',
    make: (f) => {
      f.write('t/month=1/x.csv', 'a\n1\n');
      f.write('t/week=1/x.csv', 'a\n1\n');
    },
    says: /partition columns week, those of t\/month=1\/x.csv give month/,
    place: 't/week=1/x.csv',
  },
  {
    what: 'a value that a declared type does not fit',
    make: (f) => f.write('typed.csv', 'id,amount\n1,5\n2,five\n'),
    says: /column amount holds 1 value that is not long, such as "five"/,
    place: 'typed.csv:3',
  },
  {
    what: 'a link that leaves the folder of the domain',
    make: (f) => {
      writeFileSync(join(f.root, 'secret.csv'), 'a\n1\n');
      symlinkSync(join(f.root, 'secret.csv'), join(f.home, 't.csv'));
    },
    says: /leads out of the domain's folder/,
    place: 't.csv',
  },
  {
    what: 'a folder link that leaves the folder of the domain',
    make: (f) => symlinkSync('/etc', join(f.home, 'etc')),
    says: /leads out of the domain's folder/,
    place: 'etc',
  },
  {
    what: 'a folder link in a circle',
    make: (f) => symlinkSync(f.home, join(f.home, 'again')),
    says: /a folder that is already read/,
    place: 'again',
  },
  {
    what: 'a link to nothing',
    make: (f) => symlinkSync(join(f.home, 'gone.csv'), join(f.home, 't.csv')),
    says: /link to nothing/,
    place: 't.csv',
  },
  {
    what: 'a pipe that would never end',
    make: (f) => void execFileSync('mkfifo', [join(f.home, 't.csv')]),
    says: /neither a file nor a folder/,
    place: 't.csv',
    severity: 'warning',
  },
  {
    what: 'folders nested without end',
    make: (f) =>
      mkdirSync(join(f.home, ...Array.from({ length: LIMITS.sourceDepth + 2 }, () => 'd')), {
        recursive: true,
      }),
    says: /nested deeper than/,
  },
];

test.each(BAD_FILES)(
  '$what is reported with its place',
  async ({ make, says, place, severity = 'error' }) => {
    folder.write('good.csv', 'id,name\n1,a\n2,b\n');
    await make(folder);
    const declared = { tables: { typed: { files: 'typed.csv', options: { types: { amount: 'long' } } } } };
    const crawl = await folder.crawl(duckdb.runSql, says.source.includes('amount') ? declared : {});
    const told = crawl.problems.filter(({ message }) => says.test(message));
    expect(told, JSON.stringify(crawl.problems)).not.toEqual([]);
    if (place !== undefined) expect(told.map((problem) => problem.place)).toContain(place);
    expect(told[0]!.severity).toBe(severity);
    // What is wrong with one file keeps nobody from the others.
    const good = crawl.tables.find(({ name }) => name === 'good');
    if (good) expect({ rows: good.rows, damage: good.damage }).toEqual({ rows: 2, damage: [] });
  },
);

test.each(BAD_FILES.filter(({ severity, place }) => severity === undefined && place?.startsWith('t.')))(
  'a table with $what cannot be read by accident',
  async ({ make }) => {
    await make(folder);
    const { tables } = await folder.crawl(duckdb.runSql);
    for (const table of tables) {
      expect(() => relationSql(table, (key) => join(folder.home, key))).toThrow(
        /cannot be read|no files with data/,
      );
    }
  },
);
