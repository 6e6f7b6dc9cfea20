import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { quoteLiteral } from '../base/data-type.ts';
import { MeshError } from '../base/errors.ts';
import { FileAnswer } from '../base/file-answer.ts';
import { CONTENT_TYPES } from '../engines/engine.ts';
import { type Context, operation } from '../identity/context.ts';
import { domainsToAudit } from './list-audit.ts';
import { listForExport, readChainHead } from './store.ts';

/** Rows of one read: some megabytes at most. */
const PAGE_ROWS = 2_000;

/** The export's columns, in DuckDB's words; `entry` is the text that was hashed (docs/protocols/audit.md). */
const COLUMNS = `{'sequence': 'BIGINT', 'at': 'TIMESTAMPTZ', 'actor': 'VARCHAR', 'door': 'VARCHAR', 'requestId': 'VARCHAR',
  'action': 'VARCHAR', 'object': 'VARCHAR', 'domainId': 'VARCHAR', 'allowed': 'BOOLEAN', 'reasons': 'VARCHAR[]',
  'address': 'VARCHAR', 'policies': 'VARCHAR',
  'facts': 'VARCHAR', 'hash': 'VARCHAR', 'entry': 'VARCHAR'}`;

export const exportAudit = operation({
  name: 'audit.export',
  summary:
    'The audit as a file, oldest first, with the hashes of its chain: of the domains you own or steward; of all for administrators.',
  effect: 'read',
  http: { method: 'GET', path: '/audit/export' },
  scope: 'read',
  input: z.object({
    format: z.enum(['ndjson', 'parquet']).default('ndjson'),
    since: z.iso.datetime().optional().describe('only rows at or after this moment'),
  }),
  output: z.instanceof(FileAnswer),
  async run(context, { format, since }) {
    const folder = await mkdtemp(join(context.settings.temporaryFolder, 'audit-'));
    const dispose = () => rm(folder, { recursive: true, force: true });
    try {
      const lines = join(folder, 'audit.ndjson');
      const written = { rows: 0 };
      const text = linesOf(context, since === undefined ? undefined : new Date(since), written);
      await pipeline(Readable.from(text), createWriteStream(lines));
      const path = format === 'ndjson' ? lines : await asParquet(context, { lines, folder });
      const headers = { 'x-row-count': String(written.rows) };
      return new FileAnswer({
        path,
        contentType: CONTENT_TYPES[format],
        fileName: `audit.${format}`,
        headers,
        dispose,
      });
    } catch (error) {
      await dispose();
      throw error;
    }
  },
});

/** Page by page, so that an audit of years needs no memory. */
async function* linesOf(
  { database, caller, request }: Context,
  since: Date | undefined,
  written: { rows: number },
): AsyncGenerator<string> {
  const domainIds = domainsToAudit(caller);
  const { sequence: upTo } = await readChainHead(database.reader);
  for (let after = 0; ;) {
    if (request.signal.aborted) throw new MeshError('query.cancelled');
    const page = await listForExport(database.reader, { after, upTo, limit: PAGE_ROWS, domainIds, since });
    if (page.length === 0) return;
    written.rows += page.length;
    after = page.at(-1)!.sequence;
    yield page.map((row) => `${JSON.stringify(row)}\n`).join('');
  }
}

async function asParquet(
  { engine, settings, caller, request }: Context,
  { lines, folder }: { lines: string; folder: string },
): Promise<string> {
  const path = join(folder, 'audit.parquet');
  const sql = `SELECT * FROM read_json(${quoteLiteral(lines)}, format = 'newline_delimited', columns = ${COLUMNS})`;
  await engine.run(
    {
      sql,
      relations: [],
      files: [lines],
      output: { kind: 'file', path, format: 'parquet' },
      timeoutMs: settings.queryMs,
      memoryBytes: settings.workerMemoryBytes,
      caller: caller.id,
      trusted: true,
    },
    request.signal,
  );
  return path;
}
