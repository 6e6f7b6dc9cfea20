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
import { crossdock } from '../fixtures/command-line.ts';
import { readBlueprint } from '../fixtures/cpg-blueprint.ts';
import { erase, guestFiles } from '../fixtures/loyalty-mesh.ts';
import { openTestMesh, type TestMesh } from '../fixtures/mesh.ts';
import { domainFiles, type Files } from '../fixtures/mesh-files.ts';

/** The loyalty club of `blueprints/cpg`, with the files its generator writes: a member is forgotten everywhere. */
const FOLDER = fileURLToPath(new URL('../../blueprints/cpg', import.meta.url));

/** What the club reads of other domains names brands in segments, which are counts. */
const READS_OTHERS = /^subscriptions:\n(?: .*\n)+/m;

let mesh: TestMesh;
let club: Files;

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
  club = Object.fromEntries(texts);
  await mesh.apply(club);
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

test('personal data that no key tells whose it is was not looked into, and the erasure is not complete', async () => {
  await mesh.apply({ ...club, ...guestFiles('consumer') });
  await mesh.apply({ ...domainFiles('sales'), ...guestFiles('sales') });
  await mesh.settle();
  const steward = await mesh.person('david.okoro@larkfield.example');
  const [first] = await steward.rows('SELECT min(member_id) AS id FROM consumer.members');
  const asked = { product: 'consumer.loyalty-members', subject: String(first!['id']) };
  const around = {
    datasets: [{ dataset: 'consumer.guests.guests', reason: 'personal data, no subject key' }],
    others: 1,
  };
  expect((await erase(steward, { ...asked, dryRun: true })).notLookedInto).toEqual(around);
  const narrow = await erase(steward, { ...asked, dataset: 'members', dryRun: true });
  expect(narrow.notLookedInto.datasets[0]).toEqual({
    dataset: 'consumer.loyalty-purchases.purchases',
    reason: 'it marks the same subjects and was not asked for',
  });
  const done = await erase(steward, asked);
  expect([done.error, done.remains, done.found, done.complete]).toEqual([null, [], [], false]);
  expect(done.notLookedInto).toEqual(around);
  const place = { CROSSDOCK_URL: mesh.mesh.url, CROSSDOCK_TOKEN: steward.token };
  const shown = await crossdock(['erase', 'show', done.id], place);
  expect(shown.stdout).toContain('not looked into: consumer.guests.guests: personal data, no subject key');
  expect(shown.stdout).toContain('not looked into: 1 datasets that you may not discover');
  expect([shown.code, shown.stdout.includes('not everywhere')]).toEqual([1, true]);
  // The audit is read by people who may not discover all of it.
  const { body } = await mesh.administrator.get('/api/v1/audit?limit=50');
  const told = body.entries.find(
    ({ action, object }: any) => action === 'subject.erased' && object === done.id,
  );
  expect([told.facts.notLookedInto, JSON.stringify(told.facts).includes('guests')]).toEqual([2, false]);
}, 120_000);
