import { z } from 'zod';
import { authorize } from '../audit/decisions.ts';
import { recordChange, ruledBy } from '../audit/record-change.ts';
import { typeName } from '../base/data-type.ts';
import { operation } from '../identity/context.ts';
import { recordCrawl } from './record-crawl.ts';
import { readSourceRow } from './store.ts';

export const TABLE_VIEW = z.object({
  name: z.string(),
  format: z.string(),
  columns: z.array(z.object({ name: z.string(), type: z.string() })),
  partitionColumns: z.array(z.string()),
  files: z.number(),
  rows: z.number(),
  bytes: z.number(),
});

export const crawlSource = operation({
  name: 'source.crawl',
  summary: 'Look at a source and record its tables, columns, partitions, rows and bytes, and what changed.',
  effect: 'write',
  http: { method: 'POST', path: '/sources/:domain/:source/crawl' },
  scope: 'write',
  input: z.object({ domain: z.string(), source: z.string() }),
  output: z.object({
    tables: z.array(TABLE_VIEW),
    changes: z.array(z.string()),
    problems: z.array(
      z.object({
        severity: z.enum(['error', 'warning']),
        message: z.string(),
        place: z.string().optional(),
        table: z.string().optional(),
      }),
    ),
  }),
  async run(context, input) {
    const source = await readSourceRow(context.database.reader, input.domain, input.source);
    const granted = await authorize(context, {
      action: 'source.crawl',
      resource: { type: 'Source', domain: source.domain, source: source.name },
      scope: { domainId: source.domainId },
    });
    const crawl = await recordCrawl(context, source, { signal: context.request.signal });
    await context.database.transact((transaction) =>
      recordChange(context, transaction, {
        action: 'source.crawl',
        object: source.id,
        domainId: source.domainId,
        ...ruledBy(granted),
        facts: { tables: crawl.tables.map(({ name }) => name) },
      }),
    );
    return { tables: crawl.tables.map(viewTable), changes: crawl.changes, problems: crawl.problems };
  },
});

export function viewTable(table: Awaited<ReturnType<typeof recordCrawl>>['tables'][number]) {
  return {
    name: table.name,
    format: table.format,
    columns: table.columns.map(({ name, type }) => ({ name, type: typeName(type) })),
    partitionColumns: table.partitionColumns,
    files: table.files.length,
    rows: table.rows,
    bytes: table.bytes,
  };
}
