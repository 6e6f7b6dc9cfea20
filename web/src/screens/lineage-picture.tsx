import '@xyflow/react/dist/style.css';
import dagre from '@dagrejs/dagre';
import {
  Background,
  Controls,
  type Edge,
  Handle,
  type Node,
  type NodeProps,
  Position,
  ReactFlow,
} from '@xyflow/react';
import { Boxes, Database, GitBranch, Table2, Users } from 'lucide-react';
import { useMemo } from 'react';
import type { LineageGraph, LineageNode } from '../api-types.ts';
import { heightOf, MOST_DRAWN_COLUMNS, NODE, type Place, placeKey } from '../lineage-layout.ts';
import { cn } from '../parts/class-names.ts';

/** What the picture shows and what its nodes can ask for. */
export interface PictureState {
  open: ReadonlySet<string>;
  lit: ReadonlySet<string>;
  toggle(node: string): void;
  choose(place: Place): void;
}

interface Drawn extends Record<string, unknown> {
  node: LineageNode;
  isStart: boolean;
  state: PictureState;
}

const NODE_TYPES = { lineage: LineageBox };

/** The graph as a picture, from left to right. A list with the same content stands beside it: see `product-lineage.tsx`. */
export function LineagePicture({ graph, state }: { graph: LineageGraph; state: PictureState }) {
  const nodes = useMemo(() => placed(graph, state), [graph, state]);
  const edges = useMemo(() => drawnEdges(graph, state), [graph, state]);
  return (
    <div className="h-[32rem] overflow-hidden rounded-lg border border-line bg-surface" data-lineage-picture>
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={NODE_TYPES}
        nodesDraggable={false}
        nodesConnectable={false}
        nodesFocusable={false}
        edgesFocusable={false}
        elementsSelectable={false}
        minZoom={0.2}
        maxZoom={1.25}
        fitView
        fitViewOptions={{ padding: 0.12, maxZoom: 1 }}
        onlyRenderVisibleElements
        proOptions={{ hideAttribution: true }}
      >
        <Background gap={20} />
        <Controls showInteractive={false} />
      </ReactFlow>
    </div>
  );
}

function placed(graph: LineageGraph, state: PictureState): Node<Drawn>[] {
  const layout = new dagre.graphlib.Graph();
  layout.setGraph({ rankdir: 'LR', nodesep: 20, ranksep: 70 });
  layout.setDefaultEdgeLabel(() => ({}));
  for (const node of graph.nodes) {
    layout.setNode(node.id, { width: NODE.width, height: heightOf(node, state.open.has(node.id)) });
  }
  for (const { from, to } of graph.edges) layout.setEdge(from, to);
  dagre.layout(layout);
  return graph.nodes.map((node) => {
    const { x, y } = layout.node(node.id);
    const height = heightOf(node, state.open.has(node.id));
    return {
      id: node.id,
      type: 'lineage',
      position: { x: x - NODE.width / 2, y: y - height / 2 },
      width: NODE.width,
      height,
      // Nothing of the node itself can be dragged or chosen, so the library would let clicks fall through it.
      style: { pointerEvents: 'all' },
      data: { node, isStart: graph.start.includes(node.id), state },
    };
  });
}

const HANDLE = 'node';

function drawnEdges(graph: LineageGraph, { open, lit }: PictureState): Edge[] {
  const drawn = (id: string, column: string | null) =>
    open.has(id) &&
    (graph.nodes.find((node) => node.id === id)?.columns ?? [])
      .slice(0, MOST_DRAWN_COLUMNS)
      .some(({ name }) => name === column);
  const whole = graph.edges.map(({ from, to, level }): Edge => ({
    ...{ id: `${from} ${to}`, source: from, target: to, sourceHandle: HANDLE, targetHandle: HANDLE },
    style: {
      stroke: 'var(--line-strong)',
      strokeWidth: 1.5,
      ...(level === 'column' ? {} : { strokeDasharray: '5 4' }),
      opacity: lit.size > 0 ? 0.5 : 1,
    },
  }));
  const columns = graph.columnEdges.flatMap(({ from, fromColumn, to, toColumn }): Edge[] => {
    const ends = [placeKey({ node: from, column: fromColumn }), placeKey({ node: to, column: toColumn })];
    if (!ends.every((end) => lit.has(end)) || !drawn(from, fromColumn) || !drawn(to, toColumn)) return [];
    const handles = { sourceHandle: `column ${fromColumn}`, targetHandle: `column ${toColumn}` };
    return [
      {
        ...{ id: ends.join(' '), source: from, target: to, ...handles },
        style: { stroke: 'var(--accent)', strokeWidth: 2 },
        zIndex: 1,
      },
    ];
  });
  return [...whole, ...columns];
}

const ICONS = {
  dataset: Table2,
  'source-table': Database,
  external: Boxes,
  job: GitBranch,
  subscription: Users,
};

function LineageBox({ data: { node, isStart, state } }: NodeProps<Node<Drawn>>) {
  const open = state.open.has(node.id);
  const Icon = ICONS[node.kind];
  const wholeLit = node.columns.some(({ name }) => state.lit.has(placeKey({ node: node.id, column: name })));
  const shown = open ? node.columns.slice(0, MOST_DRAWN_COLUMNS) : [];
  return (
    <div
      className={cn(
        'h-full overflow-hidden rounded-md border bg-surface text-left text-sm shadow-sm',
        isStart ? 'border-accent' : 'border-line-strong',
        wholeLit && 'ring-2 ring-accent/40',
      )}
    >
      <Ends id={HANDLE} topPx={NODE.head / 2} />
      <button
        type="button"
        disabled={node.columns.length === 0}
        aria-expanded={open}
        onClick={() => state.toggle(node.id)}
        className="nopan flex w-full items-center gap-2 px-2.5 text-left not-disabled:hover:bg-hover"
        style={{ height: NODE.head }}
      >
        <Icon className="size-4 shrink-0 text-ink-faint" aria-hidden="true" />
        <span className="min-w-0 flex-1">
          <span className="block truncate font-medium">{node.label}</span>
          <span className="block truncate text-xs text-ink-faint">{subtitle(node)}</span>
        </span>
        {node.columns.length > 0 && (
          <span className="text-xs text-ink-faint" aria-label={`${node.columns.length} columns`}>
            {open ? '−' : '+'}
            {node.columns.length}
          </span>
        )}
      </button>
      {shown.map(({ name }) => (
        <ColumnRow key={name} place={{ node: node.id, column: name }} state={state} />
      ))}
      {open && node.columns.length > shown.length && (
        <p className="border-t border-line px-2.5 text-xs text-ink-faint" style={{ height: NODE.row }}>
          {node.columns.length - shown.length} more in the list
        </p>
      )}
    </div>
  );
}

function ColumnRow({ place, state }: { place: Place; state: PictureState }) {
  const isLit = state.lit.has(placeKey(place));
  return (
    <button
      type="button"
      aria-pressed={isLit}
      onClick={() => state.choose(place)}
      className={cn(
        'nopan relative block w-full truncate border-t border-line px-2.5 text-left font-mono text-xs hover:bg-hover',
        isLit && 'bg-accent-soft text-accent-strong',
      )}
      style={{ height: NODE.row }}
    >
      {place.column}
      <Ends id={`column ${place.column}`} topPx={NODE.row / 2} />
    </button>
  );
}

function subtitle({ kind, domain, product, name }: LineageNode): string {
  if (kind === 'dataset') return `${domain} · ${product}`;
  if (kind === 'source-table') return `${domain} · source ${name.split('/')[1]}`;
  if (kind === 'subscription') return `${domain} subscribes`;
  return `${domain} · ${kind === 'job' ? 'job' : 'outside'}`;
}

function Ends({ id, topPx }: { id: string; topPx: number }) {
  const style = { top: topPx, opacity: 0, pointerEvents: 'none' } as const;
  return (
    <>
      <Handle type="target" position={Position.Left} id={id} style={style} isConnectable={false} />
      <Handle type="source" position={Position.Right} id={id} style={style} isConnectable={false} />
    </>
  );
}
