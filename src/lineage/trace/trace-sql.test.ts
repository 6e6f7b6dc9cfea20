import * as polyglot from '@polyglot-sql/sdk';
import { expect, test } from 'vitest';
import type { ColumnSource, TraceTable } from './trace-model.ts';
import { knownSlashes, traceSql } from './trace-sql.ts';

const typed = (columns: Record<string, string>) =>
  Object.entries(columns).map(([name, type]) => ({ name, type }));

const TABLES: TraceTable[] = [
  {
    input: 0,
    schema: 'raw',
    name: 'orders',
    columns: typed({
      id: 'INTEGER',
      cust: 'INTEGER',
      amount: 'DECIMAL(10,2)',
      day: 'DATE',
      info: 'STRUCT(a INTEGER, b STRUCT(c VARCHAR))',
      tags: 'VARCHAR[]',
    }),
  },
  {
    input: 1,
    schema: 'raw',
    name: 'custs',
    columns: typed({ id: 'INTEGER', name: 'VARCHAR', region: 'VARCHAR' }),
  },
  {
    input: 2,
    schema: 'sales.stuff',
    name: 'items',
    columns: typed({ sku: 'VARCHAR', qty: 'INTEGER', oid: 'INTEGER' }),
  },
];

/**
 * A statement and what is known of it: by output column its inputs (`~` steers, the rest flows), `*` what acts
 * on all rows, `?` a column whose way is lost. A text instead: nothing but the tables, and why.
 */
const SHAPES: [sql: string, expected: Record<string, string> | string][] = [
  [
    "SELECT id, amount * 2 AS a2 FROM raw.orders WHERE day > DATE '2020-01-01'",
    { id: 'orders.id IDENTITY', a2: 'orders.amount TRANSFORMATION', '*': 'orders.day ~FILTER' },
  ],
  [
    'SELECT c.region, sum(o.amount) AS total FROM raw.orders o JOIN raw.custs c ON o.cust = c.id GROUP BY c.region ORDER BY total',
    {
      region: 'custs.region IDENTITY',
      total: 'orders.amount AGGREGATION',
      '*': 'custs.id ~JOIN, custs.region ~GROUP_BY, orders.amount ~SORT, orders.cust ~JOIN',
    },
  ],
  [
    'SELECT * FROM raw.custs',
    { id: 'custs.id IDENTITY', name: 'custs.name IDENTITY', region: 'custs.region IDENTITY' },
  ],
  [
    'SELECT o.*, c.name FROM raw.orders o JOIN raw.custs c ON c.id = o.cust',
    {
      id: 'orders.id IDENTITY',
      cust: 'orders.cust IDENTITY',
      amount: 'orders.amount IDENTITY',
      day: 'orders.day IDENTITY',
      info: 'orders.info IDENTITY',
      tags: 'orders.tags IDENTITY',
      name: 'custs.name IDENTITY',
      '*': 'custs.id ~JOIN, orders.cust ~JOIN',
    },
  ],
  [
    `SELECT sha256(name || 'salt') AS h, hashed, count(DISTINCT hashed) AS n, CASE WHEN md5(name) > 'a' THEN 1 END AS c
     FROM (SELECT name, hash(region) AS hashed FROM raw.custs) GROUP BY ALL`,
    {
      h: 'custs.name TRANSFORMATION MASKING',
      hashed: 'custs.region TRANSFORMATION MASKING',
      n: 'custs.region AGGREGATION MASKING',
      c: 'custs.name ~CONDITIONAL',
    },
  ],
  ['SELECT * EXCLUDE (day) FROM raw.orders', '* with EXCLUDE, REPLACE or RENAME'],
  ['SELECT * REPLACE (cust AS amount) FROM raw.orders', '* with EXCLUDE, REPLACE or RENAME'],
  ['SELECT * RENAME (cust AS customer) FROM raw.orders', '* with EXCLUDE, REPLACE or RENAME'],
  ["SELECT COLUMNS('a.*') FROM raw.orders", 'COLUMNS(…)'],
  [
    'SELECT sku, (SELECT max(name) FROM raw.custs c WHERE c.id = i.oid) AS n FROM "sales.stuff".items i',
    { sku: 'items.sku IDENTITY', n: 'custs.name AGGREGATION', '*': 'custs.id ~FILTER, items.oid ~FILTER' },
  ],
  [
    'SELECT id, row_number() OVER (PARTITION BY cust ORDER BY day) AS rn FROM raw.orders QUALIFY rn = 1',
    {
      id: 'orders.id IDENTITY',
      rn: 'orders.cust ~WINDOW, orders.day ~WINDOW',
      '*': 'orders.cust ~FILTER+~WINDOW, orders.day ~FILTER+~WINDOW',
    },
  ],
  [
    'SELECT id AS k FROM raw.orders UNION ALL SELECT id FROM raw.custs',
    { k: 'custs.id IDENTITY, orders.id IDENTITY' },
  ],
  [
    'SELECT id, cust AS x FROM raw.orders UNION ALL BY NAME SELECT name AS x, id FROM raw.custs',
    { id: 'custs.id IDENTITY, orders.id IDENTITY', x: 'custs.name IDENTITY, orders.cust IDENTITY' },
  ],
  [
    'FROM raw.custs',
    { id: 'custs.id IDENTITY', name: 'custs.name IDENTITY', region: 'custs.region IDENTITY' },
  ],
  ['FROM raw.orders SELECT id', { id: 'orders.id IDENTITY' }],
  [
    'SELECT info.a AS ia, orders.info.b.c AS ic FROM raw.orders',
    { ia: 'orders.info TRANSFORMATION', ic: 'orders.info TRANSFORMATION' },
  ],
  [
    'SELECT id, unnest(tags) AS t FROM raw.orders',
    { id: 'orders.id IDENTITY', t: 'orders.tags TRANSFORMATION' },
  ],
  [
    'SELECT o.id, t.x FROM raw.orders o, unnest(o.tags) AS t(x)',
    { id: 'orders.id IDENTITY', x: 'orders.tags TRANSFORMATION' },
  ],
  [
    'SELECT * FROM raw.orders PIVOT (sum(amount) FOR cust IN (1, 2))',
    'PIVOT or UNPIVOT; names that stand for a table and for something else',
  ],
  ['SELECT count(*) AS n FROM raw.orders', { n: '' }],
  [
    'SELECT cust, sum(amount) FILTER (WHERE day IS NOT NULL) AS f FROM raw.orders GROUP BY ALL',
    {
      cust: 'orders.cust IDENTITY',
      f: 'orders.amount AGGREGATION, orders.day ~FILTER',
      '*': 'orders.day ~FILTER',
    },
  ],
  [
    'SELECT amount AS a, a + 1 AS b FROM raw.orders',
    { a: 'orders.amount IDENTITY', b: 'orders.amount TRANSFORMATION' },
  ],
  [
    'SELECT amount + 1 AS cust, cust + 1 AS z FROM raw.orders',
    'an alias that is called like a column and used beside it',
  ],
  [
    "SELECT upper(name) AS name, region FROM raw.custs WHERE name <> ''",
    { name: 'custs.name TRANSFORMATION', region: 'custs.region IDENTITY', '*': 'custs.name ~FILTER' },
  ],
  [
    'WITH RECURSIVE t(n) AS (SELECT id FROM raw.orders UNION ALL SELECT n + 1 FROM t WHERE n < 10) SELECT n FROM t',
    'WITH RECURSIVE',
  ],
  [
    'SELECT id FROM raw.orders SEMI JOIN raw.custs USING (id)',
    { id: 'orders.id IDENTITY', '*': 'custs.id ~JOIN, orders.id ~JOIN' },
  ],
  [
    'SELECT o.id FROM raw.orders o ANTI JOIN raw.custs c ON c.id = o.cust',
    { id: 'orders.id IDENTITY', '*': 'custs.id ~JOIN, orders.cust ~JOIN' },
  ],
  [
    'SELECT id, name FROM raw.orders JOIN raw.custs USING (id)',
    {
      id: 'custs.id TRANSFORMATION, orders.id TRANSFORMATION',
      name: 'custs.name IDENTITY',
      '*': 'custs.id ~JOIN, orders.id ~JOIN',
    },
  ],
  ['SELECT id, name FROM raw.orders NATURAL JOIN raw.custs', 'a NATURAL, POSITIONAL or ASOF join'],
  [
    'SELECT o.id FROM raw.orders o ASOF JOIN raw.custs c ON o.id >= c.id',
    'a NATURAL, POSITIONAL or ASOF join',
  ],
  ['SELECT o.id, c.name FROM raw.orders o POSITIONAL JOIN raw.custs c', 'a NATURAL, POSITIONAL or ASOF join'],
  [
    "SELECT CASE WHEN region = 'x' THEN name ELSE '' END AS n FROM raw.custs",
    { n: 'custs.name TRANSFORMATION, custs.region ~CONDITIONAL' },
  ],
  [
    "SELECT CASE region WHEN 'x' THEN name END AS n, if(id > 1, name, region) AS m FROM raw.custs",
    {
      n: 'custs.name TRANSFORMATION, custs.region ~CONDITIONAL',
      m: 'custs.id ~CONDITIONAL, custs.name TRANSFORMATION, custs.region TRANSFORMATION',
    },
  ],
  [
    'SELECT list_transform(tags, lambda x: upper(x)) AS u FROM raw.orders',
    { u: 'orders.tags TRANSFORMATION' },
  ],
  [
    'SELECT list_transform(tags, lambda cust: upper(cust)) AS u FROM raw.orders',
    'a lambda whose parameter is called like a column',
  ],
  ['SELECT [upper(x) FOR x IN tags] AS u FROM raw.orders', 'a list comprehension'],
  [
    'SELECT o.id, l.s FROM raw.orders o, LATERAL (SELECT sum(qty) AS s FROM "sales.stuff".items i WHERE i.oid = o.id) l',
    { id: 'orders.id IDENTITY', s: 'items.qty AGGREGATION', '*': 'items.oid ~FILTER' },
  ],
  [
    'SELECT id FROM raw.orders EXCEPT SELECT id FROM raw.custs',
    { id: 'custs.id ~FILTER, orders.id IDENTITY', '*': 'custs.id ~FILTER' },
  ],
  [
    'SELECT id FROM raw.orders INTERSECT SELECT id FROM raw.custs',
    { id: 'custs.id ~FILTER, orders.id IDENTITY', '*': 'custs.id ~FILTER' },
  ],
  [
    'WITH t AS (SELECT cust, sum(amount) AS total FROM raw.orders GROUP BY cust) SELECT cust, total, total * 2 AS t2 FROM t WHERE total > 5',
    {
      cust: 'orders.cust IDENTITY',
      total: 'orders.amount AGGREGATION',
      t2: 'orders.amount AGGREGATION',
      '*': 'orders.amount ~FILTER, orders.cust ~GROUP_BY',
    },
  ],
  ['WITH orders AS (SELECT id AS x FROM raw.orders) SELECT x FROM orders', { x: '?' }],
  [
    'WITH raw AS (SELECT id FROM raw.custs) SELECT raw.id, orders.cust FROM raw, raw.orders',
    { id: 'custs.id IDENTITY', cust: 'orders.cust IDENTITY' },
  ],
  [
    'SELECT * FROM (SELECT amount AS cust, cust AS amount FROM raw.orders) d',
    'an alias that is called like a column and used beside it',
  ],
  [
    'SELECT x.total FROM (SELECT sum(amount) AS total, cust FROM raw.orders GROUP BY 2) x JOIN raw.custs c ON c.id = x.cust',
    { total: 'orders.amount AGGREGATION', '*': 'custs.id ~JOIN, orders.cust ~GROUP_BY+~JOIN' },
  ],
  [
    "SELECT {'a': id, 'b': {'c': amount}} AS s, [id, cust] AS l FROM raw.orders",
    {
      s: 'orders.amount TRANSFORMATION, orders.id TRANSFORMATION',
      l: 'orders.cust TRANSFORMATION, orders.id TRANSFORMATION',
    },
  ],
  [
    "SELECT first(name ORDER BY region) AS n, string_agg(name, ',') AS l FROM raw.custs",
    { n: 'custs.name AGGREGATION', l: 'custs.name AGGREGATION', '*': 'custs.region ~SORT' },
  ],
  ['SELECT 1 AS one, now() AS at', { one: '', at: '' }],
  ['SELECT a.b FROM (VALUES (1)) a(b)', { b: '?' }],
  ['SELECT orders.b FROM (VALUES (1)) orders(b), raw.orders o', { b: '?' }],
  ['SELECT o.cust FROM raw.orders AS o(cust, id, x)', 'a table whose columns get other names'],
  ['SELECT z FROM (SELECT cust AS a FROM raw.orders) AS d(z)', 'a table whose columns get other names'],
  [
    'SELECT cust FROM (SELECT id, cust FROM raw.orders) AS d(cust, id)',
    'a table whose columns get other names',
  ],
  ['SELECT info.* FROM raw.orders', { a: '?' }],
  ['SELECT #2 AS z FROM raw.orders', 'a column by its position (#1)'],
  [
    'SELECT DISTINCT ON (cust) id, cust FROM raw.orders ORDER BY cust, day',
    { id: 'orders.id IDENTITY', cust: 'orders.cust IDENTITY', '*': 'orders.cust ~SORT, orders.day ~SORT' },
  ],
  ['SELECT o FROM raw.orders o', { o: '?' }],
  ['SELECT row_to_json(o) AS j FROM raw.orders o', { j: '?' }],
  [
    'WITH a AS (SELECT id FROM raw.orders), b AS (WITH a AS (SELECT name AS id FROM raw.custs) SELECT id FROM a) SELECT a.id AS x, b.id AS y FROM a, b',
    { x: 'orders.id IDENTITY', y: 'custs.name IDENTITY' },
  ],
  [
    'SELECT a.id AS x, b.id AS y FROM raw.orders a LEFT JOIN raw.orders b ON a.id = b.cust',
    { x: 'orders.id IDENTITY', y: 'orders.id IDENTITY', '*': 'orders.cust ~JOIN, orders.id ~JOIN' },
  ],
  ['SELECT ID, Amount FROM RAW.Orders', { id: 'orders.id IDENTITY', amount: 'orders.amount IDENTITY' }],
  [
    'SELECT max(o.amount) OVER w AS m, lag(id) OVER w AS p FROM raw.orders o WINDOW w AS (PARTITION BY cust ORDER BY day)',
    {
      m: 'orders.amount AGGREGATION, orders.cust ~WINDOW, orders.day ~WINDOW',
      p: 'orders.cust ~WINDOW, orders.day ~WINDOW, orders.id TRANSFORMATION',
      '*': 'orders.cust ~WINDOW, orders.day ~WINDOW',
    },
  ],
  ["SELECT amount // 2 AS h, '//' AS s FROM raw.orders", { h: 'orders.amount TRANSFORMATION', s: '' }],
  [
    'SELECT (SELECT count(*) FROM raw.custs c WHERE c.id = o.cust) AS n FROM raw.orders o WHERE EXISTS (SELECT 1 FROM raw.custs x WHERE x.region = CAST(o.day AS VARCHAR))',
    { n: '', '*': 'custs.id ~FILTER, custs.region ~FILTER, orders.cust ~FILTER, orders.day ~FILTER' },
  ],
  [
    'SELECT id IN (SELECT id FROM raw.custs) AS known FROM raw.orders',
    { known: 'custs.id TRANSFORMATION, orders.id TRANSFORMATION' },
  ],
  [
    "SELECT id FROM raw.orders WHERE cust IN (SELECT id FROM raw.custs WHERE region = 'x')",
    { id: 'orders.id IDENTITY', '*': 'custs.id ~FILTER, custs.region ~FILTER, orders.cust ~FILTER' },
  ],
  [
    'SELECT coalesce(c.name, CAST(o.id AS VARCHAR)) AS n FROM raw.orders o FULL JOIN raw.custs c ON c.id = o.cust',
    { n: 'custs.name TRANSFORMATION, orders.id TRANSFORMATION', '*': 'custs.id ~JOIN, orders.cust ~JOIN' },
  ],
  [
    'SELECT cust, count(DISTINCT id) AS n, arg_max(amount, day) AS last FROM raw.orders GROUP BY cust HAVING sum(amount) > 3',
    {
      cust: 'orders.cust IDENTITY',
      n: 'orders.id AGGREGATION',
      last: 'orders.amount AGGREGATION, orders.day AGGREGATION',
      '*': 'orders.amount ~FILTER, orders.cust ~GROUP_BY',
    },
  ],
  [
    'SELECT region, name FROM raw.custs GROUP BY GROUPING SETS ((region, name), (region))',
    {
      region: 'custs.region IDENTITY',
      name: 'custs.name IDENTITY',
      '*': 'custs.name ~GROUP_BY, custs.region ~GROUP_BY',
    },
  ],
  [
    'SELECT s.id FROM (SELECT u.id FROM (SELECT id FROM raw.orders UNION SELECT id FROM raw.custs) u) s',
    { id: 'custs.id IDENTITY, orders.id IDENTITY' },
  ],
  [
    'SELECT t.k FROM (SELECT id + 1 AS k FROM raw.orders) t ORDER BY t.k LIMIT 3',
    { k: 'orders.id TRANSFORMATION', '*': 'orders.id ~SORT' },
  ],
  [
    'UNPIVOT raw.custs ON name, region INTO NAME k VALUE v',
    'a statement that the lineage library does not follow',
  ],
  [
    'SELECT sum(x) AS s FROM (SELECT id AS x FROM raw.orders UNION ALL SELECT id FROM raw.custs) u',
    { s: 'custs.id AGGREGATION, orders.id AGGREGATION' },
  ],
  ['SELECT id AS a, id AS A FROM raw.orders', { a: '?' }],
  ['SELECT a.id, b.id FROM raw.orders a, raw.custs b', { id: '?' }],
  [
    'SELECT x FROM (SELECT id AS x, cust FROM raw.orders WHERE cust IS NOT NULL) WHERE x > 1',
    { x: 'orders.id IDENTITY', '*': 'orders.cust ~FILTER' },
  ],
  [
    'SELECT CAST(day AS VARCHAR) AS day, substr(day, 1, 2) AS y FROM raw.orders GROUP BY day',
    { day: 'orders.day TRANSFORMATION', y: 'orders.day TRANSFORMATION', '*': 'orders.day ~GROUP_BY' },
  ],
];

test.each(SHAPES)('%s', (sql, expected) => {
  const tables = TABLES.filter(
    ({ schema, name }) => sql.toLowerCase().includes(name) && sql.toLowerCase().includes(schema),
  );
  const outputs =
    typeof expected === 'string' ? ['any'] : Object.keys(expected).filter((name) => name !== '*');
  const traced = traceSql(polyglot, { sql, tables, outputs });
  const told = (sources: ColumnSource[]) =>
    sources
      .map(({ input, column, transformations }) => {
        const kinds = transformations.map((kind) => kind.replace('INDIRECT ', '~').replace('DIRECT ', ''));
        return `${TABLES[input]!.name}.${column} ${kinds.join('+')}`;
      })
      .sort()
      .join(', ');
  if (typeof expected === 'string') {
    expect(traced.columns).toEqual([{ output: 'any', sources: null }]);
    expect(traced.doubts.join('; ')).toContain(expected);
    return;
  }
  const columns = traced.columns.map(({ output, sources }) => [
    output,
    sources === null ? '?' : told(sources),
  ]);
  const { '*': rows = '', ...known } = expected;
  expect(Object.fromEntries(columns)).toEqual(known);
  expect(told(traced.dataset)).toBe(rows);
});

test('an output that the statement does not give is lost, not invented', () => {
  const traced = traceSql(polyglot, {
    sql: 'SELECT id FROM raw.custs',
    tables: [TABLES[1]!],
    outputs: ['id', 'other'],
  });
  expect(traced.columns[1]).toEqual({ output: 'other', sources: null });
  expect(traced.doubts).toEqual(['column other']);
});

test('a source that nobody has looked at yet gives tables only', () => {
  const tables = [{ input: 0, schema: 'raw', name: 'custs', columns: null }];
  const traced = traceSql(polyglot, { sql: 'SELECT id FROM raw.custs', tables, outputs: ['id'] });
  expect(traced).toEqual({
    columns: [{ output: 'id', sources: null }],
    dataset: [],
    doubts: ['the columns of raw.custs are not known yet'],
  });
});

test('whole divisions are told to the library as divisions, in text and comments nothing changes', () => {
  const sql = `SELECT a // b, '//', "x//y", '''//' -- //\n /* // */ FROM t`;
  expect(knownSlashes(sql)).toBe(`SELECT a / b, '//', "x//y", '''//' -- //\n /* // */ FROM t`);
});
