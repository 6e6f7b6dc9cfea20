import { isAggregate } from './allowed-functions.ts';
import type { Relation } from './engine.ts';
import { columnKinds, isTotal, type ColumnKinds } from './total-predicate.ts';
import { expressionsOf, isEmpty, queriesOf, type Node } from './syntax-shapes.ts';

/**
 * Whether the views of a task that hide rows must stand behind a barrier, see `duckdb-database.ts`. Decided
 * from the statement and the views' types alone, never from data: a slower run tells nothing about rows.
 *
 * DuckDB may move only filters below a view's own filter. So an expression can meet a hidden row when it
 * stands where filters stand (WHERE, ON, HAVING, QUALIFY), or is given a name below such a place. When all of
 * those are total (they cannot fail and cost next to nothing, see `total-predicate.ts`) no barrier is needed.
 * What aggregates and windows compute is safe: no filter on it moves below them.
 */
export function needsBarrier(tree: unknown, relations: Relation[]): boolean {
  const statements = (tree as { statements: { node: Node }[] }).statements;
  const kinds = columnKinds(relations, tree);
  return statements.some(({ node }) => isRisky(node, false, kinds));
}

/** A query node; `below` says that a filter stands above it, into which its expressions may be put. */
function isRisky(query: Node, below: boolean, kinds: ColumnKinds): boolean {
  if (query['type'] !== 'SELECT_NODE') return queriesOf(query).some((one) => isRisky(one, true, kinds));
  const filters = [query['where_clause'], query['having'], query['qualify']].filter(
    (one) => !isEmpty(one),
  ) as Node[];
  const from = query['from_table'] as Node;
  const filtered = below || filters.length > 0;
  return (
    filters.some((filter) => !isTotal(filter, kinds)) ||
    isRiskyTable(from, filtered, kinds) ||
    commonTables(query).some((one) => isRisky(one, true, kinds)) ||
    values(query).some((value) => isRiskyValue(value, below, kinds))
  );
}

function commonTables(query: Node): Node[] {
  const entries =
    (query['cte_map'] as { map: { value: { query: { node: Node } } }[] } | undefined)?.map ?? [];
  return entries.map(({ value }) => value.query.node);
}

/** The expressions of a level that make values and not choices. */
function values(query: Node): Node[] {
  const {
    where_clause: _where,
    having: _having,
    qualify: _qualify,
    from_table: _from,
    cte_map: _ctes,
    ...rest
  } = query;
  return expressionsOf(rest);
}

/** Below a filter a value must be total unless it is computed by an aggregate or window; subqueries always. */
function isRiskyValue(value: Node, below: boolean, kinds: ColumnKinds): boolean {
  if (value['class'] === 'SUBQUERY') return subqueries(value).some((one) => isRisky(one, true, kinds));
  const parts = expressionsOf(value);
  if (isComputedAbove(value)) return parts.some((part) => isRiskyValue(part, false, kinds));
  if (below && !['STAR', 'COLUMN_REF', 'CONSTANT'].includes(String(value['class'])) && !isTotal(value, kinds))
    return true;
  return parts.some((part) => isRiskyValue(part, below, kinds));
}

function isComputedAbove(value: Node): boolean {
  if (value['class'] === 'WINDOW') return true;
  return value['class'] === 'FUNCTION' && isAggregate(String(value['function_name']));
}

function subqueries(value: Node): Node[] {
  return [...queriesOf(value), ...expressionsOf(value).flatMap(subqueries)];
}

/** A FROM clause; everything but a base table and a join on total conditions is looked into. */
function isRiskyTable(table: Node, below: boolean, kinds: ColumnKinds): boolean {
  switch (table['type']) {
    case 'BASE_TABLE':
    case 'EMPTY':
      return false;
    case 'SUBQUERY':
      return isRisky((table['subquery'] as { node: Node }).node, below, kinds);
    case 'SHOW_REF':
      return isRisky(table['query'] as Node, below, kinds);
    case 'JOIN': {
      if (isRiskyJoin(table, kinds)) return true;
      return [table['left'], table['right']].some((side) => isRiskyTable(side as Node, true, kinds));
    }
    case 'TABLE_FUNCTION':
      return expressionsOf(table['function'] as Node).some((part) => isRiskyValue(part, true, kinds));
    default:
      // Pivots and lists of values: their expressions may stand below filters.
      return (
        expressionsOf(table).some((part) => isRiskyValue(part, true, kinds)) ||
        (table['source'] !== undefined && isRiskyTable(table['source'] as Node, true, kinds))
      );
  }
}

/** Columns that USING or NATURAL compares must have one type everywhere, or DuckDB converts one of them. */
function isRiskyJoin(table: Node, kinds: ColumnKinds): boolean {
  const condition = table['condition'] as Node | null;
  const using = (table['using_columns'] as string[] | undefined) ?? [];
  return (
    table['ref_type'] === 'NATURAL' ||
    using.some((name) => !kinds.get(name.toLowerCase())) ||
    (condition !== null && !isTotal(condition, kinds))
  );
}
