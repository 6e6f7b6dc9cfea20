import { expect, test } from 'vitest';
import type { LineageGraph, LineageNode } from './api-types.ts';
import { heightOf, MOST_DRAWN_COLUMNS, NODE, pathOf, placeKey, sourcesOf } from './lineage-layout.ts';

const node = (id: string, columns: string[]): LineageNode => ({
  ...{
    id,
    kind: 'dataset',
    name: `d.p.${id}`,
    label: id,
    domain: 'd',
    product: 'p',
    depth: 0,
    doubts: [],
    until: null,
  },
  columns: columns.map((name) => ({ name, type: 'int' })),
});
const way = (from: string, to: string, type = 'DIRECT') => {
  const [fromNode = '', fromColumn = null] = from.split('.');
  const [toNode = '', toColumn = null] = to.split('.');
  return {
    from: fromNode,
    fromColumn,
    to: toNode,
    toColumn,
    transformations: [{ type, subtype: 'AGGREGATION', masking: false }],
  };
};
const GRAPH: LineageGraph = {
  start: ['b'],
  nodes: [node('a', ['x', 'y']), node('b', ['x', 'z']), node('c', ['z'])],
  edges: [],
  columnEdges: [
    way('a.x', 'b.x'),
    way('a.y', 'b.z'),
    way('b.z', 'c.z'),
    way('a.x', 'b.z', 'INDIRECT'),
    way('a.x', 'b'),
  ],
  truncated: false,
};

test('a column lights up what its values come from and reach, and nothing that only filters', () => {
  const lit = (start: string, column: string) => [...pathOf(GRAPH, { node: start, column })].sort();
  const keys = (...places: [string, string][]) =>
    places.map(([of, column]) => placeKey({ node: of, column })).sort();
  expect(lit('b', 'z')).toEqual(keys(['a', 'y'], ['b', 'z'], ['c', 'z']));
  expect(lit('a', 'x')).toEqual(keys(['a', 'x'], ['b', 'x']));
});

test('an open node is as high as its columns, up to a limit', () => {
  expect(heightOf(GRAPH.nodes[0]!, false)).toBe(NODE.head);
  expect(heightOf(GRAPH.nodes[0]!, true)).toBe(NODE.head + 2 * NODE.row + NODE.foot);
  const wide = node(
    'w',
    Array.from({ length: 500 }, (_, index) => `c${index}`),
  );
  expect(heightOf(wide, true)).toBe(NODE.head + (MOST_DRAWN_COLUMNS + 1) * NODE.row + NODE.foot);
});

test('where a column comes from is said in words', () => {
  expect(sourcesOf(GRAPH, { node: 'b', column: 'z' })).toEqual([
    'y of d.p.a (aggregation)',
    'x of d.p.a (aggregation)',
  ]);
});
