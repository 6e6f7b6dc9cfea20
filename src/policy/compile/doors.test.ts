import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Column, DataType } from '../../base/data-type.ts';
import { isMeshError } from '../../base/errors.ts';
import type { AccessPlan } from '../access-plan-model.ts';
import { masksFor, type ColumnMask } from '../column-mask.ts';
import { fitRowFilter, typesOf } from '../row-filter-fit.ts';
import { columnsOf } from '../row-filter-model.ts';
import { parseRowFilter } from '../row-filter-parse.ts';
import { compileDelta } from './delta.ts';
import { compileDuckdbView } from './duckdb.ts';
import { icebergExpression } from './iceberg-expression.ts';
import { icebergJson } from './iceberg-value.ts';
import { compileReadRestrictions } from './iceberg.ts';
import { compileTrino } from './trino.ts';

const SALT = "it's a salt of 20+ characters";
const TYPES: Record<string, DataType> = {
  region: { kind: 'string' },
  units: { kind: 'long' },
  price: { kind: 'decimal', precision: 9, scale: 2 },
  day: { kind: 'date' },
  at: { kind: 'timestamptz' },
  rate: { kind: 'double' },
  notes: { kind: 'list', element: { kind: 'string' }, elementRequired: false, elementId: 90 },
  active: { kind: 'boolean' },
  packs: { kind: 'int' },
  share: { kind: 'float' },
  opens: { kind: 'time' },
  made: { kind: 'timestamp' },
  id: { kind: 'uuid' },
  photo: { kind: 'binary' },
};
const COLUMNS: Column[] = Object.entries(TYPES).map(([name, type], at) => ({
  ...{ id: at + 1, name, type },
  required: name === 'units',
}));

interface Given {
  rows?: string;
  masks?: Record<string, ColumnMask>;
  hidden?: string[];
  /** One more column, whose name is another's but for its case. */
  alike?: boolean;
}

function planOf({ rows = 'true', masks = {}, hidden = [], alike = false }: Given): AccessPlan {
  const rowFilter = fitRowFilter(parseRowFilter(rows), typesOf(COLUMNS))!;
  const shown = COLUMNS.filter(({ name }) => !hidden.includes(name));
  if (alike) shown.push({ ...COLUMNS[0]!, id: 99, name: 'Region' });
  return {
    datasetId: 'dts_1',
    dataset: 'sales.sell-out.sales',
    via: { kind: 'own-domain', domain: 'sales' },
    columns: shown.map(({ name, id, type }) => ({ name, id, type, mask: masks[name] ?? null, reasons: [] })),
    hidden: hidden.map((name) => ({ name, reasons: [] })),
    rowFilter,
    filterColumns: COLUMNS.filter(({ name }) => columnsOf(rowFilter).includes(name)),
    purpose: null,
    until: null,
    hash: '',
    reasons: [],
  };
}

const FILTERS = [
  'true',
  'false',
  "region = 'north'",
  "not region in ('north', 'south')",
  "region like 'O''B%' or region is null",
  'units > 9007199254740993 and units <> 0',
  'price between 1.5 and 2 or not price between 3 and 4',
  "day < DATE '2026-01-31' and at >= TIMESTAMP '2026-01-31 12:00:00.5+01:00'",
  'rate = 0 or rate > 0.1',
  'notes is not null',
];

const MASKS: Record<string, ColumnMask> = {
  region: { action: 'show-last-4' },
  units: { action: 'sha-256-query-local' },
  price: { action: 'mask-to-fixed-value', value: '0.00' },
  day: { action: 'truncate-to-month' },
  notes: { action: 'replace-with-null' },
};

test('an Iceberg predicate has two truth values, field ids and values in the form of the table specification', () => {
  const written = (rows: string) => {
    const { rowFilter, filterColumns } = planOf({ rows });
    const made = icebergExpression(rowFilter, { columns: filterColumns, references: 'id' });
    return made.ok ? icebergJson(made.value) : made.reasons.join();
  };
  expect(written("region <> 'north'")).toBe(
    '{"type":"and","left":{"type":"not-null","child":{"type":"reference","id":1}},' +
      '"right":{"type":"not-eq","left":{"type":"reference","id":1},"right":"north"}}',
  );
  expect(written('units = 9007199254740993')).toContain('"right":9007199254740993}');
  expect(written("at < TIMESTAMP '2026-01-31 12:00:00.5+01:00'")).toContain('"2026-01-31T11:00:00.5+00:00"');
  expect(written('not (price = 1.5 and region is null)')).toContain(
    '"right":"1.50"}},"right":{"type":"not-null"',
  );
  expect(written('rate > 1')).toContain('{"type":"is-nan","child":{"type":"reference","id":6}}');
});

test('by name where an expression is bound anew', () => {
  const { rowFilter, filterColumns } = planOf({ rows: 'region is null' });
  expect(icebergExpression(rowFilter, { columns: filterColumns, references: 'name' })).toEqual({
    ok: true,
    value: { type: 'is-null', child: { type: 'reference', name: 'region' } },
  });
});

test.each<[Given, string[]]>([
  [{ hidden: ['day'] }, ['the column day is hidden, and read restrictions can only mask']],
  [
    { masks: { units: { action: 'replace-with-null' } } },
    ['the column units is required, so that it cannot be replaced with null'],
  ],
  [
    { masks: { region: { action: 'mask-to-fixed-value', value: 'hidden' } } },
    ['the column region is masked to a value of its own, and the standard fixes another'],
  ],
])('read restrictions refuse %j', (given, reasons) => {
  expect(compileReadRestrictions(planOf(given), COLUMNS)).toEqual({ ok: false, reasons });
});

test('read restrictions refuse a column that has no field id, and say nothing of a plan that restricts nothing', () => {
  const plan = planOf({ rows: "region = 'north'" });
  const filterColumns = plan.filterColumns.map((column) => ({ ...column, id: undefined as never }));
  expect(compileReadRestrictions({ ...plan, filterColumns }, COLUMNS)).toEqual({
    ok: false,
    reasons: ['the column region has no field id'],
  });
  expect(compileReadRestrictions(planOf({}), COLUMNS)).toEqual({ ok: true, value: {} });
});

test.each<[Given, string[]]>([
  [{ rows: 'price = 1.5' }, ['a predicate has no values of type decimal']],
  [{ rows: "region < 'n'" }, ['Delta Sharing does not say in which order texts are']],
  [{ rows: "region like 'n%'" }, ['a predicate has no test for the beginning of a text']],
  [{ rows: 'false' }, ['a predicate cannot be a constant']],
  [
    { masks: { day: { action: 'truncate-to-year' } } },
    ['the column day is masked, and Delta Sharing has no masks'],
  ],
  [{ hidden: ['day'] }, ['the column day is hidden, and a shared file holds all its columns']],
])('Delta Sharing refuses %j', (given, reasons) => {
  expect(compileDelta(planOf(given))).toEqual({ ok: false, reasons });
});

test('Trino needs a user for filters over hidden columns, and different names', () => {
  const plan = planOf({ rows: "region = 'north'", hidden: ['region'] });
  expect(compileTrino(plan, { querySalt: SALT })).toEqual({
    ok: false,
    reasons: ['the row filter reads hidden columns, and no user is set as whom Trino may read them'],
  });
  const [filter] = made(compileTrino(plan, { querySalt: SALT, filterIdentity: 'crossdock' })).rowFilters;
  expect(filter).toEqual({ expression: `"region" = 'north'`, identity: 'crossdock' });
  expect(compileTrino(planOf({ alike: true }), { querySalt: SALT })).toEqual({
    ok: false,
    reasons: ['Trino ignores case in the names of columns, and here two differ in nothing else'],
  });
});

function made<T>(compiled: { ok: true; value: T } | { ok: false; reasons: string[] }): T {
  if (!compiled.ok) throw new Error(compiled.reasons.join());
  return compiled.value;
}

/** What stands in the rows of the document's table, each of which must be so for all of its plans. */
const SAID: Record<string, Given[]> = {
  'comparisons of boolean, int, long, date, timestamptz, float, double': [
    { rows: 'active <> true and packs < 5 and units in (1, 2)' },
    { rows: "day between '2026-01-01' and '2026-02-01' and not at > '2026-01-01T00:00:00Z'" },
    { rows: 'not share > 0.5 or rate <> 0' },
  ],
  'texts: `=`, `<>`, `in`': [{ rows: "region = 'a' or region <> 'b'" }, { rows: "not region in ('a', 'b')" }],
  'texts: `<`, `between`': [{ rows: "region < 'a'" }, { rows: "region between 'a' and 'b'" }],
  'texts: `like`': [{ rows: "region like 'a%'" }],
  'comparisons of decimal, time, timestamp, uuid': [
    { rows: 'price > 1.5' },
    { rows: "opens = '12:00'" },
    { rows: "made >= '2026-01-01 00:00'" },
    { rows: "id = 'f79c3e09-677c-4bbd-a479-3f349cb785e7'" },
  ],
  '`is null` of lists, structs, maps, bytes': [{ rows: 'notes is not null or photo is null' }],
  'no rows at all': [{ rows: 'false' }],
  'a filter over a hidden column': [{ rows: "region = 'a'", hidden: ['region'] }],
  'a hidden column': [{ hidden: ['region'] }],
  'masks, each on its types': COLUMNS.flatMap(({ name, type, required }) =>
    masksFor(type)
      .filter((action) => action !== 'replace-with-null' || !required)
      .map((action) => ({ masks: { [name]: { action } } })),
  ),
  '`replace-with-null` of a required column': [{ masks: { units: { action: 'replace-with-null' } } }],
  "`mask-to-fixed-value` with another value than the standard's": [
    { masks: { region: { action: 'mask-to-fixed-value', value: 'x' } } },
    { masks: { units: { action: 'mask-to-fixed-value', value: 1 } } },
  ],
  'names that differ only in case': [{ alike: true }],
};

const DOORS: ((plan: AccessPlan) => boolean)[] = [
  (plan) => {
    try {
      return compileDuckdbView(plan, { relation: 't', querySalt: SALT }) !== '';
    } catch (error) {
      if (isMeshError(error)) return false;
      throw error;
    }
  },
  (plan) => compileTrino(plan, { querySalt: SALT, filterIdentity: 'crossdock' }).ok,
  (plan) => compileReadRestrictions(plan, COLUMNS).ok,
  (plan) => compileDelta(plan).ok,
];

test('the document says of each door what it can say', () => {
  const text = readFileSync(
    join(import.meta.dirname, '../../../docs/protocols/row-filters-and-masks.md'),
    'utf8',
  );
  const lines = text.slice(text.indexOf('| of a plan |')).split('\n').slice(2);
  const rows = lines.slice(0, lines.indexOf('')).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  expect(rows.map(([what]) => what)).toEqual(Object.keys(SAID));
  for (const [what, ...cells] of rows) {
    for (const given of SAID[what!]!) {
      const said = DOORS.map((door) => (door(planOf(given)) ? 'yes' : 'no'));
      expect(said, `${what}: ${JSON.stringify(given)}`).toEqual(cells);
    }
  }
});

const folder = process.env['CROSSDOCK_STANDARDS'] ?? '../shared/standards';

function json(path: string) {
  return JSON.parse(readFileSync(join(folder, path), 'utf8'));
}

const ajv = new Ajv2020({ strict: false, allErrors: true, logger: false });
addFormats.default(ajv);

function valid(schema: object, value: unknown) {
  const validate = ajv.compile(schema);
  validate(value);
  return validate.errors ?? [];
}

describe.skipIf(!existsSync(join(folder, 'iceberg-rest')))(
  'the standards’ schemas (CROSSDOCK_STANDARDS)',
  () => {
    const predicateSchema = () => {
      const text = readFileSync(join(folder, 'iceberg-rest/rest-catalog-open-api.yaml'), 'utf8');
      const { components } = parse(text) as {
        components: { schemas: Record<string, Record<string, unknown>> };
      };
      // "Exactly one" can match no text at all, since a text is a string and a binary value both.
      const values = components.schemas['PrimitiveTypeValue']!;
      components.schemas['PrimitiveTypeValue'] = { anyOf: values['oneOf'] };
      return ajv.compile({ $ref: '#/components/schemas/Predicate', components });
    };

    test('an Iceberg predicate is one of the REST catalog', () => {
      const validate = predicateSchema();
      for (const rows of FILTERS) {
        const { rowFilter, filterColumns } = planOf({ rows });
        for (const references of ['id', 'name'] as const) {
          const value = made(icebergExpression(rowFilter, { columns: filterColumns, references }));
          validate(JSON.parse(icebergJson(value)));
          expect(validate.errors, rows).toBeNull();
        }
      }
      validate({ type: 'eq', left: { type: 'reference', id: '1' }, right: 'x' });
      expect(validate.errors).not.toBeNull();
    });

    test('read restrictions have their form', () => {
      const schema = json('iceberg-rest/read-restrictions.reconstructed.schema.json');
      const value = made(compileReadRestrictions(planOf({ rows: FILTERS[3]!, masks: MASKS }), COLUMNS));
      expect(value['required-column-projections']).toHaveLength(5);
      expect(valid(schema, JSON.parse(icebergJson(value)))).toEqual([]);
    });

    test.each([
      "region = 'north'",
      'units > 9007199254740993 and not units in (1, 2)',
      'rate = 0 or rate > 0.1',
      'notes is not null',
    ])('a Delta predicate is one of the protocol: %s', (rows) => {
      const schema = json('delta-sharing/json-predicate.schema.json');
      expect(valid(schema, made(compileDelta(planOf({ rows }))))).toEqual([]);
    });

    test('answers to Trino have the form of the plugin', () => {
      const { $defs } = json('trino-opa/opa-responses.schema.json') as { $defs: Record<string, object> };
      const value = made(compileTrino(planOf({ rows: FILTERS[3]!, masks: MASKS }), { querySalt: SALT }));
      expect(valid($defs['rowFilters']!, { result: value.rowFilters })).toEqual([]);
      expect([...value.columnMasks.keys()]).toEqual(Object.keys(MASKS));
      for (const result of value.columnMasks.values())
        expect(valid($defs['columnMask']!, { result })).toEqual([]);
    });
  },
);
