import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MeshError } from '../../src/base/errors.ts';
import { compareContracts } from '../../src/contracts/changes/compare-contracts.ts';
import { contractTable } from '../../src/contracts/contract-table.ts';
import type { DuckdbPool } from '../../src/engines/duckdb-pool.ts';
import type { Draft } from '../fixtures/changed-contract.ts';
import { consumerQuery, tableSql } from '../fixtures/consumer-queries.ts';
import { startTestPool } from '../fixtures/queries/test-pool.ts';

/** The law of docs/protocols/contract-changes.md: what is not breaking never makes a consumer's query fail. */

let engine: DuckdbPool;
beforeAll(() => {
  engine = startTestPool({ workers: 2 });
});
afterAll(() => engine.close());

const KINDS: Record<string, () => Draft> = {
  int: () => ({
    logicalType: 'integer',
    physicalType: 'int',
    logicalTypeOptions: { minimum: -50, maximum: 1000 },
  }),
  wide: () => ({ logicalType: 'integer' }),
  money: () => ({ logicalType: 'number', physicalType: 'decimal(10,2)', logicalTypeOptions: { minimum: 0 } }),
  ratio: () => ({ logicalType: 'number' }),
  text: () => ({ logicalType: 'string', logicalTypeOptions: { minLength: 2, maxLength: 8 } }),
  code: () => ({ logicalType: 'string', enum: [{ value: 'north' }, { value: 'south' }, { value: 'west' }] }),
  day: () => ({ logicalType: 'date' }),
  at: () => ({ logicalType: 'timestamp' }),
  flag: () => ({ logicalType: 'boolean' }),
  place: () => ({
    logicalType: 'object',
    properties: [
      { name: 'city', logicalType: 'string', required: true },
      { name: 'floor', logicalType: 'integer', physicalType: 'int' },
    ],
  }),
  list: () => ({
    logicalType: 'array',
    logicalTypeOptions: { minItems: 1 },
    items: { logicalType: 'integer' },
  }),
};

interface Edit {
  name: string;
  /** Picks the column. */
  at: number;
  by: number;
}

type Act = (column: Draft, by: number, contract: Draft) => void;

const option =
  (key: string): Act =>
  (column, by) => {
    const options = column.logicalTypeOptions;
    if (options?.[key] !== undefined) options[key] = by === 0 ? undefined : options[key] + by;
  };
const flag =
  (key: string): Act =>
  (column) =>
    void (column[key] = column[key] === true ? undefined : true);
const table = (contract: Draft): Draft => contract.schema[0];

/** What a producer may do, breaking or not: the comparison says which. */
const ACTS: Record<string, Act> = {
  required: flag('required'),
  unique: flag('unique'),
  primaryKey: flag('primaryKey'),
  deprecated: flag('deprecated'),
  partitioned: flag('partitioned'),
  minimum: option('minimum'),
  maximum: option('maximum'),
  minLength: option('minLength'),
  maxLength: option('maxLength'),
  minItems: option('minItems'),
  bound: (column, by) => {
    if (column.logicalType === 'integer')
      column.logicalTypeOptions = { minimum: by, maximum: by + 100, ...column.logicalTypeOptions };
  },
  value: (column, by) => void column.enum?.push({ value: `v${by}` }),
  noValue: (column) => void column.enum?.pop(),
  noEnum: (column) => void delete column.enum,
  list: (column) =>
    void (column.enum ??= column.logicalType === 'string' ? [{ value: 'aaa' }, { value: 'bbb' }] : undefined),
  wider: (column) =>
    void (column.physicalType = column.physicalType === 'int' ? 'bigint' : column.physicalType),
  narrower: (column) =>
    void (column.physicalType = column.logicalType === 'integer' ? 'int' : column.physicalType),
  digits: (column, by) =>
    void (column.physicalType = column.physicalType?.startsWith('decimal')
      ? `decimal(${12 + by},2)`
      : column.physicalType),
  come: (_column, by, contract) =>
    void table(contract).properties.unshift({ name: `new_${by}`, ...KINDS.text!() }),
  go: (column, _by, contract) =>
    void (table(contract).properties = table(contract).properties.filter((one: Draft) => one !== column)),
  order: (_column, _by, contract) => void table(contract).properties.reverse(),
  rename: (column) => void (column.name = `${column.name}_x`),
  relabel: (column) => {
    column.physicalName ??= column.name;
    column.name = `${column.name}_y`;
  },
  field: ({ properties = [] }) => {
    const isThere = properties.some(({ name }: Draft) => name === 'street');
    if (!isThere) properties.unshift({ name: 'street', logicalType: 'string' });
  },
  noField: (column) => void column.properties?.pop(),
  fieldMayBeNull: (column) => void delete column.properties?.[0]?.required,
  classify: (column, by) => void (column.classification = by > 0 ? 'restricted' : 'public'),
  describe: (column, by) => void (column.description = `what ${by} means`),
  tag: (column, by) => void (column.tags = [`t${by}`]),
  rule: (column, by) => void (column.quality = [{ metric: 'nullValues', mustBeLessThan: by + 10 }]),
  level: (_column, by, contract) =>
    void (contract.slaProperties = [{ property: 'latency', value: by + 10, unit: 'h' }]),
};

function contractOf(kinds: { kind: string; required: boolean; unique: boolean }[]): Draft {
  const properties = kinds.map(({ kind, required, unique }, index) => {
    const column = { id: `c${index}`, name: `${kind}_${index}`, ...KINDS[kind]!() };
    const canBeUnique = !['code', 'flag', 'place', 'list'].includes(kind);
    return { ...column, ...(required && { required }), ...(unique && canBeUnique && { unique }) };
  });
  const schema = [{ name: 'orders', properties }];
  return { apiVersion: 'v3.2.0', kind: 'DataContract', id: 'o', version: '1.0.0', schema };
}

/** The contract after the edits that are not breaking, and how many there were. */
function withoutBreaking(before: Draft, edits: Edit[]): { after: Draft; kept: string[] } {
  let after = structuredClone(before);
  const kept: string[] = [];
  for (const { name, at, by } of edits) {
    const draft = structuredClone(after);
    const { properties } = table(draft);
    ACTS[name]!(properties[at % properties.length], by, draft);
    if (!isPossible(draft)) continue;
    const changes = compareContracts({ value: before }, { value: draft });
    if (changes.length === 0 || changes.some((change) => change.class === 'breaking')) continue;
    after = draft;
    kept.push(name);
  }
  return { after, kept };
}

/** Whether there is a table by this contract, and seven different values for what is unique. */
function isPossible(contract: Draft): boolean {
  try {
    contractTable(contract);
  } catch {
    return false;
  }
  return table(contract).properties.every((column: Draft) => {
    const { minimum = -1e9, maximum = 1e9, minLength = 0, maxLength = 60 } = column.logicalTypeOptions ?? {};
    const distinct = column.unique === true || column.primaryKey === true;
    const enough = maximum - minimum >= 10 && maxLength >= minLength && minLength >= 0 && maxLength >= 1;
    return (
      enough &&
      !(distinct && (column.enum || column.logicalType === 'boolean' || column.items || column.properties))
    );
  });
}

const ORDERS = { schema: 'sales', name: 'orders' };

/** Fails with the engine's own refusal when the query of a consumer of `before` fails on data of `after`. */
async function runConsumer(before: Draft, after: Draft): Promise<void> {
  const relations = [
    { ...ORDERS, sql: tableSql(after), filtered: false, columns: contractTable(after).columns },
  ];
  await engine.run({
    sql: consumerQuery(before, 'sales.orders'),
    relations,
    files: [],
    output: { kind: 'rows', maxRows: 100 },
    timeoutMs: 20_000,
    memoryBytes: 256 * 1024 * 1024,
  });
}

const columns = fc.array(
  fc.record({ kind: fc.constantFrom(...Object.keys(KINDS)), required: fc.boolean(), unique: fc.boolean() }),
  { minLength: 1, maxLength: 4 },
);
const edits = fc.array(
  fc.record({
    name: fc.constantFrom(...Object.keys(ACTS)),
    at: fc.nat(9),
    by: fc.integer({ min: -3, max: 3 }),
  }),
  { minLength: 4, maxLength: 12 },
);

test('a change that is not breaking never makes a query of a consumer fail', async () => {
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(columns, edits, async (kinds, wanted) => {
      const before = contractOf(kinds);
      const { after, kept } = withoutBreaking(before, wanted);
      kept.forEach((name) => seen.add(name));
      await runConsumer(before, after);
    }),
    { numRuns: 25 },
  );
  expect(seen.size).toBeGreaterThan(10);
});

const ALL = contractOf(Object.keys(KINDS).map((kind) => ({ kind, required: true, unique: true })));

/** The same without what would hide the difference. */
const OPEN = structuredClone(ALL);
delete table(OPEN).properties[0].logicalTypeOptions;
delete table(OPEN).properties[4].required;

test('the consumer of the law can read what it was promised', async () => {
  await runConsumer(ALL, ALL);
  await runConsumer(OPEN, OPEN);
});

test.each([
  ['go', 0, 0],
  ['rename', 0, 0],
  ['required', 0, 0],
  ['unique', 4, 0, OPEN],
  ['minimum', 0, -1],
  ['maximum', 0, 1],
  ['maxLength', 4, 1],
  ['minItems', 10, -1],
  ['value', 5, 1],
  ['noEnum', 5, 0],
  ['wider', 0, 0, OPEN],
  ['digits', 2, 3],
  ['noField', 9, 0],
  ['fieldMayBeNull', 9, 0],
] as [string, number, number, Draft?][])(
  'and it notices what is breaking: %s',
  async (name, ...[at, by, before = ALL]) => {
    const after = structuredClone(before);
    ACTS[name]!(table(after).properties[at], by, after);
    const classes = compareContracts({ value: before }, { value: after }).map((change) => change.class);
    expect(classes).toContain('breaking');
    await expect(runConsumer(before, after)).rejects.toThrow(MeshError);
  },
);
