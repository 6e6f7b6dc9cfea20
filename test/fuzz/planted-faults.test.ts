import { afterAll, beforeAll, expect, test } from 'vitest';
import { quoteIdentifier } from '../../src/base/data-type.ts';
import { duckdbFilter } from '../../src/policy/compile/duckdb-filter.ts';
import { duckdbMask } from '../../src/policy/compile/duckdb-mask.ts';
import type { TrinoPlan } from '../../src/policy/compile/trino.ts';
import { casesOf } from './cases.ts';
import { Comparison, type Faults } from './compare.ts';
import { duckdbView, SALT, type ViewOf } from './duckdb-door.ts';

let comparison: Comparison;

beforeAll(async () => {
  comparison = await Comparison.open();
});

afterAll(() => comparison.close());

type Edit = (text: string) => string;

const replaced =
  (...pairs: [string | RegExp, string][]): Edit =>
  (text) =>
    pairs.reduce((left, [from, to]) => left.replaceAll(from, to), text);

/** Faults of either SQL. */
const SQL: Record<string, Edit> = {
  'and becomes or': replaced([') AND (', ') OR (']),
  'or becomes and': replaced([') OR (', ') AND (']),
  'not is lost': replaced(['NOT (', '(']),
  'not of unknown becomes true': replaced(['NOT (', 'TRUE IS DISTINCT FROM (']),
  'a null test is turned': replaced([' IS NULL', ' IS NOT NULL']),
  'a bound is excluded': replaced([' <= ', ' < ']),
  'a bound is included': replaced([' > ', ' >= ']),
  'unequal sees null': replaced([' <> ', ' IS DISTINCT FROM ']),
  'an in list loses a value': replaced([/IN \(((?:CAST\('[^']*' AS [A-Z]+\)|'[^']*')), /g, 'IN (']),
  'the escape of like is not escaped': replaced([
    /starts_with\(((?:"raw_*"\.)?"(?:[^"]|"")*"), ('(?:[^']|'')*')\)/g,
    "$1 LIKE $2 || '%'",
  ]),
  'a prefix ignores case': replaced([
    /starts_with\(((?:"raw_*"\.)?"(?:[^"]|"")*"), ('(?:[^']|'')*')\)/g,
    'starts_with(lower($1), lower($2))',
  ]),
  'a decimal goes through double': replaced([/AS DECIMAL\(\d+,\d+\)/g, 'AS DOUBLE']),
  'one character more is shown': replaced([', 4)', ', 5)'], [', -4)', ', -5)']),
  'a sign is not kept': replaced(["'[^0-9(),.@-]'", "'[^0-9(),.-]'"]),
  'digits become x': replaced(["'n'", "'x'"]),
  'the month is truncated to the year': replaced(["'month'", "'year'"]),
  'the salt is lost': replaced([SALT.replaceAll("'", "''"), '']),
};

const OF_DUCKDB: Record<string, ViewOf> = {
  'the filter comes after the masks': (plan, relation) => {
    const shown = new Set(plan.columns.map(({ name }) => name));
    if (plan.filterColumns.some(({ name }) => !shown.has(name))) return duckdbView(plan, relation);
    const masked = duckdbView({ ...plan, rowFilter: { op: 'true' }, filterColumns: [] }, relation);
    const filter = duckdbFilter(plan.rowFilter, { columns: plan.filterColumns, alias: 'masked' });
    return `SELECT * FROM (${masked}) AS masked WHERE ${filter}`;
  },
  'a hidden column is shown': (plan, relation) => {
    const [first] = plan.hidden;
    const sql = duckdbView(plan, relation);
    return first ? sql.replace(' FROM fuzz', `, ${quoteIdentifier(first.name)} FROM fuzz`) : sql;
  },
  'an empty value stays empty under a fixed one': (plan, relation) => {
    let sql = duckdbView(plan, relation);
    for (const { name, type, mask } of plan.columns) {
      if (mask?.action !== 'mask-to-fixed-value') continue;
      const column = quoteIdentifier(name);
      const fixed = `${duckdbMask(mask, '', { type })} AS ${column}`;
      sql = sql.replace(
        fixed,
        () => `CASE WHEN ${column} IS NOT NULL THEN ${fixed.replace(/ AS "[^]*$/, '')} END AS ${column}`,
      );
    }
    return sql;
  },
  'an instant is truncated in the zone of the session': (plan, relation) =>
    duckdbView(plan, relation).replace(
      /make_timestamptz\(epoch_us\(date_trunc\(('\w+'), make_timestamp\(epoch_us\(("raw_*"\."(?:[^"]|"")*")\)\)\)\)\)/g,
      'date_trunc($1, $2)',
    ),
};

const eachExpression =
  (edit: Edit) =>
  (plan: TrinoPlan): TrinoPlan => ({
    ...plan,
    rowFilters: plan.rowFilters.map(({ expression }) => ({ expression: edit(expression) })),
    columnMasks: new Map(
      [...plan.columnMasks].map(([name, mask]) => [name, { expression: edit(mask.expression) }]),
    ),
  });

const OF_TRINO: Record<string, NonNullable<Faults['trino']>> = {
  'NaN is forgotten': eachExpression(replaced([/ OR is_nan\("(?:[^"]|"")*"\)/g, ''])),
  'a short text is masked': eachExpression(replaced(['<= 4 THEN', '<= 0 THEN'])),
  'bytes stand in the opposite order': eachExpression(replaced(['reverse(', '('])),
  'a hash is in upper case': eachExpression(replaced(['lower(to_hex(', '(to_hex('])),
  'the filter is lost': (plan) => ({ ...plan, rowFilters: [] }),
  'a mask is lost': (plan) => ({ ...plan, columnMasks: new Map([...plan.columnMasks].slice(1)) }),
};

const OF_ICEBERG: Record<string, Edit> = {
  'a bound is excluded': replaced(['"lt-eq"', '"lt"'], ['"gt-eq"', '"gt"']),
  'a bound is included': replaced(['"lt"', '"lt-eq"'], ['"gt"', '"gt-eq"']),
  'and becomes or': replaced(['"and"', '"or"']),
  'or becomes and': replaced(['"or"', '"and"']),
  'a null test is turned': replaced(['"is-null"', '"not-null"']),
  'not in sees null': replaced([/\{"type":"not-null","child":\{"type":"reference","id":\d+\}\}/g, 'true']),
  'NaN is forgotten': replaced([/\{"type":"is-nan","child":\{"type":"reference","id":\d+\}\}/g, 'false']),
  'not in becomes in': replaced(['"not-in"', '"in"']),
  'an in list loses a value': replaced([/"values":\[(?:"[^"\\]*"|[-\d.]+|true|false),/g, '"values":[']),
  'a prefix becomes the whole text': replaced(['"starts-with"', '"eq"']),
  'a long goes through double': replaced(['9007199254740993', '9007199254740992']),
  'zero is compared with itself': replaced([/-?(5e-324|1\.401298464324817e-45)/g, '0']),
  'an offset is wrong': replaced(['+00:00"', '+01:00"']),
  'an id is one too high': (json) =>
    json.replace(/"id":(\d+)/g, (_, id: string) => `"id":${id === '1' ? 2 : 1}`),
  'the month is truncated to the year': replaced(['truncate-to-month', 'truncate-to-year']),
  'first and last are exchanged': replaced(['show-first-4', 'show-last-4']),
  'a mask is lost': replaced([/\{"field-id":\d+,"action":"[a-z0-9-]+"\}/g, '{"field-id":0,"action":"none"}']),
  'the filter is lost': replaced(['"required-row-filter"', '"row-filter"']),
};

const OF_DELTA: Record<string, Edit> = {
  'a bound is excluded': replaced(['OrEqual"', '"']),
  'a bound is included': replaced(['"lessThan"', '"lessThanOrEqual"']),
  'and becomes or': replaced(['"and"', '"or"']),
  'or becomes and': replaced(['"or"', '"and"']),
  'a null test is turned': replaced(
    ['"op":"isNull"', '"op":"not","children":[{"op":"isNull"'],
    [']}]', ']}]'],
  ),
  'above is written as above': replaced([
    /\{"op":"not","children":\[\{"op":"lessThanOrEqual",("children":\[[^\]]*\])\}\]\}/g,
    '{"op":"greaterThan",$1}',
  ]),
  'zero is compared with itself': replaced([/-?(5e-324|1\.401298464324817e-45)/g, '0']),
  'an instant loses its offset': replaced([/:00Z"/g, ':01Z"']),
};

const PLANTED: [string, string, Faults][] = [
  ...Object.entries(SQL).map(([name, edit]): [string, string, Faults] => [
    'duckdb',
    name,
    { view: (plan, relation) => edit(duckdbView(plan, relation)) },
  ]),
  ...Object.entries(OF_DUCKDB).map(([name, view]): [string, string, Faults] => ['duckdb', name, { view }]),
  ...Object.entries(SQL).map(([name, edit]): [string, string, Faults] => [
    'trino',
    name,
    { trino: eachExpression(edit) },
  ]),
  ...Object.entries(OF_TRINO).map(([name, trino]): [string, string, Faults] => ['trino', name, { trino }]),
  ...Object.entries(OF_ICEBERG).map(([name, iceberg]): [string, string, Faults] => [
    'iceberg',
    name,
    { iceberg },
  ]),
  ...Object.entries(OF_DELTA).map(([name, delta]): [string, string, Faults] => ['delta', name, { delta }]),
];

/** Those of the test of 2,000 cases; made once for all faults. */
const TABLES = Array.from({ length: 80 }, (_, at) => () => casesOf(at + 1)).map(once);

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

test.each(PLANTED)('%s: %s', async (door, _name, faults) => {
  for (const cases of TABLES) {
    const found = await comparison.compare(cases(), faults, door).catch((error: Error) => [error]);
    if (found.length > 0) return;
  }
  expect.fail('not one of 2,000 cases differs');
});
