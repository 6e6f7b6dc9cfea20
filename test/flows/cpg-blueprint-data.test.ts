import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { duckdbType } from '../../src/base/data-type.ts';
import { describeChecks } from '../../src/contracts/checks.ts';
import { RETAILERS } from '../../src/cpg/demo-stores.ts';
import { type Database, openDatabase } from '../../src/engines/duckdb-database.ts';
import type { TableReference } from '../../src/engines/engine.ts';
import { type GuardedQuery, parseSql } from '../../src/engines/parse-sql.ts';
import { meshColumns, toJsonValue } from '../../src/engines/result-values.ts';
import { crawlSource } from '../../src/ingest/crawl.ts';
import type { CrawlProblem } from '../../src/ingest/crawled-table.ts';
import { writeDemoFiles } from '../../src/ingest/demo-files.ts';
import { openFileSource } from '../../src/ingest/file-source.ts';
import { prepareFiles } from '../../src/ingest/prepare-files.ts';
import { relationSql } from '../../src/ingest/relation-sql.ts';
import type { SourceDocument } from '../../src/ingest/source.ts';
import type { DeclaredDomain } from '../../src/mesh-as-code/declaration.ts';
import { planAccess, type Restriction, type Via } from '../../src/policy/access-plan.ts';
import { compileDuckdbView } from '../../src/policy/compile/duckdb.ts';
import { datasetTags, planTags } from '../../src/policy/dataset-tags.ts';
import { type BlueprintDataset, fullName, readBlueprint } from '../fixtures/cpg-blueprint.ts';
import { checkHolds } from '../fixtures/run-check.ts';

/**
 * The blueprint's statements on the files its generator writes: sources as the crawl types them, other
 * datasets as the access plan of the reading domain shows them.
 */
const { mesh, domains, datasets } = await readBlueprint();
const NOW = '2026-11-23T08:00:00.000Z';

let database: Database;
const root = mkdtempSync(join(tmpdir(), 'crossdock-blueprint-'));
const crawlProblems: CrawlProblem[] = [];
const statements = new Map<BlueprintDataset, GuardedQuery>();

beforeAll(async () => {
  await writeDemoFiles(join(root, 'raw'), { seed: 1, endDate: NOW.slice(0, 10) });
  database = await openDatabase();
  await database.connection.run('CREATE SCHEMA released');
  for (const domain of domains) {
    await database.connection.run(`CREATE SCHEMA "${domain.name}"`);
    for (const source of domain.sources) await viewSource(domain, source);
  }
  for (const dataset of datasets) {
    statements.set(dataset, await parseSql(database.connection, dataset.sql?.text ?? ''));
  }
  await releaseAll();
});

afterAll(() => {
  database?.close();
  rmSync(root, { recursive: true, force: true });
});

async function viewSource(domain: DeclaredDomain, { name, document }: DeclaredDomain['sources'][number]) {
  const { path } = document as SourceDocument;
  const source = await openFileSource({ root: join(root, 'raw'), domain: domain.name, path });
  const runSql = async (sql: string) => {
    const reader = await database.connection.runAndReadAll(sql);
    const columns = meshColumns(reader.columnNames(), reader.columnTypes());
    return { columns, rows: reader.convertRows(toJsonValue) };
  };
  const crawl = await crawlSource({ document: document as SourceDocument, source, runSql });
  crawlProblems.push(...crawl.problems);
  await database.connection.run(`CREATE SCHEMA "${name}"`);
  for (const table of crawl.tables) {
    const scratch = mkdtempSync(join(root, 'scratch-'));
    const { sql } = relationSql(table, await prepareFiles(table, source, scratch));
    await database.connection.run(`CREATE VIEW "${name}"."${table.name}" AS ${sql}`);
  }
}

/** In the order of what reads what; a cycle would leave somebody waiting. */
async function releaseAll(): Promise<void> {
  const released = new Set<BlueprintDataset>();
  while (released.size < datasets.length) {
    const ready = datasets.filter(
      (dataset) => !released.has(dataset) && inputsOf(dataset).every((input) => released.has(input)),
    );
    expect(ready.length).toBeGreaterThan(0);
    for (const dataset of ready) {
      for (const input of inputsOf(dataset)) await viewInput(dataset, input);
      const { canonical } = statements.get(dataset)!;
      await database.connection.run(`CREATE TABLE ${tableOf(dataset)} AS ${canonical}`);
      released.add(dataset);
    }
  }
}

function tableOf({ product, name }: BlueprintDataset): string {
  return `released."${fullName(product)}.${name}"`;
}

function inputsOf(dataset: BlueprintDataset): BlueprintDataset[] {
  const isInput = (table: TableReference) => (other: BlueprintDataset) =>
    other.product.domain === table.schema && other.name === table.name;
  return (statements.get(dataset)?.tables ?? []).flatMap((table) => datasets.filter(isInput(table)));
}

/** The input under its name in SQL, as the plan of the reader's domain shows it. */
async function viewInput(reader: BlueprintDataset, input: BlueprintDataset): Promise<void> {
  const { domain } = reader.product;
  const plan = planAccess({
    dataset: {
      id: input.contract.id,
      domain: input.product.domain,
      product: input.product.name,
      name: input.name,
      columns: input.columns,
      ...planTags(datasetTags({ contract: input.contract, productTags: input.product.tags, domainTags: [] })),
    },
    principal: {
      id: `pipeline of ${domain}`,
      kind: 'service-account',
      domains: [domain],
      attributes: mesh.document.attributes?.domains?.[domain] ?? {},
    },
    via: rightOf(domain, input),
    restrictions: restrictionsOn(input),
    now: NOW,
  });
  const sql = compileDuckdbView(plan, { relation: tableOf(input), querySalt: 'salt of the blueprint' });
  const name = `"${input.product.domain}"."${input.name}"`;
  await database.connection.run(`CREATE OR REPLACE VIEW ${name} AS ${sql}`);
}

/** Its own dataset, or the subscription it declares and the producer grants. */
function rightOf(domain: string, { product }: BlueprintDataset): Via {
  if (product.domain === domain) return { kind: 'own-domain', domain };
  const wanted = domains
    .find(({ name }) => name === domain)
    ?.subscriptions.find((subscription) => subscription.product === fullName(product));
  const grant = product.grants.find((one) => one.domain === domain && one.purpose === wanted?.purpose);
  if (!grant) throw new Error(`${domain} has no grant for ${fullName(product)}`);
  const { granted, purpose, until } = grant;
  return {
    kind: 'subscription',
    id: `${domain} of ${fullName(product)}`,
    domain,
    grant: { ...granted, purpose, until },
  };
}

function restrictionsOn({ product }: BlueprintDataset): Restriction[] {
  const levels = { mesh: mesh.restrictions, product: product.restrictions };
  return (['mesh', 'product'] as const).flatMap((level) =>
    levels[level].map((restriction) => ({ ...restriction, id: `${level} ${restriction.name}`, level })),
  );
}

test('the crawl finds every table and nothing wrong with the files', () => {
  expect(crawlProblems).toEqual([]);
});

test('a statement reads what its input ports name and nothing else', () => {
  for (const dataset of datasets) {
    const { document } = dataset.product;
    const read = inputsOf(dataset).map(({ contract }) => contract.id);
    const port = document.outputPorts?.find(({ name }) => name === dataset.name);
    expect(read.sort()).toEqual((port?.inputContracts ?? []).map(({ id }) => id).sort());
    const inputs = (document.inputPorts ?? []).map(({ contractId }) => contractId);
    expect(read.filter((id) => !inputs.includes(id))).toEqual([]);
  }
});

test('every statement gives exactly the columns and types of its contract', async () => {
  for (const dataset of datasets) {
    const reader = await database.connection.runAndReadAll(`DESCRIBE ${tableOf(dataset)}`);
    const found = reader.getRows().map(([name, type]) => `${String(name)} ${String(type)}`);
    expect(found).toEqual(dataset.columns.map(({ name, type }) => `${name} ${duckdbType(type)}`));
  }
});

test('every contract holds on the data; only what is meant as a warning warns', async () => {
  const failed: string[] = [];
  for (const dataset of datasets) {
    for (const check of describeChecks(dataset.contract)) {
      // Service levels are promises over time, not of one set of files.
      if (check.pointer.startsWith('/slaProperties')) continue;
      if (await checkHolds(database.connection, tableOf(dataset), check)) continue;
      failed.push(`${check.severity}: ${dataset.name}: ${check.title}`);
    }
  }
  expect(failed).toHaveLength(1);
  expect(failed[0]).toMatch(/^warning: sell_out: .*lines match the masters/);
});

async function figures(sql: string): Promise<Record<string, number>> {
  const reader = await database.connection.runAndReadAll(sql);
  const row = reader.getRowObjects()[0] ?? {};
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, Number(value)]));
}

test('the figures are those of a company', async () => {
  const sold = await figures(`SELECT count(*) AS lines, count(DISTINCT week_start) AS weeks,
    sum(net_sales)::DOUBLE AS sales, avg(CASE WHEN data_quality = 'ok' THEN 1.0 ELSE 0.0 END) AS good
    FROM released."sales.sell-out.sell_out"`);
  expect(sold['lines']).toBeGreaterThan(200_000);
  expect(sold['weeks']).toBe(52);
  expect(sold['sales']).toBeGreaterThan(10_000_000);
  expect(sold['good']).toBeGreaterThan(0.999);
  const served = await figures(`SELECT
    (SELECT avg(otif_share)::DOUBLE FROM released."supply-chain.delivery-performance.delivery_weeks") AS otif,
    (SELECT avg(availability)::DOUBLE FROM released."supply-chain.on-shelf-availability.availability_weeks") AS shelf`);
  expect(served['otif']).toBeGreaterThan(0.7);
  expect(served['otif']).toBeLessThan(0.95);
  expect(served['shelf']).toBeGreaterThan(0.95);
  const margin = await figures(`SELECT min(share) AS low, max(share) AS high FROM (
    SELECT (sum(gross_margin) / sum(net_revenue))::DOUBLE AS share
    FROM released."finance.margin.brand_margin" GROUP BY brand)`);
  expect(margin['low']).toBeGreaterThan(0.15);
  expect(margin['high']).toBeLessThan(0.6);
});

test('promotions show: deeper discounts bring more, and all of them more than nothing', async () => {
  const uplift = await figures(`SELECT
    avg(CASE WHEN discount <= 0.15 THEN uplift END)::DOUBLE AS shallow,
    avg(CASE WHEN discount >= 0.3 THEN uplift END)::DOUBLE AS deep
    FROM released."marketing.promotion-uplift.uplift"`);
  expect(uplift['shallow']).toBeGreaterThan(0.2);
  expect(uplift['deep']).toBeGreaterThan(uplift['shallow']! + 0.3);
});

test('the late correction of Lindenmarkt replaced what it corrects', async () => {
  const lindenmarkt = RETAILERS.find(({ code }) => code === 'lindenmarkt')?.gln;
  // The ninth week from the end is sent again with one more unit on every line.
  const units = await figures(`WITH line AS (
      SELECT store_gln, gtin, quantity,
        row_number() OVER (PARTITION BY store_gln, gtin ORDER BY received_at) AS earliest,
        row_number() OVER (PARTITION BY store_gln, gtin ORDER BY received_at DESC) AS latest
      FROM retailer_pos.product_activity
      WHERE retailer_gln = '${lindenmarkt}' AND activity_code = 'QS' AND reporting_start_date = DATE '2026-09-20'
    )
    SELECT
      (SELECT sum(quantity) FROM line WHERE earliest = 1) AS reported,
      (SELECT sum(quantity) FROM line WHERE latest = 1) AS corrected,
      (SELECT sum(units_sold) FROM released."sales.sell-out.sell_out"
        WHERE retailer_gln = '${lindenmarkt}' AND week_start = DATE '2026-09-20') AS published`);
  expect(units['reported']).toBeGreaterThan(0);
  expect(units['corrected']).toBeGreaterThan(units['reported']! + 1000);
  expect(units['published']).toBe(units['corrected']);
});

test('the segments hold only members who agreed, though the statement says nothing of it', async () => {
  const members = await figures(`SELECT
    (SELECT count(*) FROM released."consumer.loyalty-members.members") AS everybody,
    (SELECT count(*) FROM consumer.members) AS shown,
    (SELECT count(*) FROM released."consumer.loyalty-members.members" WHERE marketing_consent) AS agreed`);
  expect(members['shown']).toBe(members['agreed']);
  expect(members['shown']).toBeLessThan(members['everybody']!);
  const reader = await database.connection.runAndReadAll(
    'SELECT * FROM consumer.members ORDER BY member_id LIMIT 50',
  );
  expect(reader.columnNames()).not.toContain('postal_code');
  for (const member of reader.getRowObjectsJson()) {
    expect(member['last_name']).toBeNull();
    expect(member['email']).toMatch(/^[0-9a-f]{64}$/);
    expect(member['birth_date'] ?? '2000-01-01').toMatch(/-01-01$/);
  }
});
