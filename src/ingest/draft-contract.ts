import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { authorize } from '../audit/decisions.ts';
import { type Context, operation } from '../identity/context.ts';
import { runSqlOn } from './crawl-context.ts';
import type { CrawledTable } from './crawled-table.ts';
import { inferContract } from './infer-contract.ts';
import { openSource } from './open-source.ts';
import { prepareFiles } from './prepare-files.ts';
import { profileTable, type TableProfile } from './profile-table.ts';
import { type NamedSource, readCrawledTable, readSourceRow } from './store.ts';

export const draftContract = operation({
  name: 'contract.infer',
  summary:
    'Draft an ODCS contract from a crawled table: types, keys, values and classes as its rows suggest.',
  effect: 'read',
  http: { method: 'POST', path: '/contracts/infer' },
  scope: 'read',
  input: z.object({
    domain: z.string(),
    source: z.string(),
    table: z.string(),
    dataset: z.string().optional().describe('name of the dataset to be; default: the table’s'),
  }),
  output: z.object({ text: z.string() }),
  async run(context, input) {
    const source = await readSourceRow(context.database.reader, input.domain, input.source);
    await authorize(context, {
      action: 'source.read',
      resource: { type: 'Source', domain: source.domain, source: source.name },
      scope: { domainId: source.domainId },
    });
    const table = await readCrawledTable(context.database.reader, source, input.table);
    const dataset = input.dataset ?? datasetName(table.name);
    const profile = await profileRows(context, source, table);
    const seenIn = `${source.domain}/${source.name}/${table.name}`;
    const text = inferContract({
      id: `${source.domain}-${dataset}`,
      dataset,
      domain: source.domain,
      seenIn,
      table,
      profile,
    });
    return { text };
  },
});

/** A name as datasets have them: lower case, letters first. */
function datasetName(table: string): string {
  const name = table
    .toLowerCase()
    .replace(/[^a-z0-9_-]+/g, '_')
    .replace(/^[^a-z]+|[^a-z0-9]+$/g, '');
  return name === '' ? 'dataset' : name.slice(0, 63);
}

async function profileRows(
  context: Context,
  source: NamedSource,
  table: CrawledTable,
): Promise<TableProfile> {
  const { engine, request, settings } = context;
  const raw = await openSource(settings, source);
  const scratch = await mkdtemp(join(settings.temporaryFolder, 'profile-'));
  try {
    const localFile = await prepareFiles(table, raw, scratch);
    const budget = {
      timeoutMs: settings.crawlMs,
      memoryBytes: settings.workerMemoryBytes,
      caller: context.caller.id,
    };
    return await profileTable(table, { runSql: runSqlOn(engine, budget, request.signal), localFile });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
