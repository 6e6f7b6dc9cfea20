/**
 * The shapes of DuckDB's syntax tree as `json_serialize_sql` writes it, as data. A node kind or a field
 * that is not described here is refused: an upgrade of DuckDB can add syntax but not slip it past the guard.
 */

/** What a field holds, and so how it is walked. */
export type Part =
  | 'plain' // a word, number, flag or list of names without meaning for safety
  | 'empty' // must be absent, null, '' or []
  | 'expression' // an expression or null
  | 'expressions'
  | 'expression-rows' // lists of lists of expressions
  | 'orders' // [{ type, null_order, expression }]
  | 'order-modifier' // { orders }
  | 'keyed-expressions' // [{ key, value: expression }]
  | 'cases' // [{ when_expr, then_expr }]
  | 'modifiers'
  | 'ctes'
  | 'query' // a query node or null
  | 'statement' // { node: query node }
  | 'table'
  | 'pivots'
  | 'value'
  | 'type'
  | 'sample';

export type Shape = Record<string, Part>;
export type Node = Record<string, unknown>;

/** Every expression has these. */
const EXPRESSION: Shape = { class: 'plain', type: 'plain', alias: 'plain', query_location: 'plain' };

/** Expressions by `class`, with the values of `type` they may have. */
export const EXPRESSIONS: Record<string, { types: RegExp; shape: Shape }> = {
  BETWEEN: {
    types: /^COMPARE_(NOT_)?BETWEEN$/,
    shape: { ...EXPRESSION, input: 'expression', lower: 'expression', upper: 'expression' },
  },
  CASE: { types: /^CASE_EXPR$/, shape: { ...EXPRESSION, case_checks: 'cases', else_expr: 'expression' } },
  CAST: {
    types: /^OPERATOR_CAST$/,
    shape: { ...EXPRESSION, child: 'expression', cast_type: 'type', try_cast: 'plain' },
  },
  COLLATE: { types: /^COLLATE$/, shape: { ...EXPRESSION, child: 'expression', collation: 'plain' } },
  COLUMN_REF: { types: /^COLUMN_REF$/, shape: { ...EXPRESSION, column_names: 'plain' } },
  COMPARISON: { types: /^COMPARE_\w+$/, shape: { ...EXPRESSION, left: 'expression', right: 'expression' } },
  CONJUNCTION: { types: /^CONJUNCTION_(AND|OR)$/, shape: { ...EXPRESSION, children: 'expressions' } },
  CONSTANT: { types: /^VALUE_CONSTANT$/, shape: { ...EXPRESSION, value: 'value' } },
  FUNCTION: {
    types: /^FUNCTION$/,
    shape: {
      ...EXPRESSION,
      function_name: 'plain',
      schema: 'plain',
      catalog: 'plain',
      children: 'expressions',
      filter: 'expression',
      order_bys: 'order-modifier',
      distinct: 'plain',
      is_operator: 'plain',
      export_state: 'empty',
    },
  },
  LAMBDA: { types: /^LAMBDA$/, shape: { ...EXPRESSION, lhs: 'expression', expr: 'expression' } },
  OPERATOR: {
    types:
      /^(OPERATOR_(NOT|IS_NULL|IS_NOT_NULL|COALESCE|UNPACK|TRY)|ARRAY_(SLICE|EXTRACT|CONSTRUCTOR)|STRUCT_EXTRACT|COMPARE_(NOT_)?IN|GROUPING_FUNCTION)$/,
    shape: { ...EXPRESSION, children: 'expressions' },
  },
  POSITIONAL_REFERENCE: { types: /^POSITIONAL_REFERENCE$/, shape: { ...EXPRESSION, index: 'plain' } },
  STAR: {
    types: /^STAR$/,
    shape: {
      ...EXPRESSION,
      relation_name: 'plain',
      exclude_list: 'plain',
      qualified_exclude_list: 'plain',
      replace_list: 'keyed-expressions',
      rename_list: 'plain',
      columns: 'plain',
      expr: 'expression',
    },
  },
  SUBQUERY: {
    types: /^SUBQUERY$/,
    shape: {
      ...EXPRESSION,
      subquery_type: 'plain',
      subquery: 'statement',
      child: 'expression',
      comparison_type: 'plain',
    },
  },
  WINDOW: {
    types: /^WINDOW_\w+$/,
    shape: {
      ...EXPRESSION,
      function_name: 'plain',
      schema: 'plain',
      catalog: 'plain',
      children: 'expressions',
      partitions: 'expressions',
      orders: 'orders',
      arg_orders: 'orders',
      start: 'plain',
      end: 'plain',
      start_expr: 'expression',
      end_expr: 'expression',
      offset_expr: 'expression',
      default_expr: 'expression',
      filter_expr: 'expression',
      ignore_nulls: 'plain',
      exclude_clause: 'plain',
      distinct: 'plain',
    },
  },
};

/** Every table reference has these. */
const TABLE: Shape = { type: 'plain', alias: 'plain', sample: 'sample', query_location: 'plain' };

export const TABLES: Record<string, Shape> = {
  BASE_TABLE: {
    ...TABLE,
    schema_name: 'plain',
    table_name: 'plain',
    catalog_name: 'plain',
    column_name_alias: 'plain',
    at_clause: 'plain',
  },
  EMPTY: TABLE,
  EXPRESSION_LIST: { ...TABLE, expected_names: 'plain', expected_types: 'empty', values: 'expression-rows' },
  JOIN: {
    ...TABLE,
    left: 'table',
    right: 'table',
    condition: 'expression',
    join_type: 'plain',
    ref_type: 'plain',
    using_columns: 'plain',
    delim_flipped: 'empty',
    duplicate_eliminated_columns: 'empty',
  },
  PIVOT: {
    ...TABLE,
    source: 'table',
    aggregates: 'expressions',
    unpivot_names: 'plain',
    pivots: 'pivots',
    groups: 'plain',
    column_name_alias: 'plain',
    include_nulls: 'plain',
  },
  SHOW_REF: {
    ...TABLE,
    table_name: 'plain',
    catalog_name: 'plain',
    schema_name: 'plain',
    query: 'query',
    show_type: 'plain',
  },
  SUBQUERY: { ...TABLE, subquery: 'statement', column_name_alias: 'plain' },
  TABLE_FUNCTION: { ...TABLE, function: 'expression', column_name_alias: 'plain', with_ordinality: 'plain' },
};

export const QUERIES: Record<string, Shape> = {
  SELECT_NODE: {
    type: 'plain',
    modifiers: 'modifiers',
    cte_map: 'ctes',
    select_list: 'expressions',
    from_table: 'table',
    where_clause: 'expression',
    group_expressions: 'expressions',
    group_sets: 'plain',
    aggregate_handling: 'plain',
    having: 'expression',
    sample: 'sample',
    qualify: 'expression',
  },
  SET_OPERATION_NODE: {
    type: 'plain',
    modifiers: 'modifiers',
    cte_map: 'ctes',
    setop_type: 'plain',
    setop_all: 'plain',
    left: 'query',
    right: 'query',
    children: 'empty',
  },
  RECURSIVE_CTE_NODE: {
    type: 'plain',
    modifiers: 'modifiers',
    cte_map: 'ctes',
    cte_name: 'plain',
    union_all: 'plain',
    left: 'query',
    right: 'query',
    aliases: 'plain',
    key_targets: 'empty',
  },
};

export const MODIFIERS: Record<string, Shape> = {
  ORDER_MODIFIER: { type: 'plain', orders: 'orders' },
  LIMIT_MODIFIER: { type: 'plain', limit: 'expression', offset: 'expression' },
  LIMIT_PERCENT_MODIFIER: { type: 'plain', limit: 'expression', offset: 'expression' },
  DISTINCT_MODIFIER: { type: 'plain', distinct_on_targets: 'expressions' },
};

export interface Field {
  name: string;
  part: Part;
  value: unknown;
}

/** The described shape of a node, or undefined: unknown kinds are the caller's to refuse. */
export function shapeOf(node: Node): Shape | undefined {
  const type = String(node['type']);
  if ('class' in node) {
    const described = lookUp(EXPRESSIONS, String(node['class']));
    return described?.types.test(type) ? described.shape : undefined;
  }
  return lookUp(TABLES, type) ?? lookUp(QUERIES, type) ?? lookUp(MODIFIERS, type);
}

/** The fields of a node with their parts; a field without a part is reported as unknown by name. */
export function fieldsOf(node: Node, shape: Shape): { fields: Field[]; unknown: string[] } {
  const fields: Field[] = [];
  const unknown: string[] = [];
  for (const [name, value] of Object.entries(node)) {
    const part = lookUp(shape, name);
    if (part !== undefined) fields.push({ name, part, value });
    else if (!isEmpty(value)) unknown.push(name);
  }
  return { fields, unknown };
}

export function isEmpty(value: unknown): boolean {
  return (
    value === null ||
    value === undefined ||
    value === '' ||
    value === false ||
    (Array.isArray(value) && value.length === 0)
  );
}

/** Own properties only: a node kind called `constructor` is not known. */
function lookUp<Value>(table: Record<string, Value>, key: string): Value | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

/** The expressions directly inside a node, in order, those of its lists and clauses included. */
export function expressionsOf(node: Node): Node[] {
  return Object.values(node).flatMap((value) => directExpressions(value));
}

function directExpressions(value: unknown): Node[] {
  if (Array.isArray(value)) return value.flatMap(directExpressions);
  if (value === null || typeof value !== 'object') return [];
  const node = value as Node;
  if ('class' in node) return [node];
  // Queries and tables have expressions of their own; everything else is a wrapper (orders, cases, modifiers).
  if (isQueryOrTable(node)) return [];
  return Object.values(node).flatMap(directExpressions);
}

/** The query nodes directly inside a node. */
export function queriesOf(node: Node): Node[] {
  return Object.values(node).flatMap((value) => directQueries(value));
}

function directQueries(value: unknown): Node[] {
  if (Array.isArray(value)) return value.flatMap(directQueries);
  if (value === null || typeof value !== 'object') return [];
  const node = value as Node;
  if (lookUp(QUERIES, String(node['type'])) && !('class' in node)) return [node];
  if ('class' in node || lookUp(TABLES, String(node['type']))) return [];
  return Object.values(node).flatMap(directQueries);
}

function isQueryOrTable(node: Node): boolean {
  const type = String(node['type']);
  return lookUp(QUERIES, type) !== undefined || lookUp(TABLES, type) !== undefined;
}
