import { columnOf, eachNode, isNode, lower, nameOf, type Node } from './syntax-nodes.ts';
import type { TraceTable } from './trace-model.ts';

/**
 * Shapes that the library parses and then answers wrongly or not at all, each seen in a test. A statement
 * with one of them is traced by its tables alone: no edge is better than a wrong one.
 */
export function findDoubts(statement: unknown, tables: readonly TraceTable[]): string[] {
  const doubts = new Set<string>();
  const known = knownNames(statement, tables);
  eachNode(statement, (node) => {
    for (const doubt of [starDoubt(node), shapeDoubt(node), joinDoubt(node), nameDoubt(node, known)]) {
      if (doubt !== null) doubts.add(doubt);
    }
  });
  return [...doubts].sort();
}

/** Names a column may have anywhere in the statement: of its tables, and given by an alias. */
function knownNames(statement: unknown, tables: readonly TraceTable[]): Set<string> {
  const names = new Set(tables.flatMap(({ columns }) => (columns ?? []).map(({ name }) => lower(name))));
  eachNode(statement, (node) => {
    const cte = node['columns'];
    if (Array.isArray(cte)) for (const column of cte) names.add(lower(nameOf(column)));
  });
  return names;
}

/** `* EXCLUDE`, `* REPLACE` and `* RENAME` are taken for a bare `*`. */
function starDoubt(node: Node): string | null {
  const star = node['star'];
  if (!isNode(star)) return null;
  return ['except', 'replace', 'rename'].some((part) => filled(star[part]))
    ? '* with EXCLUDE, REPLACE or RENAME'
    : null;
}

function shapeDoubt(node: Node): string | null {
  if ('pivot' in node || 'unpivot' in node) return 'PIVOT or UNPIVOT';
  if ('comprehension' in node) return 'a list comprehension';
  const called = isNode(node['function']) ? lower(String(node['function']['name'] ?? '')) : '';
  if (called === 'columns') return 'COLUMNS(…)';
  if (node['recursive'] === true) return 'WITH RECURSIVE';
  if (columnOf(node)?.name.startsWith('#') === true) return 'a column by its position (#1)';
  return null;
}

function joinDoubt(node: Node): string | null {
  if (!Array.isArray(node['joins'])) return null;
  const kinds = node['joins'].map((join) => String((join as Node)['kind'] ?? ''));
  return kinds.some((kind) => /natural|positional|asof/i.test(kind))
    ? 'a NATURAL, POSITIONAL or ASOF join'
    : null;
}

function nameDoubt(node: Node, known: ReadonlySet<string>): string | null {
  const table = node['table'];
  const derived = node['subquery'];
  const renamed = [table, isNode(derived) && !isValues(derived) ? derived : null];
  if (renamed.some((part) => isNode(part) && filled(part['column_aliases']))) {
    return 'a table whose columns get other names';
  }
  const lambda = node['lambda'];
  if (isNode(lambda) && Array.isArray(lambda['parameters'])) {
    const clash = lambda['parameters'].some((parameter) => known.has(lower(nameOf(parameter))));
    if (clash) return 'a lambda whose parameter is called like a column';
  }
  const select = node['select'];
  return isNode(select) ? aliasDoubt(select, known) : null;
}

/**
 * DuckDB takes `cust` in `SELECT amount AS cust, cust + 1` for the column, the library for the alias. No
 * matter where the alias is of the column itself.
 */
function aliasDoubt(select: Node, known: ReadonlySet<string>): string | null {
  const projections = Array.isArray(select['expressions']) ? (select['expressions'] as unknown[]) : [];
  for (const projection of projections) {
    const alias = isNode(projection) && isNode(projection['alias']) ? projection['alias'] : null;
    if (alias === null) continue;
    const name = lower(nameOf(alias['alias']));
    if (!known.has(name) || onlyNames(alias['this'], name)) continue;
    const others = [...projections.filter((other) => other !== projection), ...bodyOf(select)];
    if (others.some((other) => usesBare(other, name)))
      return 'an alias that is called like a column and used beside it';
  }
  return null;
}

function bodyOf(select: Node): unknown[] {
  return ['where_clause', 'group_by', 'having', 'qualify', 'windows'].map((part) => select[part]);
}

function onlyNames(expression: unknown, name: string): boolean {
  let only = true;
  eachNode(expression, (node) => {
    const column = columnOf(node);
    if (column !== null && lower(column.name) !== name) only = false;
  });
  return only;
}

function usesBare(expression: unknown, name: string): boolean {
  let uses = false;
  eachNode(expression, (node) => {
    const column = columnOf(node);
    if (column !== null && column.table === '' && lower(column.name) === name) uses = true;
  });
  return uses;
}

function isValues(derived: Node): boolean {
  return isNode(derived['this']) && 'values' in derived['this'];
}

function filled(list: unknown): boolean {
  return Array.isArray(list) && list.length > 0;
}
