import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Column, DataType } from '../base/data-type.ts';
import { contractTable } from './contract-table.ts';
import { draftContract, type TableFacts } from './draft-contract.ts';
import { type Partition, partitionFault, type PartitionTransform } from './partition.ts';
import { readDatasetContract } from './read-contract.ts';

/** Names as they come from files: any printable text, also what YAML takes for something else. */
const name = fc.oneof(
  fc.stringMatching(/^[a-z][a-z0-9_]{0,12}$/),
  fc.constantFrom(
    'yes',
    'null',
    '~',
    '12:30',
    '0x1f',
    '1e3',
    ' lead',
    'a: b',
    '# c',
    '- d',
    "it's",
    'ä ö',
    '{x}',
    '"q"',
  ),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }),
);
const primitive: fc.Arbitrary<DataType> = fc.oneof(
  fc
    .constantFrom(
      ...(['boolean', 'int', 'long', 'float', 'double', 'date', 'time'] as const),
      ...(['timestamp', 'timestamptz', 'string', 'uuid', 'binary'] as const),
    )
    .map((kind): DataType => ({ kind })),
  fc.tuple(fc.integer({ min: 1, max: 38 }), fc.nat(38)).map(([precision, scale]): DataType => ({
    kind: 'decimal',
    precision,
    scale: Math.min(scale, precision),
  })),
);

function columns(type: fc.Arbitrary<DataType>, maxLength: number): fc.Arbitrary<Column[]> {
  const column = fc
    .record({
      name,
      type,
      required: fc.boolean(),
      doc: fc.option(fc.string({ unit: 'grapheme' }), { nil: undefined }),
    })
    .map(({ doc, ...rest }): Column => (doc === undefined ? rest : { ...rest, doc }));
  return fc.uniqueArray(column, { minLength: 1, maxLength, selector: ({ name: one }) => one.toLowerCase() });
}

const anyType = fc.letrec<{ type: DataType }>((tie) => ({
  type: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    primitive,
    columns(tie('type'), 3).map((fields): DataType => ({ kind: 'struct', fields })),
    fc.record({ kind: fc.constant('list' as const), element: tie('type'), elementRequired: fc.boolean() }),
    fc.record({
      kind: fc.constant('map' as const),
      key: primitive,
      value: tie('type'),
      valueRequired: fc.boolean(),
    }),
  ),
})).type;

const transform: fc.Arbitrary<PartitionTransform> = fc.oneof(
  fc.constantFrom('identity' as const, 'year' as const, 'month' as const, 'day' as const),
  fc.integer({ min: 1, max: 10_000 }).map((bucket) => ({ bucket })),
);

/** Keys are some required plain columns, partitions some columns with a transform that fits. */
const facts: fc.Arbitrary<TableFacts> = fc
  .tuple(columns(anyType, 6), fc.nat(2), fc.array(transform, { maxLength: 3 }), fc.boolean())
  .map(([all, keys, transforms, backwards]) => {
    const plain = all.filter(({ type }) => !['struct', 'list', 'map'].includes(type.kind));
    const primaryKey = plain.filter(({ required }) => required).slice(0, keys);
    const partitions = plain
      .slice(0, transforms.length)
      .map((column, index): Partition => ({ column: column.name, transform: transforms[index]! }))
      .filter(({ transform: asked }, index) => partitionFault(asked, plain[index]!.type) === null);
    const order = <Item>(items: Item[]) => (backwards ? items.toReversed() : items);
    return {
      id: 'sales.a.b',
      dataset: 'b',
      columns: all,
      primaryKey: order(primaryKey).map((column) => column.name),
      partitions: order(partitions),
    };
  });

test('a draft reads back as the very table it was made from', () => {
  fc.assert(
    fc.property(facts, (table) => {
      const content = draftContract(table);
      const { value } = readDatasetContract({ file: 'draft.odcs.yaml', content });
      const { columns: read, primaryKey, partitions } = contractTable(value);
      expect(read).toEqual(table.columns);
      expect(primaryKey).toEqual(table.primaryKey);
      expect(partitions).toEqual(table.partitions);
    }),
    { numRuns: 150 },
  );
});

test('a draft means the same to a reader of YAML 1.1', () => {
  fc.assert(
    fc.property(facts, (table) => {
      const content = draftContract(table);
      expect(parse(content, { version: '1.1' })).toEqual(parse(content));
    }),
  );
});

test('a draft tells its owner what to fill in', () => {
  const text = draftContract({
    id: 'sales.sell-out.sell-out',
    dataset: 'sell-out',
    domain: 'sales',
    seenIn: 'source retailers,\nfolder sell-out',
    rowCount: 2_770_482n,
    columns: [
      { name: 'day', type: { kind: 'date' }, required: true },
      { name: 'amount', type: { kind: 'decimal', precision: 18, scale: 2 }, required: false },
    ],
    primaryKey: ['day'],
    partitions: [{ column: 'day', transform: 'month' }],
  });
  expect(text).toBe(readFileSync('test/fixtures/contracts/draft.odcs.yaml', 'utf8'));
});
