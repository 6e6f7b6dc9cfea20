import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2019 } from 'ajv/dist/2019.js';
import addFormats from 'ajv-formats';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { duckdbType, type Column } from '../../src/base/data-type.ts';
import { describeChecks } from '../../src/contracts/checks.ts';
import { contractTable } from '../../src/contracts/contract-table.ts';
import { type Database, openDatabase } from '../../src/engines/duckdb-database.ts';
import { tableKey } from '../../src/engines/engine.ts';
import { type GuardedQuery, parseSql } from '../../src/engines/parse-sql.ts';
import { meshColumns, toJsonValue } from '../../src/engines/result-values.ts';
import { crawlSource } from '../../src/ingest/crawl.ts';
import type { CrawlProblem } from '../../src/ingest/crawled-table.ts';
import { RETAILERS } from '../../src/cpg/demo-stores.ts';
import { writeDemoFiles } from '../../src/ingest/demo-files.ts';
import { openFileSource } from '../../src/ingest/file-source.ts';
import { prepareFiles } from '../../src/ingest/prepare-files.ts';
import { relationSql } from '../../src/ingest/relation-sql.ts';
import { checkMask } from '../../src/policy/column-mask.ts';
import { decide } from '../../src/policy/decide.ts';
import { preparePolicies, validatePolicies } from '../../src/policy/policies.ts';
import { checkRowFilter } from '../../src/policy/row-filter.ts';
import { readGrant } from '../../src/subscriptions/grant.ts';
import { type BlueprintDataset, type BlueprintProduct, readBlueprint } from '../fixtures/cpg-blueprint.ts';
import { checkHolds } from '../fixtures/run-check.ts';

const standards = process.env['CROSSDOCK_STANDARDS'] ?? '../shared/standards';
const blueprint = readBlueprint();
const products = blueprint.domains.flatMap((domain) => domain.products);
const fullName = ({ domain, name }: BlueprintProduct) => `${domain}.${name}`;
const datasets = products.flatMap((product) => product.datasets.map((dataset) => ({ ...dataset, product })));
type Entry = BlueprintDataset & { product: BlueprintProduct };
const columnsOf = ({ contract }: BlueprintDataset): Column[] => contractTable(contract).columns;
const tableOf = ({ product, name }: Entry) => `"${product.domain}"."${name}"`;

let database: Database;
const root = mkdtempSync(join(tmpdir(), 'crossdock-blueprint-'));
const crawlProblems: CrawlProblem[] = [];
const queries = new Map<Entry, GuardedQuery>();

beforeAll(async () => {
  await writeDemoFiles(join(root, 'raw'), { seed: 1, endDate: '2026-11-23' });
  database = await openDatabase();
  for (const domain of blueprint.domains) {
    for (const source of domain.sources) await makeSourceViews(domain.name, source);
  }
  for (const dataset of datasets) queries.set(dataset, await parseSql(database.connection, dataset.sql));
  await makeTables();
});

afterAll(() => {
  database?.close();
  rmSync(root, { recursive: true, force: true });
});

type SourceOf = (typeof blueprint.domains)[number]['sources'][number];

async function makeSourceViews(domain: string, { name, document }: SourceOf): Promise<void> {
  const source = await openFileSource({ root: join(root, 'raw'), domain, path: document.path });
  const runSql = async (sql: string) => {
    const reader = await database.connection.runAndReadAll(sql);
    const columns = meshColumns(reader.columnNames(), reader.columnTypes());
    return { columns, rows: reader.convertRows(toJsonValue) };
  };
  const crawl = await crawlSource({ document, source, runSql });
  crawlProblems.push(...crawl.problems);
  await database.connection.run(`CREATE SCHEMA "${name}"`);
  for (const table of crawl.tables) {
    const scratch = mkdtempSync(join(root, 'scratch-'));
    const { sql } = relationSql(table, await prepareFiles(table, source, scratch));
    await database.connection.run(`CREATE VIEW "${name}"."${table.name}" AS ${sql}`);
  }
}

/** In the order of what reads what; a cycle would leave somebody waiting. */
async function makeTables(): Promise<void> {
  const made = new Set<string>();
  const known = new Set(
    datasets.map((entry) => tableKey({ schema: entry.product.domain, name: entry.name })),
  );
  for (let waiting = datasets; waiting.length > 0;) {
    const ready = waiting.filter((entry) =>
      reads(entry).every((table) => made.has(tableKey(table)) || !known.has(tableKey(table))),
    );
    expect(ready.length).toBeGreaterThan(0);
    for (const entry of ready) {
      await database.connection.run(`CREATE SCHEMA IF NOT EXISTS "${entry.product.domain}"`);
      await database.connection.run(`CREATE TABLE ${tableOf(entry)} AS ${queries.get(entry)?.canonical}`);
      made.add(tableKey({ schema: entry.product.domain, name: entry.name }));
    }
    waiting = waiting.filter((entry) => !ready.includes(entry));
  }
}

function reads(entry: Entry) {
  return queries.get(entry)?.tables ?? [];
}

test('a company: at least six domains and ten products, each with an owner and a steward', () => {
  expect(blueprint.domains.length).toBeGreaterThanOrEqual(6);
  expect(products.length).toBeGreaterThanOrEqual(10);
  for (const { name, document } of blueprint.domains) {
    expect(document.name).toBe(name);
    expect(document.members?.map(({ role }) => role)).toEqual(
      expect.arrayContaining(['owner', 'steward', 'engineer']),
    );
  }
});

test('every output port has its contract, every contract its output port', () => {
  for (const product of products) {
    const ports = (product.document.outputPorts ?? []).map(({ name, contractId }) => `${name} ${contractId}`);
    const contracts = product.datasets.map(({ name, contract }) => `${name} ${contract.id}`);
    expect(ports.sort()).toEqual(contracts.sort());
  }
  expect(new Set(datasets.map(({ contract }) => contract.id)).size).toBe(datasets.length);
});

test.skipIf(!existsSync(join(standards, 'odcs')))(
  'all documents are valid by the official JSON schemas',
  () => {
    const schemaOf = (file: string) => {
      const ajv = new Ajv2019({ strict: false, allErrors: true });
      (addFormats as unknown as (ajv: Ajv2019) => void)(ajv);
      return ajv.compile(JSON.parse(readFileSync(join(standards, file), 'utf8')));
    };
    const odcs = schemaOf('odcs/schema/odcs-json-schema-v3.1.0.json');
    const odps = schemaOf('odps-bitol/odps-json-schema-v1.0.0.json');
    for (const { contract } of datasets) expect([odcs(contract), odcs.errors]).toEqual([true, null]);
    for (const { document } of products) expect([odps(document), odps.errors]).toEqual([true, null]);
  },
);

test('policies hold to the schema of the mesh', () => {
  expect(blueprint.policies.length).toBeGreaterThanOrEqual(3);
  const problems = blueprint.policies.flatMap(({ file, text, level }) => validatePolicies(text, file, level));
  expect(problems).toEqual([]);
});

test('row filters and masks of grants and restrictions fit the columns they are for', () => {
  for (const product of products) {
    const tables = product.datasets.map((dataset) => ({ name: dataset.name, columns: columnsOf(dataset) }));
    // Throws with every problem.
    for (const { rows, columns, masks } of product.grants) readGrant({ rows, columns, masks }, tables);
    for (const { rowFilter, appliesTo } of product.restrictions) {
      const meant = tables.filter(({ name }) => appliesTo.datasets?.includes(name) ?? true);
      expect(meant.length).toBeGreaterThan(0);
      if (rowFilter) expect(meant.flatMap(({ columns }) => checkRowFilter(rowFilter, columns))).toEqual([]);
    }
  }
});

/** Whether an analyst of a domain may do something about a product, by the policies of the blueprint. */
function may(
  domain: string,
  action: 'product.discover' | 'product.request' | 'product.subscribe',
  name: string,
) {
  const [producer = '', product = ''] = name.split('.');
  const policies = preparePolicies(blueprint.policies);
  const principal = {
    id: `somebody of ${domain}`,
    kind: 'person',
    administrator: false,
    roles: [{ domain, role: 'analyst' }],
    attributes: {},
  } as const;
  const decision = decide({
    action,
    principal: { ...principal, roles: [...principal.roles] },
    resource: { type: 'Product', domain: producer, product },
    context: { now: '2026-11-23T08:00:00.000Z' },
    policies,
  });
  expect(decision.errors).toEqual([]);
  return decision.allowed;
}

test('margin is found by finance and sales and by nobody else', () => {
  const finders = blueprint.domains
    .map(({ name }) => name)
    .filter((name) => may(name, 'product.discover', 'finance.margin'));
  expect(finders).toEqual(['finance', 'sales']);
});

test('a retailer finds what is meant for it, everybody else everything but margin', () => {
  const found = (domain: string) =>
    products.map(fullName).filter((name) => may(domain, 'product.discover', name));
  expect(found('retailer-north')).toEqual([
    'finance.retail-calendar',
    'marketing.promotions',
    'product.item-master',
    'retailer-north.store-stock',
    'sales.sell-out',
  ]);
  expect(found('marketing')).toHaveLength(products.length - 1);
});

test('reference data needs no steward; members of the loyalty club are asked for by marketing only', () => {
  expect(may('marketing', 'product.subscribe', 'product.item-master')).toBe(true);
  expect(may('marketing', 'product.subscribe', 'sales.sell-out')).toBe(false);
  expect(may('marketing', 'product.request', 'consumer.loyalty-members')).toBe(true);
  expect(may('finance', 'product.request', 'consumer.loyalty-members')).toBe(false);
});

test('personal columns are masked or hidden by the mesh, whatever a producer grants', () => {
  const personal = datasets.flatMap(({ contract }) =>
    contractTable(contract).promises.flatMap((promise, index) =>
      promise.tags
        .filter((tag) => tag.startsWith('personal-data:') && tag !== 'personal-data:pseudonym')
        .map((tag) => ({
          kind: tag.slice('personal-data:'.length),
          column: contractTable(contract).columns[index]!,
        })),
    ),
  );
  expect(personal.length).toBeGreaterThanOrEqual(5);
  for (const { kind, column } of personal) {
    const rule = blueprint.restrictions.find(({ appliesTo }) =>
      appliesTo.tags?.['personal-data']?.includes(kind),
    );
    expect([kind, rule?.hide === true || rule?.mask !== undefined]).toEqual([kind, true]);
    if (rule?.mask) expect(checkMask(rule.mask, column.type)).toBeNull();
  }
});

test('tags have a declared key and value', () => {
  const used = [
    ...products.flatMap(({ document }) => document.tags ?? []),
    ...datasets.flatMap(({ contract }) => [
      ...(contract.tags ?? []),
      ...(contract.schema ?? []).flatMap((object) => object.tags ?? []),
      ...contractTable(contract).promises.flatMap(({ tags }) => tags),
    ]),
  ];
  const declared = Object.entries(blueprint.mesh.tags ?? {}).flatMap(([key, values]) =>
    values.map((value) => `${key}:${value}`),
  );
  expect([...new Set(used)].filter((tag) => !declared.includes(tag))).toEqual([]);
});

test('the crawl finds every table and nothing wrong with the files', () => {
  expect(crawlProblems).toEqual([]);
});

test('a pipeline reads its sources, its own datasets and what its input ports name, and nothing else', () => {
  for (const entry of datasets) {
    const { product } = entry;
    const sources = blueprint.domains.find(({ name }) => name === product.domain)?.sources ?? [];
    const fromDatasets = reads(entry).filter(({ schema }) => !sources.some(({ name }) => name === schema));
    const read = fromDatasets.map(
      ({ schema, name }) =>
        datasets.find((other) => other.product.domain === schema && other.name === name)?.contract.id,
    );
    const port = product.document.outputPorts?.find(({ name }) => name === entry.name);
    expect(read.sort()).toEqual((port?.inputContracts ?? []).map(({ id }) => id).sort());
    const inputs = (product.document.inputPorts ?? []).map(({ contractId }) => contractId);
    expect(read.filter((id) => !inputs.includes(id))).toEqual([]);
  }
});

test('what a pipeline reads of other domains is asked for there and granted here, column by column', () => {
  for (const entry of datasets) {
    for (const table of reads(entry)) {
      const producer = datasets.find(
        ({ product, name }) => product.domain === table.schema && name === table.name,
      );
      if (!producer || producer.product.domain === entry.product.domain) continue;
      const consumer = blueprint.domains.find(({ name }) => name === entry.product.domain);
      const wanted = consumer?.document.subscriptions?.find(
        ({ product }) => product === fullName(producer.product),
      );
      const grant = producer.product.grants.find(
        ({ domain, purpose }) =>
          domain === consumer?.name && (purpose === undefined || purpose === wanted?.purpose),
      );
      expect([entry.name, fullName(producer.product), grant !== undefined]).toEqual([
        entry.name,
        fullName(producer.product),
        true,
      ]);
      const available = new Set(grant?.columns ?? columnsOf(producer).map(({ name }) => name));
      const own = new Set(columnsOf(producer).map(({ name }) => name));
      // Unqualified names count for every table in scope: only those of this table are asked of it.
      const read = queries.get(entry)?.columns[tableKey(table)] ?? [];
      expect(read.filter((name) => own.has(name) && !available.has(name))).toEqual([]);
    }
  }
});

test('every statement gives exactly the columns and types of its contract', async () => {
  for (const entry of datasets) {
    const reader = await database.connection.runAndReadAll(`DESCRIBE ${tableOf(entry)}`);
    const found = reader.getRows().map(([name, type]) => `${String(name)} ${String(type)}`);
    expect(found).toEqual(columnsOf(entry).map(({ name, type }) => `${name} ${duckdbType(type)}`));
  }
});

test('every contract holds on the data; only what is meant as a warning warns', async () => {
  const failed: string[] = [];
  for (const entry of datasets) {
    for (const check of describeChecks(entry.contract)) {
      if (await checkHolds(database.connection, tableOf(entry), check)) continue;
      failed.push(`${check.severity}: ${entry.name}: ${check.title}`);
    }
  }
  expect(failed).toHaveLength(1);
  expect(failed[0]).toMatch(/^warning: sell_out: .*lines match the masters/);
});

async function row(sql: string): Promise<Record<string, unknown>> {
  const reader = await database.connection.runAndReadAll(sql);
  return reader.getRowObjects()[0] ?? {};
}

test('the figures are those of a company', async () => {
  const sold =
    await row(`SELECT count(*) AS lines, count(DISTINCT week_start) AS weeks, sum(net_sales)::DOUBLE AS sales,
    avg(CASE WHEN data_quality = 'ok' THEN 1.0 ELSE 0.0 END) AS good FROM sales.sell_out`);
  expect(Number(sold['lines'])).toBeGreaterThan(200_000);
  expect(Number(sold['weeks'])).toBe(52);
  expect(Number(sold['sales'])).toBeGreaterThan(10_000_000);
  expect(Number(sold['good'])).toBeGreaterThan(0.999);
  const delivered = await row('SELECT avg(otif_share)::DOUBLE AS otif FROM "supply-chain".delivery_weeks');
  expect(Number(delivered['otif'])).toBeGreaterThan(0.7);
  expect(Number(delivered['otif'])).toBeLessThan(0.95);
  const shelf = await row('SELECT avg(availability)::DOUBLE AS share FROM "supply-chain".availability_weeks');
  expect(Number(shelf['share'])).toBeGreaterThan(0.95);
  const margin = await row(
    'SELECT min(m) AS low, max(m) AS high FROM (SELECT (sum(gross_margin) / sum(net_revenue))::DOUBLE AS m FROM finance.brand_margin GROUP BY brand)',
  );
  expect(Number(margin['low'])).toBeGreaterThan(0.15);
  expect(Number(margin['high'])).toBeLessThan(0.6);
});

test('promotions show: deeper discounts bring more, and all of them more than nothing', async () => {
  const uplift = await row(`SELECT
    avg(CASE WHEN discount <= 0.15 THEN uplift END)::DOUBLE AS shallow,
    avg(CASE WHEN discount >= 0.3 THEN uplift END)::DOUBLE AS deep FROM marketing.uplift`);
  expect(Number(uplift['shallow'])).toBeGreaterThan(0.2);
  expect(Number(uplift['deep'])).toBeGreaterThan(Number(uplift['shallow']) + 0.3);
});

test('the late correction of Lindenmarkt replaced what it corrects', async () => {
  const lindenmarkt = RETAILERS.find(({ code }) => code === 'lindenmarkt')?.gln;
  // The ninth week from the end is sent again with one more unit on every line.
  const units = await row(`WITH line AS (
      SELECT store_gln, gtin, quantity,
        row_number() OVER (PARTITION BY store_gln, gtin ORDER BY received_at) AS earliest,
        row_number() OVER (PARTITION BY store_gln, gtin ORDER BY received_at DESC) AS latest
      FROM retailer_pos.product_activity
      WHERE retailer_gln = '${lindenmarkt}' AND activity_code = 'QS' AND reporting_start_date = DATE '2026-09-20'
    )
    SELECT
      (SELECT sum(quantity) FROM line WHERE earliest = 1)::BIGINT AS reported,
      (SELECT sum(quantity) FROM line WHERE latest = 1)::BIGINT AS corrected,
      (SELECT sum(units_sold) FROM sales.sell_out
        WHERE retailer_gln = '${lindenmarkt}' AND week_start = DATE '2026-09-20')::BIGINT AS published`);
  expect(Number(units['reported'])).toBeGreaterThan(0);
  expect(Number(units['corrected'])).toBeGreaterThan(Number(units['reported']) + 1000);
  expect(units['published']).toBe(units['corrected']);
});
