import type { LineageGraph, LineageNode } from './api-types.ts';

/** Columns of an open node that are drawn; the others are in the list beside the picture. */
export const MOST_DRAWN_COLUMNS = 40;

/** Sizes in pixels; the node's part draws by the same. */
export const NODE = { width: 240, head: 52, row: 24, foot: 8 } as const;

export function heightOf(node: LineageNode, open: boolean): number {
  if (!open || node.columns.length === 0) return NODE.head;
  const more = node.columns.length > MOST_DRAWN_COLUMNS ? 1 : 0;
  return NODE.head + (Math.min(node.columns.length, MOST_DRAWN_COLUMNS) + more) * NODE.row + NODE.foot;
}

/** A column, or with `column: null` a node as a whole. */
export interface Place {
  node: string;
  column: string | null;
}

export const placeKey = ({ node, column }: Place): string => JSON.stringify([node, column]);

/**
 * Everything that the values of a column come from or reach, as keys of places, both ways. Only what flows:
 * filters and joins touch every row and would light up everything.
 */
export function pathOf(graph: LineageGraph, start: Place): Set<string> {
  const lit = new Set([placeKey(start)]);
  const flows = graph.columnEdges.filter(
    ({ fromColumn, toColumn, transformations }) =>
      fromColumn !== null && toColumn !== null && transformations.some(({ type }) => type === 'DIRECT'),
  );
  const follow = (from: 'from' | 'to', to: 'from' | 'to') => {
    const waiting = [start];
    const seen = new Set([placeKey(start)]);
    for (let place = waiting.pop(); place !== undefined; place = waiting.pop()) {
      const { node, column } = place;
      for (const edge of flows) {
        if (edge[from] !== node || edge[`${from}Column`] !== column) continue;
        const next = { node: edge[to], column: edge[`${to}Column`] };
        if (seen.has(placeKey(next))) continue;
        seen.add(placeKey(next));
        lit.add(placeKey(next));
        waiting.push(next);
      }
    }
  };
  follow('from', 'to');
  follow('to', 'from');
  return lit;
}

/** What a column comes from, in words: `amount of sales.orders (aggregation)`. */
export function sourcesOf(graph: LineageGraph, { node, column }: Place): string[] {
  const names = new Map(graph.nodes.map(({ id, name }) => [id, name]));
  return graph.columnEdges
    .filter((edge) => edge.to === node && edge.toColumn === column && edge.fromColumn !== null)
    .map(({ from, fromColumn, transformations }) => {
      const kinds = transformations.map(
        ({ type, subtype, masking }) =>
          `${(subtype ?? type).toLowerCase().replace('_', ' ')}${masking ? ', masked' : ''}`,
      );
      return `${fromColumn} of ${names.get(from) ?? from}${kinds.length === 0 ? '' : ` (${kinds.join(', ')})`}`;
    });
}
