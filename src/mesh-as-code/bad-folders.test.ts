import { afterAll, beforeAll, expect, test } from 'vitest';
import { callerOf, openTestParts, type TestParts } from '../../test/fixtures/context.ts';
import type { Files } from '../../test/fixtures/mesh-files.ts';
import { edited, listFiles, sampleFiles, without } from '../../test/fixtures/sample-mesh.ts';
import { isMeshError, type MeshError } from '../base/errors.ts';
import { applyMesh } from './apply.ts';

/** A folder that is wrong at one place: the change that makes it so, where it is told, and how. */
type Bad = [name: string, change: (files: Files) => Files, place: string, message: RegExp];

const SALES = 'domains/sales';
const PRODUCT = `${SALES}/products/sell-out`;
const ODPS = `${PRODUCT}/product.odps.yaml`;
const CONTRACT = `${PRODUCT}/weeks.odcs.yaml`;
const SQL = `${PRODUCT}/weeks.sql`;
const MARKETING = 'domains/marketing';
const PLAN_SQL = `${MARKETING}/products/media-plan/plan.sql`;

const edit = (path: string, from: string, to: string) => (files: Files) => edited(files, path, [from, to]);
const add = (path: string, text: string) => (files: Files) => ({ ...files, [path]: text });

const setting = (line: string) => (files: Files) => ({ ...files, [PLAN_SQL]: `${line}\n${files[PLAN_SQL]}` });

function sharedContractId(files: Files): Files {
  const taken = 'marketing.media-plan.plan';
  const contract = edited(files, CONTRACT, ['id: sales.sell-out.weeks', `id: ${taken}`]);
  return edited(contract, ODPS, ['contractId: sales.sell-out.weeks', `contractId: ${taken}`]);
}

const BAD: Bad[] = [
  [
    'a setting of a pipeline that there is none of',
    setting('-- purpos: plan media'),
    `${PLAN_SQL}:1:4`,
    /did you mean purpose\?/,
  ],
  [
    'a release that the pipeline does not read',
    setting('-- when: release of any of sales.sell-out.week'),
    `${PLAN_SQL}:1:10`,
    /did you mean sales\.sell-out\.weeks\?/,
  ],
  [
    'a merge by a column that the contract has not',
    setting('-- write: merge\n-- key: wek'),
    `${PLAN_SQL}:2:9`,
    /no column wek/,
  ],
  [
    'partitions to be replaced where there are none',
    setting('-- write: replace partitions'),
    `${PLAN_SQL}:1:11`,
    /partitioned: true/,
  ],
  [
    'new files of a dataset, which has none',
    setting('-- write: append\n-- incremental: files of sales.weeks'),
    `${PLAN_SQL}:2:17`,
    /sales\.weeks is a dataset.*growing COLUMN of sales\.weeks/,
  ],
  [
    'a source named as SQL’s own schemas',
    add(`${SALES}/sources/main.yaml`, 'kind: files\npath: .\n'),
    `${SALES}/sources/main.yaml:1:1`,
    /choose another/,
  ],
  ['broken YAML', edit('mesh.yaml', 'title: Test', 'title: [Test'), 'mesh.yaml:3:1', /./],
  [
    'an unknown key',
    edit('mesh.yaml', 'title: Test', 'tittle: Test'),
    'mesh.yaml:2:1',
    /did you mean `title`/,
  ],
  ['a key twice', edit('mesh.yaml', 'title: Test', 'name: again'), 'mesh.yaml:2:1', /stands twice/],
  ['a wrong type', edit('mesh.yaml', '[open, secret]', 'open'), 'mesh.yaml:4:16', /list/],
  [
    'attributes of an unknown domain',
    edit('mesh.yaml', '{ marketing:', '{ marketting:'),
    'mesh.yaml:6:14',
    /did you mean marketing/,
  ],
  [
    'a restriction without effect',
    edit('mesh.yaml', '    hide: true\n', ''),
    'mesh.yaml:9:5',
    /needs rows, mask or hide/,
  ],
  [
    'a restriction by an unknown tag',
    edit('mesh.yaml', '{ class: [secret] }', '{ clas: [secret] }'),
    'mesh.yaml:10:32',
    /did you mean class/,
  ],
  [
    'a policy that is no Cedar',
    edit('policies/discover.cedar', 'permit (', 'permitt ('),
    'policies/discover.cedar:2:1',
    /./,
  ],
  [
    'a policy without a name',
    edit('policies/discover.cedar', '@id("members find and request")\n', ''),
    'policies/discover.cedar:1:1',
    /@id/,
  ],
  [
    'a file at no place',
    add('domain/sales/domain.yaml', 'name: sales'),
    'domain/sales/domain.yaml:1:1',
    /did you mean domains/,
  ],
  [
    'a file of a product that is none',
    add(`${PRODUCT}/acces.cedar`, ''),
    `${PRODUCT}/acces.cedar:1:1`,
    /did you mean access.cedar/,
  ],
  [
    'a path that leaves the folder',
    add('domains/sales/../x.yaml', ''),
    'domains/sales/../x.yaml:1:1',
    /relative/,
  ],
  [
    'a domain without domain.yaml',
    (files) => without(files, `${SALES}/domain.yaml`),
    `${SALES}/domain.yaml:1:1`,
    /has no domain.yaml/,
  ],
  [
    'a domain called unlike its folder',
    edit(`${SALES}/domain.yaml`, 'name: sales', 'name: seles'),
    `${SALES}/domain.yaml:1:7`,
    /make them the same/,
  ],
  [
    'an unknown role',
    edit(`${SALES}/domain.yaml`, 'role: steward', 'role: stewart'),
    `${SALES}/domain.yaml:6:68`,
    /did you mean `steward`/,
  ],
  [
    'a member twice',
    edit(`${SALES}/domain.yaml`, 'steward@sales', 'Owner@sales'),
    `${SALES}/domain.yaml:6:5`,
    /stands twice/,
  ],
  [
    'a member that is neither',
    edit(`${SALES}/domain.yaml`, 'person: steward@sales.example, ', ''),
    `${SALES}/domain.yaml:6:5`,
    /either a `person`/,
  ],
  [
    'a source called as a domain',
    add(`${SALES}/sources/marketing.yaml`, 'kind: files\npath: .\n'),
    `${SALES}/sources/marketing.yaml:1:1`,
    /name of a domain/,
  ],
  [
    'a source outside its folder',
    edit(`${SALES}/sources/tills.yaml`, 'path: .', 'path: ../x'),
    `${SALES}/sources/tills.yaml:3:7`,
    /inside the domain/,
  ],
  [
    'a product without its document',
    (files) => without(files, ODPS),
    `${ODPS}:1:1`,
    /has no product.odps.yaml/,
  ],
  [
    'a product called unlike its folder',
    edit(ODPS, 'name: sell-out', 'name: sellout'),
    `${ODPS}:4:7`,
    /make them the same/,
  ],
  [
    'a product of another domain',
    edit(ODPS, 'domain: sales', 'domain: store'),
    `${ODPS}:7:9`,
    /folder of domain sales/,
  ],
  ['an unknown status', edit(ODPS, 'status: active', 'status: live'), `${ODPS}:6:9`, /not one of proposed/],
  [
    'a product id twice',
    edit(ODPS, 'id: sales.sell-out', 'id: marketing.media-plan'),
    `${ODPS}:3:5`,
    /give this one its own/,
  ],
  [
    'a port without contract',
    edit(ODPS, 'name: weeks,', 'name: week,'),
    `${ODPS}:11:13`,
    /there is no contract week.odcs.yaml.*did you mean weeks/,
  ],
  [
    'a port with another contract',
    edit(ODPS, 'contractId: sales.sell-out.weeks', 'contractId: other'),
    `${ODPS}:11:62`,
    /names the contract other/,
  ],
  [
    'a contract without port',
    add(`${PRODUCT}/days.odcs.yaml`, 'x: 1'),
    `${PRODUCT}/days.odcs.yaml:1:1`,
    /no output port is called days/,
  ],
  ['a contract id twice', sharedContractId, `${CONTRACT}:3:5`, /give this one its own/],
  [
    'a contract with an unknown type',
    edit(CONTRACT, 'logicalType: integer', 'logicalType: whole'),
    `${CONTRACT}:22:22`,
    /integer/,
  ],
  [
    'a contract that is a draft',
    edit(CONTRACT, 'status: active', 'status: draft'),
    `${CONTRACT}:6:9`,
    /set its `status` to active/,
  ],
  [
    'a tag without such a value',
    edit(CONTRACT, 'class:secret', 'class:secrit'),
    `${CONTRACT}:28:16`,
    /did you mean secret/,
  ],
  [
    'a tag with two values',
    edit(CONTRACT, "['class:secret']", "['class:secret', 'class:open']"),
    `${CONTRACT}:28:32`,
    /a thing has one/,
  ],
  [
    'SQL without contract',
    add(`${PRODUCT}/days.sql`, 'SELECT 1'),
    `${PRODUCT}/days.sql:1:1`,
    /no contract days.odcs.yaml/,
  ],
  ['SQL that is none', edit(SQL, 'SELECT region', 'SELEC region'), `${SQL}:1:1`, /./],
  ['SQL that changes data', edit(SQL, 'SELECT region, units, cost', 'DELETE'), `${SQL}:1:1`, /SELECT/],
  ['SQL that reads a file', edit(SQL, 'tills.receipts', "read_csv('/etc/passwd')"), `${SQL}:1:1`, /read_csv/],
  [
    'SQL of an unknown source',
    edit(SQL, 'tills.receipts', 'till.receipts'),
    `${SQL}:2:6`,
    /did you mean tills.receipts/,
  ],
  [
    'SQL of an unknown table',
    edit(SQL, 'tills.receipts', 'tills.receipt'),
    `${SQL}:2:6`,
    /did you mean tills.receipts/,
  ],
  ['SQL without schema', edit(SQL, 'tills.receipts', 'receipts'), `${SQL}:2:6`, /write the source or domain/],
  ['SQL that reads itself', edit(SQL, 'tills.receipts', 'sales.weeks'), `${SQL}:1:1`, /in a circle/],
  [
    'SQL of an unknown dataset',
    edit(PLAN_SQL, 'sales.weeks', 'sales.week'),
    `${PLAN_SQL}:1:20`,
    /did you mean sales.weeks/,
  ],
  [
    'products that read each other',
    edit(SQL, 'tills.receipts', 'marketing.plan'),
    `${MARKETING}/products/media-plan/plan.sql:1:1`,
    /in a circle/,
  ],
  [
    'a row filter that is none',
    edit(`${PRODUCT}/restrictions.yaml`, 'units > 0', 'units >'),
    `${PRODUCT}/restrictions.yaml:3:11`,
    /of the condition/,
  ],
  [
    'a row filter on no column',
    edit(`${PRODUCT}/restrictions.yaml`, 'units > 0', 'unitz > 0'),
    `${PRODUCT}/restrictions.yaml:3:11`,
    /did you mean units/,
  ],
  [
    'a grant to nobody',
    edit(`${PRODUCT}/grants.yaml`, 'domain: marketing', 'domain: marketin'),
    `${PRODUCT}/grants.yaml:2:13`,
    /did you mean marketing/,
  ],
  [
    'a grant of no column',
    edit(`${PRODUCT}/grants.yaml`, "    rows: region = 'NORTH'", '    columns: [regoin]'),
    `${PRODUCT}/grants.yaml:4:15`,
    /did you mean region/,
  ],
  [
    'a product policy beyond its product',
    edit(`${PRODUCT}/access.cedar`, 'product.request', 'domain.administer'),
    `${PRODUCT}/access.cedar:1:1`,
    /./,
  ],
  [
    'a subscription to nothing',
    edit(`${MARKETING}/domain.yaml`, 'sales.sell-out', 'sales.sellout'),
    `${MARKETING}/domain.yaml:10:14`,
    /did you mean sales.sell-out/,
  ],
  [
    'a subscription to itself',
    edit(`${MARKETING}/domain.yaml`, 'sales.sell-out', 'marketing.media-plan'),
    `${MARKETING}/domain.yaml:10:14`,
    /own/,
  ],
  [
    'a subscription to a draft',
    edit(ODPS, 'status: active', 'status: draft'),
    `${MARKETING}/domain.yaml:10:14`,
    /not published/,
  ],
  [
    'a subscription without purpose',
    edit(`${MARKETING}/domain.yaml`, 'purpose: plan media', "purpose: ''"),
    `${MARKETING}/domain.yaml:11:14`,
    /what the data is used for/,
  ],
  [
    'a character that cannot be stored',
    edit(ODPS, 'purpose: sell-out of', 'purpose: "a\\0b" #'),
    `${ODPS}:9:12`,
    /cannot be stored/,
  ],
];

let mesh: TestParts;
beforeAll(async () => {
  mesh = await openTestParts('bad folders');
});
afterAll(() => mesh.close());

test.each(BAD)('%s is told with its place', async (...[, change, place, message]: Bad) => {
  const error = await refusalOf(change(sampleFiles()));
  const told = error.problems.map((problem) => `${problem.place} ${problem.message}`);
  expect(
    told.filter((text) => text.startsWith(`${place} `) && message.test(text)),
    told.join('\n'),
  ).toHaveLength(1);
  expect(await countRows()).toBe(0);
});

test('all problems are told at once, in the order of files and lines', async () => {
  let files = edited(sampleFiles(), 'mesh.yaml', ['title: Test', 'tittle: Test']);
  files = edited(files, `${SALES}/domain.yaml`, ['name: sales', 'name: seles']);
  files = edited(files, ODPS, ['status: active', 'status: live']);
  const places = (await refusalOf(files)).problems.map(({ place }) => place);
  expect(places).toEqual([`${SALES}/domain.yaml:1:7`, `${ODPS}:6:9`, 'mesh.yaml:2:1']);
});

async function refusalOf(files: Files): Promise<MeshError> {
  const context = mesh.as(callerOf('admin', [], true));
  const error = await applyMesh.run(context, { files: listFiles(files) }).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!isMeshError(error)) throw error ?? new Error('the folder was applied');
  expect(['mesh.invalid', 'mesh.refused']).toContain(error.code);
  return error;
}

/** Rows of everything that an apply writes. */
async function countRows(): Promise<number> {
  const { reader } = mesh.parts.database;
  const tables = [
    'meshes',
    'policies',
    'restrictions',
    'domains',
    'sources',
    'products',
    'runs',
    'changes',
  ] as const;
  let rows = 0;
  for (const table of tables) {
    const { count } = await reader
      .selectFrom(table)
      .select((of) => of.fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    rows += Number(count);
  }
  return rows;
}
