import { MeshError } from '../../base/errors.ts';
import type { Context } from '../../identity/context.ts';
import { parseProductName } from '../../products/product-name.ts';
import { onlyVisible } from './ground.ts';
import { findNodeIds, type GraphNode, listNodes, type NodeName } from './store.ts';

export interface Start {
  nodes: GraphNode[];
  /** Null for the nodes as a whole. */
  column: string | null;
}

/**
 * What a name means to the caller: `DOMAIN.PRODUCT[@MAJOR][.DATASET[.COLUMN]]` (without a major all of them), `DOMAIN/SOURCE[/TABLE]`, an id, or
 * `dataset:NAMESPACE:NAME` and `job:NAMESPACE:NAME` for what was reported from outside.
 * @throws MeshError `not-found`, also for what the caller may not see
 */
export async function findStart(context: Context, node: string, column?: string): Promise<Start> {
  const { name, column: written } = readName(node);
  const { reader } = context.database;
  const ids = await findNodeIds(reader, name);
  const nodes = await onlyVisible(context, await listNodes(reader, ids, { columns: true }));
  const asked = column ?? written;
  const known = nodes.filter((one) => asked === null || columnNamed(one, asked) !== undefined);
  if (known.length === 0) throw new MeshError('not-found', { facts: { what: `lineage of ${node}` } });
  return { nodes: known, column: asked === null ? null : (columnNamed(known[0]!, asked) ?? asked) };
}

function columnNamed({ columns, facts }: GraphNode, name: string): string | undefined {
  const reported = ((facts['columns'] ?? []) as { name: string }[]).map((column) => column.name);
  return [...columns.map((column) => column.name), ...reported].find(
    (one) => one.toLowerCase() === name.toLowerCase(),
  );
}

export function readName(node: string): { name: NodeName; column: string | null } {
  const external = /^(dataset|job):(.+)$/s.exec(node);
  if (external !== null) {
    const of = external[1] as 'dataset' | 'job';
    return { name: { kind: 'external', of, name: external[2] ?? '' }, column: null };
  }
  if (/^(dts|lin)_[0-9a-z]+$/.test(node)) return { name: { kind: 'id', id: node }, column: null };
  if (node.includes('/')) {
    const [domain = '', source = '', table = null] = node.split('/');
    return { name: { kind: 'source', domain, source, table }, column: null };
  }
  const [domain = '', addressed = '', dataset = null, ...rest] = node.split('.');
  const { product, major } = parseProductName(`${domain}.${addressed}`) ?? {
    product: addressed,
    major: null,
  };
  const column = rest.length === 0 ? null : rest.join('.');
  return { name: { kind: 'product', domain, product, major, dataset }, column };
}
