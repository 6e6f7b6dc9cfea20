import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { consumerFiles } from '../../src/cpg/demo-consumers.ts';
import { fileText } from '../../src/cpg/demo-file.ts';
import { makeWorld } from '../../src/cpg/demo-data.ts';
import { subjectColumns } from '../../src/contracts/data-subjects.ts';
import { readMeshFolder } from '../../src/mesh-as-code/read-mesh-folder.ts';
import { datasetTags, personalColumns } from '../../src/policy/dataset-tags.ts';
import { filesHolding } from '../fixtures/byte-search.ts';
import { readBlueprint } from '../fixtures/cpg-blueprint.ts';
import { erase } from '../fixtures/loyalty-mesh.ts';
import { openTestMesh, type TestMesh } from '../fixtures/mesh.ts';

/** The loyalty club of `blueprints/cpg`, with the files its generator writes: a member is forgotten everywhere. */
const FOLDER = fileURLToPath(new URL('../../blueprints/cpg', import.meta.url));

/** What the club reads of other domains names brands in segments, which are counts. */
const READS_OTHERS = /^subscriptions:\n(?: .*\n)+/m;

let mesh: TestMesh;

beforeAll(async () => {
  mesh = await openTestMesh('flows/blueprint-erasure', {
    ownSources: true,
    settings: { CROSSDOCK_SECRET_KEY: '7'.repeat(64) },
  });
  const domain = 'domains/consumer';
  for (const file of consumerFiles(makeWorld({ endDate: '2026-11-23' }))) {
    const text = fileText(file);
    await mesh.source(file.path, file.gzip ? gzipSync(text) : Buffer.from(text));
  }
  const files = await readMeshFolder(FOLDER);
  const own = files.filter(({ path }) => path.startsWith(domain) && !path.includes('shopper-segments'));
  const texts = own.map(({ path, text }) => [path, text.replace(READS_OTHERS, '')]);
  await mesh.apply(Object.fromEntries(texts));
  await mesh.settle();
}, 120_000);
afterAll(() => mesh.close());

test('whatever holds personal data in the blueprint says whose it is', async () => {
  const { datasets } = await readBlueprint();
  const personal = datasets.filter(({ contract, product: { tags } }) => {
    const document = contract as unknown as Record<string, unknown>;
    return personalColumns(datasetTags({ contract: document, productTags: tags, domainTags: [] })).length > 0;
  });
  expect(personal.map(({ name }) => name).sort()).toEqual(['members', 'purchases']);
  const keys = personal.map(({ contract }) => subjectColumns(contract).find(({ role }) => role === 'key'));
  const key = { column: 'member_id', subject: 'member', role: 'key' };
  expect(keys).toEqual([key, key]);
});

test('a member who is erased from the members is erased from the receipts, too', async () => {
  const steward = await mesh.person('david.okoro@larkfield.example');
  const [member] = await steward.rows(
    `SELECT member_id AS id, count(*) AS receipts FROM consumer.purchases GROUP BY member_id
     ORDER BY receipts DESC, id LIMIT 1`,
  );
  const id = String(member!['id']);
  expect(Number(member!['receipts'])).toBeGreaterThan(5);
  const asked = { product: 'consumer.loyalty-members', subject: id };
  const planned = await erase(steward, { ...asked, dryRun: true });
  expect(planned.datasets).toMatchObject([
    { dataset: 'consumer.loyalty-members.members', outcome: 'erased', rows: 1 },
    { dataset: 'consumer.loyalty-purchases.purchases', outcome: 'erased', rows: member!['receipts'] },
  ]);
  const done = await erase(steward, asked);
  expect([done.error, done.remains, done.found, done.complete]).toEqual([null, [], [], true]);
  expect(done.notLookedInto).toEqual({ datasets: [], others: 0 });
  expect(await steward.rows(`SELECT 1 FROM consumer.purchases WHERE member_id = '${id}'`)).toEqual([]);
  expect(await filesHolding(join(mesh.folder, 'data'), [id])).toEqual([]);
}, 120_000);
