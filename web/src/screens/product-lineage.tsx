import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { lazy, Suspense, useMemo, useState } from 'react';
import type { LineageGraph, LineageNode, Product } from '../api-types.ts';
import { pathOf, type Place, placeKey, sourcesOf } from '../lineage-layout.ts';
import { Button } from '../parts/button.tsx';
import { cn } from '../parts/class-names.ts';
import { Empty, ErrorNotice, Loading } from '../parts/notice.tsx';
import { Section } from '../parts/page.tsx';
import { productSegment } from '../product-address.ts';
import { lineageQuery } from '../queries.ts';
import type { PictureState } from './lineage-picture.tsx';

/** The drawing library is larger than the rest of the app: it comes with the first picture. */
const LineagePicture = lazy(() =>
  import('./lineage-picture.tsx').then((part) => ({ default: part.LineagePicture })),
);

/** Where the product comes from and who builds on it, as a picture or as a list. */
export function ProductLineage({ product }: { product: Product }) {
  const [depth, setDepth] = useState(3);
  const [form, setForm] = useState<'picture' | 'list'>('picture');
  const lineage = useQuery(lineageQuery(`${product.domain}.${productSegment(product)}`, depth));
  const isAlone = lineage.data !== undefined && lineage.data.edges.length === 0;
  return (
    <Section
      title="Lineage"
      aside={
        <div className="flex items-center gap-2">
          <label className="flex items-center gap-1.5 text-sm text-ink-soft">
            Steps
            <select
              value={depth}
              onChange={(event) => setDepth(Number(event.target.value))}
              className="h-7 rounded-md border border-edge bg-surface px-1.5"
            >
              {[1, 2, 3, 5, 10, 20].map((steps) => (
                <option key={steps}>{steps}</option>
              ))}
            </select>
          </label>
          <Button
            size="small"
            aria-pressed={form === 'list'}
            onClick={() => setForm(form === 'list' ? 'picture' : 'list')}
          >
            {form === 'list' ? 'Show as picture' : 'Show as list'}
          </Button>
        </div>
      }
    >
      {lineage.isPending && <Loading label="Reading the lineage" />}
      {lineage.isError && <ErrorNotice error={lineage.error} retry={() => void lineage.refetch()} />}
      {isAlone && (
        <Empty title="Nothing that you can see is before or behind it">
          Lineage is read from the pipelines' SQL when they are applied, and from the events that other
          systems report.
        </Empty>
      )}
      {lineage.data && !isAlone && <Drawn key={form} graph={lineage.data} form={form} />}
    </Section>
  );
}

function Drawn({ graph, form }: { graph: LineageGraph; form: 'picture' | 'list' }) {
  const [open, setOpen] = useState<ReadonlySet<string>>(() => new Set(graph.start));
  const [chosen, setChosen] = useState<Place | null>(null);
  const lit = useMemo(() => (chosen === null ? new Set<string>() : pathOf(graph, chosen)), [graph, chosen]);
  const state = useMemo<PictureState>(
    () => ({
      open: new Set([...open, ...(chosen === null ? [] : nodesOf(lit))]),
      lit,
      toggle: (node) => setOpen((before) => toggled(before, node)),
      choose: (place) =>
        setChosen((before) => (before && placeKey(before) === placeKey(place) ? null : place)),
    }),
    [open, lit, chosen],
  );
  return (
    <div className="space-y-2">
      {graph.truncated && (
        <p className="text-sm text-ink-soft">
          There is more than is shown: ask for more steps, or open a product further along.
        </p>
      )}
      {form === 'picture' ? (
        <Suspense fallback={<Loading label="Drawing the lineage" lines={6} />}>
          <LineagePicture graph={graph} state={state} />
        </Suspense>
      ) : (
        <LineageList graph={graph} state={state} />
      )}
      <Chosen graph={graph} place={chosen} clear={() => setChosen(null)} />
      <Doubts graph={graph} />
    </div>
  );
}

const nodesOf = (keys: ReadonlySet<string>): string[] =>
  [...keys].map((key) => (JSON.parse(key) as [string])[0]);

function toggled(before: ReadonlySet<string>, node: string): ReadonlySet<string> {
  const after = new Set(before);
  if (!after.delete(node)) after.add(node);
  return after;
}

/** What the picture shows by colour, in words. */
function Chosen({ graph, place, clear }: { graph: LineageGraph; place: Place | null; clear: () => void }) {
  if (place === null) return <p className="text-sm text-ink-faint">Choose a column to follow its values.</p>;
  const name = graph.nodes.find(({ id }) => id === place.node)?.name ?? '';
  const sources = sourcesOf(graph, place);
  return (
    <div
      role="status"
      className="flex items-start justify-between gap-3 rounded-md bg-accent-soft px-3 py-2 text-sm"
    >
      <p className="min-w-0 break-words">
        <span className="font-mono">{place.column}</span> of {name}
        {sources.length === 0 ? ' has no input that was traced.' : ` comes from ${sources.join('; ')}.`}
      </p>
      <Button size="small" look="quiet" onClick={clear}>
        Clear
      </Button>
    </div>
  );
}

function Doubts({ graph }: { graph: LineageGraph }) {
  const doubtful = graph.nodes.filter(({ doubts }) => doubts.length > 0);
  if (doubtful.length === 0) return null;
  return (
    <details className="text-sm text-ink-soft">
      <summary>Not traced to every column: {doubtful.length}</summary>
      <ul className="mt-1 list-disc space-y-1 pl-5">
        {doubtful.map(({ id, name, doubts }) => (
          <li key={id}>
            {name}: {doubts.slice(0, 5).join('; ')}
            {doubts.length > 5 && ` and ${doubts.length - 5} more`}
          </li>
        ))}
      </ul>
    </details>
  );
}

/** The same as the picture, for those who read: what is before, the product, what is behind. */
function LineageList({ graph, state }: { graph: LineageGraph; state: PictureState }) {
  const parts = [
    { title: 'Made of', nodes: graph.nodes.filter(({ depth }) => depth < 0) },
    { title: 'This product', nodes: graph.nodes.filter(({ id }) => graph.start.includes(id)) },
    {
      title: 'Used by',
      nodes: graph.nodes.filter(({ id, depth }) => depth >= 0 && !graph.start.includes(id)),
    },
  ];
  return (
    <div className="space-y-4">
      {parts.map(({ title, nodes }) => (
        <section key={title} aria-label={title}>
          <h3 className="mb-1 text-sm font-medium">{title}</h3>
          {nodes.length === 0 && <p className="text-sm text-ink-faint">Nothing that you can see.</p>}
          <ul className="divide-y divide-line rounded-lg border border-line bg-surface empty:hidden">
            {nodes.map((node) => (
              <ListedNode key={node.id} node={node} graph={graph} state={state} />
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}

function ListedNode({ node, graph, state }: { node: LineageNode; graph: LineageGraph; state: PictureState }) {
  const names = new Map(graph.nodes.map(({ id, name }) => [id, name]));
  const from = graph.edges.filter(({ to }) => to === node.id).map((edge) => names.get(edge.from) ?? '');
  return (
    <li className="px-3 py-2">
      <p className="break-words">
        <NodeName node={node} />
        {from.length > 0 && <span className="text-sm text-ink-faint"> from {from.join(', ')}</span>}
      </p>
      {node.columns.length > 0 && (
        <details className="mt-1 text-sm" open={state.open.has(node.id)}>
          <summary className="text-ink-soft">{node.columns.length} columns</summary>
          <ul className="mt-1 flex flex-wrap gap-1">
            {node.columns.map(({ name }) => {
              const isLit = state.lit.has(placeKey({ node: node.id, column: name }));
              return (
                <li key={name}>
                  <button
                    type="button"
                    aria-pressed={isLit}
                    onClick={() => state.choose({ node: node.id, column: name })}
                    className={cn(
                      'rounded-sm border border-line px-1.5 py-0.5 font-mono text-xs hover:bg-hover',
                      isLit && 'border-accent bg-accent-soft text-accent-strong',
                    )}
                  >
                    {name}
                  </button>
                </li>
              );
            })}
          </ul>
        </details>
      )}
    </li>
  );
}

function NodeName({ node: { kind, name, label, domain, product } }: { node: LineageNode }) {
  if (kind === 'subscription') return <span>{`${domain} subscribes: ${label}`}</span>;
  if (kind !== 'dataset' || product === null) return <span className="font-medium">{name}</span>;
  return (
    <Link
      to="/products/$domain/$product"
      params={{ domain, product }}
      search={{ tab: 'lineage' }}
      className="font-medium hover:underline"
    >
      {name}
    </Link>
  );
}
