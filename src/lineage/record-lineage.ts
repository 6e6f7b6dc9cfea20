import { isoTime } from '../base/clock.ts';
import type { Transaction } from '../store/database.ts';
import { describeLineage } from './describe-lineage.ts';
import { BY_TABLES, type DescribedLineage, type RecordedFacts } from './lineage-model.ts';
import { type NewEdge, replaceEdges, saveDatasetNode, saveInputNodes } from './store.ts';

export interface Recording {
  datasetId: string;
  origin: RecordedFacts['origin'];
  runId: string | null;
  at: Date;
}

/**
 * Writes what a dataset is made of over what was known before, in the transaction of the change or of the
 * release it belongs to.
 */
export async function recordLineage(
  transaction: Transaction,
  { datasetId, origin, runId, at }: Recording,
): Promise<DescribedLineage | undefined> {
  const described = await describeLineage(transaction, datasetId);
  if (described === undefined) return undefined;
  const facts: RecordedFacts = { origin, runId, recordedAt: isoTime(at), doubts: described.traced.doubts };
  await saveDatasetNode(transaction, described, facts);
  const nodes = await saveInputNodes(transaction, described.inputs);
  await replaceEdges(transaction, { writer: datasetId, edges: edgesOf(described, nodes), reportedBy: null });
  return described;
}

/** Every edge of a description; `nodes`: the node of each input. */
export function edgesOf({ datasetId, traced }: DescribedLineage, nodes: readonly string[]): NewEdge[] {
  const nothing = traced.columns.every(({ sources }) => sources === null);
  const edges = nodes.map((fromNode): NewEdge => ({
    ...WHOLE,
    fromNode,
    toNode: datasetId,
    transformations: nothing ? [BY_TABLES] : [],
  }));
  for (const { input, column, transformations } of traced.dataset) {
    edges.push({
      fromNode: nodes[input]!,
      fromColumn: column,
      toNode: datasetId,
      toColumn: '',
      transformations,
    });
  }
  for (const { output, sources } of nothing ? [] : traced.columns) {
    if (sources === null) {
      const lost = { ...WHOLE, toNode: datasetId, toColumn: output, transformations: [BY_TABLES] };
      edges.push(...nodes.map((fromNode) => ({ ...lost, fromNode })));
    }
    for (const { input, column, transformations } of sources ?? []) {
      edges.push({
        fromNode: nodes[input]!,
        fromColumn: column,
        toNode: datasetId,
        toColumn: output,
        transformations,
      });
    }
  }
  return edges;
}

const WHOLE = { fromColumn: '', toColumn: '' };
