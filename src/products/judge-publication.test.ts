import { expect, test } from 'vitest';
import type { ColumnUse } from '../audit/store.ts';
import type { Contract } from '../contracts/odcs.ts';
import { judgePublication } from './judge-publication.ts';
import type { JudgedDataset, Publication, PublicationFacts } from './publication.ts';

interface TestColumn {
  name: string;
  tags?: string[];
  classification?: string;
  physicalType?: string;
}

function contractOf(columns: TestColumn[], more: Partial<Contract> = {}): Contract {
  return {
    apiVersion: 'v3.1.0',
    kind: 'DataContract',
    id: 'members',
    version: '1.0.0',
    status: 'active',
    schema: [
      {
        name: 'members',
        properties: columns.map(({ physicalType = 'varchar', ...column }) => ({
          logicalType: 'string',
          physicalType,
          ...column,
        })),
      },
    ],
    slaProperties: [{ property: 'frequency', value: 1, unit: 'd' }],
    ...more,
  } as Contract;
}

const PLAIN = contractOf([{ name: 'id' }, { name: 'city' }, { name: 'email' }]);

function datasetOf(contract: Contract, more: Partial<JudgedDataset> = {}): JudgedDataset {
  return {
    ...{ name: 'members', description: 'Members.', contract, version: contract.version },
    ...{ hasPipeline: true, released: null, derived: [] },
    ...more,
  };
}

function factsOf(more: Partial<PublicationFacts> = {}): PublicationFacts {
  return {
    ...{ name: 'club.members', description: 'Who belongs to the club.', tags: [], owners: 1 },
    ...{ version: '1.0.0', major: 1, hash: 'a', versions: [], before: null, noticeDays: null },
    datasets: [datasetOf(PLAIN)],
    forbidden: () => [],
    ...more,
  };
}

const messages = (facts: Partial<PublicationFacts>) =>
  judgePublication(factsOf(facts)).problems.map(({ message }) => message);

test('a product with everything a consumer relies on may be offered', () => {
  expect(judgePublication(factsOf())).toEqual({
    ...{ problems: [], warnings: [], before: null, required: null, changes: [], impact: [] },
  });
});

test.each<[string, Partial<PublicationFacts>, RegExp]>([
  ['an owner', { owners: 0 }, /domain club has no owner/],
  ['a description', { description: ' ' }, /has no description/],
  ['a dataset', { datasets: [] }, /has no dataset/],
  ['a described table', { datasets: [datasetOf(PLAIN, { description: '' })] }, /does not describe its table/],
  ['an active contract', { datasets: [datasetOf(contractOf([], { status: 'draft' }))] }, /is draft/],
  ['a service level', { datasets: [datasetOf(contractOf([], { slaProperties: [] }))] }, /no service level/],
  [
    'a classification of personal data',
    { datasets: [datasetOf(contractOf([{ name: 'email', tags: ['personal-data:contact'] }]))] },
    /`email` holds personal data and has no `classification`/,
  ],
  [
    'a version of its own for other content',
    { versions: [{ version: '1.0.0', hash: 'b' }] },
    /was published with other content/,
  ],
])('without %s it is not offered', (_, facts, message) => {
  expect(messages(facts)).toEqual([expect.stringMatching(message)]);
});

test('every problem is told at once', () => {
  expect(messages({ owners: 0, description: '', datasets: [] })).toHaveLength(3);
});

test('personal data with a classification is offered, and policies of the mesh see how much of it there is', () => {
  const contract = contractOf([
    { name: 'email', tags: ['personal-data:contact'], classification: 'personal' },
    { name: 'city', classification: 'internal' },
  ]);
  let seen: Publication | undefined;
  const forbidden = (publication: Publication) => {
    seen = publication;
    return ["forbidden by 'no personal data'"];
  };
  expect(messages({ datasets: [datasetOf(contract)], forbidden })).toEqual([
    "club.members may not be published: forbidden by 'no personal data'",
  ]);
  expect(seen).toMatchObject({
    ...{ personalColumns: 1, columns: 2, columnsWithoutDescription: 2, newMajor: false, breaking: false },
    ...{ classifications: ['internal', 'personal'], serviceLevels: ['frequency'], owners: 1, noticeDays: 0 },
  });
});

const at = (day: number) => new Date(Date.UTC(2026, 0, day));
const useOf = (domain: string, column: string, { uses, day }: { uses: number; day: number }): ColumnUse => ({
  ...{ subscriptionId: `sub_${domain}`, domain, purpose: `${domain} needs it`, datasetId: 'dts_members' },
  ...{ column, uses, lastUsedAt: at(day) },
});

function runningWith(use: ColumnUse[]): PublicationFacts['before'] {
  const dataset = {
    id: 'dts_members',
    name: 'members',
    contract: PLAIN,
    version: '1.0.0',
    text: 'before',
    released: true,
  };
  return { version: '1.0.0', major: 1, datasets: [dataset], consumers: ['a', 'b'], use };
}

const WITHOUT_EMAIL = contractOf([{ name: 'id' }, { name: 'city' }]);

test('a breaking change hits those who read the column, and nobody else', () => {
  const before = runningWith([
    useOf('media', 'EMAIL', { uses: 3, day: 5 }),
    useOf('media', 'city', { uses: 9, day: 8 }),
    useOf('stores', 'city', { uses: 4, day: 9 }),
    { ...useOf('club', 'email', { uses: 1, day: 7 }), subscriptionId: null, purpose: null },
  ]);
  const verdict = judgePublication(
    factsOf({ before, version: '1.1.0', datasets: [datasetOf({ ...WITHOUT_EMAIL, version: '1.1.0' })] }),
  );
  expect(verdict).toMatchObject({ before: '1.0.0', required: 'major' });
  expect(
    verdict.impact.map(({ domain, columns, uses, lastUsedAt }) => [domain, columns, uses, lastUsedAt]),
  ).toEqual([
    ['club', ['email'], 1, '2026-01-07T00:00:00.000Z'],
    ['media', ['EMAIL'], 3, '2026-01-05T00:00:00.000Z'],
  ]);
  const [refusal] = verdict.problems;
  expect(refusal?.message).toContain('a new major version, 2.0.0');
  expect(refusal?.message).toContain('media ("media needs it", sub_media) 3 times, last at 2026-01-05');
  expect(refusal?.message).not.toContain('stores');
});

test('a dataset that goes hits whoever read any of it', () => {
  const before = runningWith([
    useOf('media', 'id', { uses: 2, day: 5 }),
    useOf('stores', 'city', { uses: 4, day: 9 }),
  ]);
  const datasets = [datasetOf(PLAIN, { name: 'others' })];
  const { impact, problems } = judgePublication(factsOf({ before, version: '1.1.0', datasets }));
  expect(impact.map(({ domain }) => domain)).toEqual(['stores', 'media']);
  expect(problems.map(({ message }) => message)).toEqual([expect.stringContaining('no longer offered')]);
});

test('as a new major the same change passes, when the contract’s own version says so too', () => {
  const next = {
    before: runningWith([useOf('media', 'email', { uses: 3, day: 5 })]),
    version: '2.0.0',
    major: 2,
  };
  const passed = judgePublication(
    factsOf({ ...next, datasets: [datasetOf({ ...WITHOUT_EMAIL, version: '2.0.0' })] }),
  );
  expect(passed.problems).toEqual([]);
  expect(passed.impact).toHaveLength(1);
  expect(messages({ ...next, datasets: [datasetOf({ ...WITHOUT_EMAIL, version: '1.9.0' })] })).toEqual([
    expect.stringContaining('must be 2.0.0 or higher, not 1.9.0'),
  ]);
});

test('what was offered as a pre-release may still change', () => {
  const before = { ...runningWith([])!, version: '1.0.0-rc.1' };
  const datasets = [datasetOf({ ...WITHOUT_EMAIL, version: '2.0.0' })];
  expect(messages({ before, version: '1.0.0-rc.2', datasets })).toEqual([]);
});

test('a compatible change needs no major and hits nobody', () => {
  const more = contractOf([{ name: 'id' }, { name: 'city' }, { name: 'email' }, { name: 'country' }]);
  const verdict = judgePublication(
    factsOf({
      ...{ before: runningWith([useOf('media', 'email', { uses: 3, day: 5 })]), version: '1.1.0' },
      datasets: [datasetOf({ ...more, version: '1.1.0' })],
    }),
  );
  expect(verdict).toMatchObject({ required: 'minor', problems: [], warnings: [], impact: [] });
});

test('a contract that promises more under too low a number is advised of the one it needs', () => {
  const more = contractOf([{ name: 'id' }, { name: 'city' }, { name: 'email' }, { name: 'country' }]);
  const verdict = judgePublication(
    factsOf({
      ...{ before: runningWith([]), version: '1.1.0' },
      datasets: [datasetOf({ ...more, version: '1.0.1' })],
    }),
  );
  expect(verdict.problems).toEqual([]);
  expect(verdict.warnings.map(({ message }) => message)).toEqual([
    'the contract members of club.members.members promises more: its version should be 1.1.0 or higher, not 1.0.1',
  ]);
});

test('before the first release of a dataset nothing of it can break anybody', () => {
  const running = runningWith([])!;
  const before = {
    ...running,
    datasets: running.datasets.map((dataset) => ({ ...dataset, released: false })),
  };
  const verdict = judgePublication(
    factsOf({ before, version: '1.1.0', datasets: [datasetOf({ ...WITHOUT_EMAIL, version: '1.1.0' })] }),
  );
  expect(verdict).toMatchObject({
    ...{ problems: [], required: 'minor' },
    changes: [
      { class: 'compatible', code: 'column-removed', message: expect.stringMatching(/nothing .* released/) },
    ],
  });
});

test('rows that no pipeline will bring to the contract have to fit it now', () => {
  const released = [
    { name: 'id', type: { kind: 'string' as const }, required: false },
    { name: 'city', type: { kind: 'string' as const }, required: false },
  ];
  const withOthers = { datasets: [datasetOf(PLAIN, { released, hasPipeline: false })] };
  expect(messages(withOthers)).toEqual([expect.stringMatching(/`email` .* is promised and missing/)]);
  const verdict = judgePublication(factsOf({ datasets: [datasetOf(PLAIN, { released })] }));
  expect([verdict.problems, verdict.warnings.length]).toEqual([[], 1]);
});
