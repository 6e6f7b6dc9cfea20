import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { quoteLiteral } from '../../base/data-type.ts';
import { MeshError } from '../../base/errors.ts';
import type { Parts } from '../../identity/context.ts';
import { readChainHead } from '../store.ts';
import { type ChainRow, hashesAt, listChainRows } from './store.ts';

/** The domain that is the mesh's own: its one source is the chain. */
export const MESH_DOMAIN = 'mesh';

/** A file is written anew until it is full, so it is small. */
const FILE_ROWS = 20_000;
/** Rows of one read: some megabytes at most. */
const PAGE_ROWS = 2_000;

const COLUMNS: Record<keyof ChainRow, string> = {
  sequence: 'BIGINT',
  decided_at: 'TIMESTAMPTZ',
  actor: 'VARCHAR',
  actor_name: 'VARCHAR',
  door: 'VARCHAR',
  address: 'VARCHAR',
  action: 'VARCHAR',
  object: 'VARCHAR',
  domain: 'VARCHAR',
  allowed: 'BOOLEAN',
  reasons: 'VARCHAR[]',
  policies: 'VARCHAR',
  request_id: 'VARCHAR',
  facts: 'VARCHAR',
  hash: 'VARCHAR',
};

/** Rows `after` + 1 to `upTo` of the chain. A name says what is in the file: the last hash stands for all before it. */
interface ChainFile {
  name: string;
  after: number;
  upTo: number;
}

type Needs = Pick<Parts, 'database' | 'engine' | 'settings'>;

/**
 * Makes the files of the chain as the chain is now, each of the same rows however often it is begun anew. A file
 * of a chain that is not ours any more, for the database was restored, goes.
 */
export async function writeChainFiles(
  parts: Needs,
  signal: AbortSignal | undefined,
  fileRows = FILE_ROWS,
): Promise<void> {
  const folder = join(parts.settings.chainFolder, MESH_DOMAIN);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const files = await filesOf(parts, fileRows);
  const names = new Set(files.map(({ name }) => name));
  const found = await readdir(folder);
  // Before the new ones: rows may be missing for a moment, but never there twice.
  for (const name of found) if (!names.has(name)) await rm(join(folder, name), { force: true });
  for (const file of files) if (!found.includes(file.name)) await writeOne(parts, { file, folder, signal });
}

async function filesOf({ database }: Needs, fileRows: number): Promise<ChainFile[]> {
  const { sequence: head } = await readChainHead(database.reader);
  const ranges = Array.from({ length: Math.ceil(head / fileRows) }, (_, index) => {
    const after = index * fileRows;
    return { after, upTo: Math.min(after + fileRows, head) };
  });
  const hashes = await hashesAt(
    database.reader,
    ranges.map(({ upTo }) => upTo),
  );
  return ranges.map((range) => {
    const hash = hashes.get(range.upTo)?.slice(0, 16) ?? 'missing';
    const first = String(range.after + 1).padStart(12, '0');
    return { ...range, name: `changes-${first}-${hash}.parquet` };
  });
}

async function writeOne(
  { database, engine, settings }: Needs,
  { file, folder, signal }: { file: ChainFile; folder: string; signal: AbortSignal | undefined },
): Promise<void> {
  const scratch = await mkdtemp(join(settings.temporaryFolder, 'chain-'));
  try {
    const lines = join(scratch, 'changes.ndjson');
    await pipeline(Readable.from(linesOf(database.reader, file, signal)), createWriteStream(lines));
    const columns = Object.entries(COLUMNS).map(([name, type]) => `'${name}': '${type}'`);
    const path = join(scratch, 'changes.parquet');
    await engine.run(
      {
        sql: `SELECT * FROM read_json(${quoteLiteral(lines)}, format = 'newline_delimited', columns = {${columns.join(', ')}})`,
        relations: [],
        files: [lines],
        output: { kind: 'file', path, format: 'parquet' },
        timeoutMs: settings.crawlMs,
        memoryBytes: settings.workerMemoryBytes,
        caller: `domain ${MESH_DOMAIN}`,
        trusted: true,
      },
      signal,
    );
    await rename(path, join(folder, file.name));
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function* linesOf(
  reader: Needs['database']['reader'],
  { after, upTo }: ChainFile,
  signal: AbortSignal | undefined,
): AsyncGenerator<string> {
  for (let last = after; ;) {
    if (signal?.aborted === true) throw new MeshError('query.cancelled');
    const page = await listChainRows(reader, { after: last, upTo, limit: PAGE_ROWS });
    if (page.length === 0) return;
    last = page.at(-1)!.sequence;
    yield page.map((row) => `${JSON.stringify(row)}\n`).join('');
  }
}
