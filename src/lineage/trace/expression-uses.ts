import { AGGREGATES } from './aggregates.ts';
import { type ColumnName, columnOf, entriesOf, isNode, lower, type Node } from './syntax-nodes.ts';
import type { DirectKind, Transformation } from './trace-model.ts';

/** Where an expression uses a column, or a scalar subquery (`column` null), and what it does with it. */
export interface Use {
  column: ColumnName | null;
  transformation: Transformation;
}

/** Every use of a column in an expression; not what stands inside its subqueries. */
export function usesOf(expression: unknown): Use[] {
  const uses: Use[] = [];
  walk(expression, 'DIRECT IDENTITY', uses);
  return uses;
}

/** What hands a value on as it is: brackets, a name, and the field an operand stands in. */
const TRANSPARENT = new Set(['alias', 'paren', 'this']);

/** Parts of a node that only steer the result (OpenLineage: INDIRECT), whatever stands around them. */
const STEERING: Record<string, Transformation> = {
  over: 'INDIRECT WINDOW',
  filter: 'INDIRECT FILTER',
  order_by: 'INDIRECT SORT',
  condition: 'INDIRECT CONDITIONAL',
};

function walk(value: unknown, transformation: Transformation, uses: Use[]): void {
  if (Array.isArray(value)) {
    for (const item of value) walk(item, transformation, uses);
    return;
  }
  if (!isNode(value)) return;
  const column = columnOf(value);
  if (column !== null) {
    uses.push({ column, transformation });
    return;
  }
  for (const [key, body] of entriesOf(value)) {
    if (key === 'subquery' || key === 'exists') uses.push({ column: null, transformation });
    else if (key === 'case' && isNode(body)) walkCase(body, transformation, uses);
    else if (TRANSPARENT.has(key)) walk(body, transformation, uses);
    else walk(body, combine(transformation, STEERING[key] ?? effectOf(key, body)), uses);
  }
}

/** `CASE WHEN condition THEN value`: the condition chooses, the value flows. */
function walkCase(body: Node, transformation: Transformation, uses: Use[]): void {
  const chosen = combine(transformation, 'DIRECT TRANSFORMATION');
  const choosing = combine(transformation, 'INDIRECT CONDITIONAL');
  for (const [part, below] of entriesOf(body)) {
    if (part === 'whens' && Array.isArray(below)) {
      for (const [condition, value] of below as [unknown, unknown][]) {
        walk(condition, choosing, uses);
        walk(value, chosen, uses);
      }
    } else walk(below, part === 'else_' ? chosen : choosing, uses);
  }
}

/** DuckDB's functions that give a digest: equal values stay equal, and can no longer be read. */
const DIGESTS: ReadonlySet<string> = new Set(
  'hash md5 md5_number md5_number_lower md5_number_upper sha1 sha256'.split(' '),
);

function effectOf(kind: string, body: unknown): Transformation {
  const name = isNode(body) && typeof body['name'] === 'string' ? lower(body['name']) : '';
  if (DIGESTS.has(kind) || DIGESTS.has(name)) return 'DIRECT TRANSFORMATION MASKING';
  const aggregates = AGGREGATES.has(kind) || AGGREGATES.has(name);
  return aggregates ? 'DIRECT AGGREGATION' : 'DIRECT TRANSFORMATION';
}

const STRENGTH: readonly DirectKind[] = ['IDENTITY', 'TRANSFORMATION', 'AGGREGATION'];

/**
 * Two steps on one way: what only steers once stays indirect, else the strongest step counts, and what was masked
 * once stays masked.
 */
export function combine(outer: Transformation, inner: Transformation): Transformation {
  if (outer.startsWith('INDIRECT')) return outer;
  if (inner.startsWith('INDIRECT')) return inner;
  const kinds = [outer, inner].map((way) => way.split(' ')[1] as DirectKind);
  const strongest = STRENGTH.findLast((kind) => kinds.includes(kind)) ?? 'IDENTITY';
  const masks = [outer, inner].some((way) => way.endsWith(MASKING));
  return masks && strongest !== 'IDENTITY' ? `DIRECT ${strongest} MASKING` : `DIRECT ${strongest}`;
}

const MASKING = ' MASKING';
