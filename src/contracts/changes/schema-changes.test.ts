import { describe, expect, test } from 'vitest';
import { changesOf, column, type Draft } from '../../../test/fixtures/changed-contract.ts';
import type { ChangeCode } from './change-rules.ts';

/** What is done to a contract, and the codes it gives; before it, what has to be so first. */
type Row = [
  what: string,
  edit: (contract: Draft) => void,
  codes: ChangeCode[],
  prepare?: (contract: Draft) => void,
];

const set = (name: string, values: Draft) => (contract: Draft) =>
  void Object.assign(column(contract, name), values);
const options = (name: string, values: Draft) => (contract: Draft) =>
  void (column(contract, name).logicalTypeOptions = {
    ...column(contract, name).logicalTypeOptions,
    ...values,
  });
const without = (name: string, key: string) => (contract: Draft) => void delete column(contract, name)[key];
const noOption = (name: string, key: string) => (contract: Draft) =>
  void delete column(contract, name).logicalTypeOptions[key];
const properties = (contract: Draft): Draft[] => contract.schema[0].properties;
const drop = (name: string) => (contract: Draft) =>
  void (contract.schema[0].properties = properties(contract).filter((property) => property.name !== name));

/** A new label, and all that refers to the column by it. */
function relabel(contract: Draft): void {
  column(contract, 'region').name = 'area';
  contract.schema[0].quality[1].arguments.properties[1] = 'area';
  contract.schema[0].relationships[0].from = 'orders.area';
}

const COLUMNS: Row[] = [
  ['nothing', () => {}, []],
  ['a column goes', drop('ratio'), ['column-removed']],
  ['a column comes', (c) => properties(c).push({ name: 'note', logicalType: 'string' }), ['column-added']],
  [
    'a required column comes',
    (c) => properties(c).push({ name: 'n', logicalType: 'string', required: true }),
    ['column-added'],
  ],
  ['another name, same id', set('ratio', { name: 'share' }), ['column-renamed']],
  ['another name, same physicalName', relabel, ['column-relabelled']],
  ['another physicalName', set('region', { physicalName: 'region' }), ['column-renamed']],
  [
    'another name without an id',
    set('ratio', { name: 'share' }),
    ['column-removed', 'column-added'],
    without('ratio', 'id'),
  ],
  ['another case', set('ratio', { name: 'Ratio' }), ['column-renamed']],
  [
    'two columns trade names',
    (c) => {
      const [ratio, small] = [column(c, 'ratio'), column(c, 'small')];
      [ratio.name, small.name] = [small.name, ratio.name];
    },
    ['column-renamed', 'column-renamed'],
  ],
  ['another id', set('ratio', { id: 'other' }), ['id-changed']],
  ['no id any more', without('ratio', 'id'), ['id-changed']],
  ['an id for the first time', set('ratio', { id: 'ratio' }), ['id-added'], without('ratio', 'id')],
  ['another order', (c) => properties(c).reverse(), ['columns-reordered']],
  ['another form of a number', set('ratio', { physicalType: 'float' }), ['type-narrowed']],
  ['fewer decimals', set('net', { physicalType: 'decimal(9,1)' }), ['type-narrowed']],
  ['more digits', set('net', { physicalType: 'decimal(12,2)' }), ['type-widened']],
  ['more decimals, same digits', set('net', { physicalType: 'decimal(10,3)' }), ['type-changed']],
  ['int becomes bigint', set('line', { physicalType: 'bigint' }), ['type-widened']],
  ['bigint becomes int', set('order_id', { physicalType: 'int' }), ['type-narrowed']],
  [
    'integer becomes decimal',
    set('line', { logicalType: 'number', physicalType: 'decimal(12,0)' }),
    ['type-widened'],
  ],
  ['a number becomes text', set('ratio', { logicalType: 'string' }), ['type-changed']],
  [
    'date becomes timestamp',
    (c) => {
      set('day', { logicalType: 'timestamp' })(c);
    },
    ['type-widened'],
  ],
  ['timestamp loses its zone', noOption('at', 'timezone'), ['type-changed']],
  ['text becomes uuid', set('code', { physicalType: 'uuid' }), ['type-narrowed']],
  ['a type nobody knows', (c) => set('ratio', { physicalType: 'geohash' })(c), ['type-restated']],
  ['another spelling', set('line', { physicalType: 'integer' }), ['type-restated']],
  [
    'another logical type over the same type',
    set('line', { logicalType: 'number' }),
    ['logical-type-changed'],
  ],
  ['longer texts by the physical type', set('region', { physicalType: 'varchar(8)' }), ['bounds-loosened']],
  ['shorter texts by the physical type', set('region', { physicalType: 'varchar(2)' }), ['bounds-tightened']],
  [
    'a column becomes a struct',
    set('ratio', { logicalType: 'object', properties: [{ name: 'a', logicalType: 'string' }] }),
    ['type-changed'],
  ],
  ['never null', set('ratio', { required: true }), ['required-added']],
  ['may be null', without('net', 'required'), ['required-removed']],
  ['required is what a key column is', set('line', { required: true }), ['text-changed']],
  ['unique', set('ratio', { unique: true }), ['unique-added']],
  ['not unique', without('code', 'unique'), ['unique-removed']],
  ['a mark: deprecated', set('ratio', { deprecated: true }), ['deprecated']],
  [
    'no mark any more',
    without('ratio', 'deprecated'),
    ['deprecation-withdrawn'],
    set('ratio', { deprecated: true }),
  ],
  ['a dimension', set('ratio', { semanticType: 'dimension' }), ['semantic-type-changed']],
  [
    'a stored column becomes a measure',
    set('ratio', { semanticType: 'measure' }),
    ['column-removed', 'measure-added'],
  ],
  ['a measure goes', drop('margin'), ['measure-removed']],
  ['a measure is computed otherwise', set('margin', { transformLogic: 'avg(net)' }), ['measure-changed']],
  ['a measure is described', set('margin', { description: 'what is left' }), ['documentation-changed']],
  ['critical', set('net', { criticalDataElement: true }), ['critical-changed']],
  ['an encrypted form', set('net', { encryptedName: 'net_x' }), ['encrypted-name-changed']],
  ['made of something else', set('net', { transformSourceObjects: ['raw'] }), ['transform-changed']],
];

const NESTED: Row[] = [
  ['a field goes', (c) => column(c, 'address').properties.splice(1, 1), ['column-removed']],
  [
    'a field comes',
    (c) => column(c, 'address').properties.push({ name: 'street', logicalType: 'string' }),
    ['column-added'],
  ],
  [
    'a field is renamed',
    (c) => void (column(c, 'address').properties[1].name = 'postcode'),
    ['column-renamed'],
  ],
  [
    'a field may be null',
    (c) => void delete column(c, 'address').properties[0].required,
    ['required-removed'],
  ],
  ['the object promises fewer fields', noOption('address', 'required'), ['required-removed']],
  ['the object promises more fields', options('address', { required: ['city', 'zip'] }), ['required-added']],
  [
    'a field inside a list changes its type',
    (c) => void (column(c, 'lines').items.properties[1].physicalType = 'bigint'),
    ['type-widened'],
  ],
  ['a list may be empty', noOption('lines', 'minItems'), ['bounds-loosened']],
  ['a list is short', options('lines', { maxItems: 9 }), ['bounds-tightened']],
  ['items may repeat', noOption('lines', 'uniqueItems'), ['bounds-loosened']],
  ['a list of something else', set('lines', { items: { logicalType: 'string' } }), ['type-changed']],
  [
    'a map gives something else',
    (c) => void (column(c, 'prices').map.value.logicalType = 'string'),
    ['type-changed'],
  ],
  [
    'a map by something else',
    (c) => void (column(c, 'prices').map.key.logicalType = 'integer'),
    ['type-changed'],
  ],
  ['an option of nobody', options('prices', { shape: 'round' }), ['option-changed']],
  ['a vector of more dimensions', options('embedding', { dimensions: 4 }), ['vector-changed']],
];

const VALUES: Row[] = [
  ['a value more', (c) => column(c, 'region').enum.push({ value: 'west' }), ['enum-widened']],
  ['a value less', (c) => column(c, 'region').enum.pop(), ['enum-narrowed']],
  [
    'one value for another',
    (c) => void (column(c, 'region').enum[1].value = 'west'),
    ['enum-widened', 'enum-narrowed'],
  ],
  ['a label', (c) => void (column(c, 'region').enum[0].label = 'Nord'), ['documentation-changed']],
  ['no list any more', without('region', 'enum'), ['enum-removed']],
  ['a list for the first time', set('code', { enum: [{ value: 'AB' }] }), ['enum-added']],
  ['a higher minimum', options('net', { minimum: 1 }), ['bounds-tightened']],
  ['a lower minimum', options('net', { minimum: -1 }), ['bounds-loosened']],
  ['no minimum', noOption('net', 'minimum'), ['bounds-loosened']],
  [
    'the maximum itself may come',
    (c) => {
      noOption('net', 'exclusiveMaximum')(c);
      options('net', { maximum: 100000 })(c);
    },
    ['bounds-loosened'],
  ],
  ['an earlier first day', options('day', { minimum: '2019-12-31' }), ['bounds-loosened']],
  ['a later first day', options('day', { minimum: '2020-01-02' }), ['bounds-tightened']],
  ['a day that cannot be compared', options('day', { minimum: '01.02.2020' }), ['bounds-loosened']],
  ['a coarser multiple', options('net', { multipleOf: 0.1 }), ['bounds-tightened']],
  ['a finer multiple', options('net', { multipleOf: 0.01 }), ['bounds-loosened']],
  ['a multiple beside', options('net', { multipleOf: 0.03 }), ['bounds-loosened']],
  ['a smaller format of the same type', options('small', { format: 'i8' }), ['bounds-loosened']],
  ['a larger format of the same type', options('small', { format: 'u16' }), ['bounds-loosened']],
  ['a format of another type', options('small', { format: 'i64' }), ['type-widened']],
  ['longer texts', options('code', { maxLength: 9 }), ['bounds-loosened']],
  ['longer and not so short', options('code', { minLength: 3, maxLength: 9 }), ['bounds-loosened']],
  ['shorter texts', options('code', { maxLength: 7 }), ['bounds-tightened']],
  ['another pattern', options('code', { pattern: '^[A-Y]+$' }), ['pattern-changed']],
  ['no pattern', noOption('code', 'pattern'), ['pattern-removed']],
  ['a pattern', options('region', { pattern: 'th$' }), ['pattern-added']],
  ['another text format', options('code', { format: 'uuid' }), ['format-changed']],
  ['no text format', noOption('code', 'format'), ['format-changed']],
  ['a text format', options('region', { format: 'word' }), ['format-added']],
  ['another zone', options('opens', { defaultTimezone: 'Europe/Oslo' }), ['timezone-changed']],
  ['zone of a time', noOption('opens', 'timezone'), ['timezone-changed']],
  ['the default zone written out', options('at', { defaultTimezone: 'Etc/UTC' }), ['text-changed']],
  ['stricter', set('region', { classification: 'restricted' }), ['classification-raised']],
  ['less strict', set('net', { classification: 'public' }), ['classification-lowered']],
  [
    'classified for the first time, as it was',
    set('ratio', { classification: 'internal' }),
    ['classification-lowered'],
  ],
  [
    'restricted for the first time',
    set('ratio', { classification: 'restricted' }),
    ['classification-raised'],
  ],
  ['in other words', set('net', { classification: 'tier-7' }), ['classification-changed']],
];

const TABLES: Row[] = [
  ['a table goes', (c) => c.schema.pop(), ['object-removed']],
  ['a table comes', (c) => c.schema.push({ name: 'carts' }), ['object-added']],
  ['a table is renamed', (c) => void (c.schema[1].name = 'stores'), ['object-renamed']],
  [
    'a table without an id is renamed',
    (c) => void (c.schema[1].name = 'stores'),
    ['object-renamed'],
    (c) => delete c.schema[1].id,
  ],
  [
    'a table keeps its physical name',
    (c) => Object.assign(c.schema[1], { name: 'stores', physicalName: 'shops' }),
    ['object-relabelled'],
  ],
  ['a view', (c) => void (c.schema[0].physicalType = 'view'), ['object-kind-changed']],
  [
    'what a row is',
    (c) => void (c.schema[0].dataGranularityDescription = 'a row per line'),
    ['granularity-changed'],
  ],
  ['a table is deprecated', (c) => void (c.schema[0].deprecated = true), ['deprecated']],
  [
    'no key',
    (c) => {
      without('order_id', 'primaryKey')(c);
      without('line', 'primaryKey')(c);
      for (const name of ['order_id', 'line']) {
        without(name, 'primaryKeyPosition')(c);
        set(name, { required: true })(c);
      }
    },
    ['primary-key-removed'],
  ],
  [
    'a smaller key',
    (c) => {
      without('line', 'primaryKey')(c);
      without('line', 'primaryKeyPosition')(c);
      set('line', { required: true })(c);
    },
    ['primary-key-changed'],
  ],
  ['a larger key', (c) => set('net', { primaryKey: true })(c), ['primary-key-changed']],
  [
    'a key',
    (c) => void (c.schema[1].properties[0].primaryKey = true),
    ['required-added', 'primary-key-added'],
  ],
  [
    'a key in another order',
    (c) => {
      set('order_id', { primaryKeyPosition: 2 })(c);
      set('line', { primaryKeyPosition: 1 })(c);
    },
    ['primary-key-reordered'],
  ],
  ['a key column is renamed', set('line', { name: 'position' }), ['column-renamed']],
  ['another partition', set('at', { partitioned: true }), ['partitioning-changed']],
  [
    'another transform',
    set('day', { customProperties: [{ property: 'partitionTransform', value: 'month' }] }),
    ['partitioning-changed'],
  ],
  [
    'a reference',
    (c) => c.schema[0].relationships.push({ from: 'orders.code', to: 'codes.code' }),
    ['relationship-added'],
  ],
  ['no reference', (c) => c.schema[0].relationships.pop(), ['relationship-removed']],
  [
    'a reference elsewhere',
    (c) => void (column(c, 'code').relationships[0].to = 'codes.other'),
    ['relationship-removed', 'relationship-added'],
  ],
];

describe.each([
  ['columns', COLUMNS],
  ['nested columns', NESTED],
  ['values', VALUES],
  ['tables', TABLES],
])('changes of %s', (_title, rows) => {
  test.each(rows)('%s', (_what, ...[edit, codes, prepare]) => {
    expect(changesOf(edit, prepare).map(({ code }) => code)).toEqual(codes);
  });
});

test('what is affected is named as the old contract names it', () => {
  const [renamed] = changesOf(set('region', { physicalName: 'area' }));
  expect(renamed).toMatchObject({
    object: 'orders',
    columns: ['region_code'],
    tableColumns: ['region_code'],
    pointer: '/schema/0/properties/2/physicalName',
    document: 'after',
    message: 'column `region_code` is renamed to `area`',
  });
  expect(renamed!.place).toMatch(/^after\.yaml:\d+:\d+$/);
  const [nested] = changesOf((c) => column(c, 'lines').items.properties.pop());
  expect(nested).toMatchObject({
    columns: ['lines[].amount'],
    tableColumns: ['lines'],
    pointer: '/schema/0/properties/11/items/properties/1',
    document: 'before',
  });
});
