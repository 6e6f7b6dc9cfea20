import { mkdtempSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { RunSql } from './crawl-context.ts';
import { crawlSource } from './crawl.ts';
import type { Crawl, CrawledTable } from './crawled-table.ts';
import { openFileSource } from './file-source.ts';
import { prepareFiles } from './prepare-files.ts';
import type { RawSource } from './raw-source.ts';
import { relationSql } from './relation-sql.ts';
import type { SourceDocument } from './source.ts';

/** A root of raw data with the domain `sales`, for the tests of this folder. */
export interface TestFolder {
  root: string;
  /** The folder of the domain. */
  home: string;
  scratch: string;
  write(key: string, content: string | Buffer): void;
  open(path?: string): Promise<RawSource>;
  crawl(runSql: RunSql, document?: Partial<SourceDocument>): Promise<Crawl>;
  remove(): void;
}

export function makeTestFolder(): TestFolder {
  const root = mkdtempSync(join(tmpdir(), 'crossdock-ingest-'));
  const home = join(root, 'raw', 'sales');
  const scratch = join(root, 'scratch');
  mkdirSync(home, { recursive: true });
  mkdirSync(scratch);
  const open = (path = '.') => openFileSource({ root: join(root, 'raw'), domain: 'sales', path });
  return {
    root,
    home,
    scratch,
    open,
    write(key, content) {
      mkdirSync(dirname(join(home, key)), { recursive: true });
      writeFileSync(join(home, key), content);
    },
    async crawl(runSql, document = {}) {
      const full: SourceDocument = { kind: 'files', path: '.', ...document };
      const source = await open(full.path);
      return crawlSource({ document: full, source, runSql, scratchRoot: scratch });
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** Rows of a statement over the table, which it calls `t`. */
export async function queryTable(
  folder: TestFolder,
  table: CrawledTable,
  run: { runSql: RunSql; sql: string },
): Promise<unknown[][]> {
  const copies = mkdtempSync(join(folder.scratch, 'copies-'));
  try {
    const localFile = await prepareFiles(table, await folder.open(), copies);
    const relation = relationSql(table, localFile);
    return (await run.runSql(`WITH t AS (${relation.sql}) ${run.sql}`, relation.files)).rows;
  } finally {
    rmSync(copies, { recursive: true });
  }
}

export function leftBehind(folder: TestFolder): string[] {
  return readdirSync(folder.scratch);
}
