import { afterAll, beforeAll, expect, test } from 'vitest';
import { testDatabase } from '../../test/fixtures/database.ts';
import { type Database, json } from '../store/database.ts';
import type { CrawledTable } from './crawled-table.ts';
import { insertCrawl, listCrawledTables, markCrawlDone } from './store.ts';

let database: Database;
const sourceId = 'src_depot';

beforeAll(async () => {
  database = await testDatabase('ingest/store');
  const at = new Date('2026-11-01T00:00:00Z');
  const document = { document: json({}), text: '', created_at: at, updated_at: at };
  await database.transact(async (transaction) => {
    await transaction
      .insertInto('domains')
      .values({ id: 'dom_supply', name: 'supply', title: 'Supply', description: '', ...document })
      .execute();
    await transaction
      .insertInto('sources')
      .values({ id: sourceId, domain_id: 'dom_supply', name: 'depot', ...document })
      .execute();
  });
});
afterAll(() => database.close());

const begin = (at: string): Promise<string> =>
  database.transact((transaction) => insertCrawl(transaction, sourceId, new Date(at)));

const end = (crawlId: string, rows: number): Promise<void> =>
  database.transact((transaction) =>
    markCrawlDone(transaction, {
      crawlId,
      sourceId,
      tables: [{ name: 'goods', rows } as CrawledTable],
      problems: [],
      changes: [],
      rules: '',
      at: new Date('2026-11-02T00:00:00Z'),
    }),
  );

const rows = async () => (await listCrawledTables(database.reader, sourceId)).map((table) => table.rows);

test('crawls of one source that end together leave the tables of one of them', async () => {
  const crawls = await Promise.all(Array.from({ length: 8 }, () => begin('2026-11-01T01:00:00Z')));
  await Promise.all(crawls.map((crawl, index) => end(crawl, index)));
  expect(await rows()).toHaveLength(1);
});

test('a crawl that looked earlier and ends later does not put its tables back', async () => {
  const earlier = await begin('2026-11-01T02:00:00Z');
  const later = await begin('2026-11-01T03:00:00Z');
  await end(later, 200);
  await end(earlier, 100);
  expect(await rows()).toEqual([200]);
});
