import { sql, type SqlBool } from 'kysely';
import type { Column } from '../base/data-type.ts';
import { newId } from '../base/ids.ts';
import { json, type Reader, type Transaction } from '../store/database.ts';
import type { DescribedLineage, LineageInput, RecordedFacts } from './lineage-model.ts';

/** A dataset's SQL and columns, and its inputs with theirs. */
export async function readDeclaredInputs(reader: Reader, datasetId: string) {
  const dataset = await reader
    .selectFrom('datasets')
    .innerJoin('products', 'products.id', 'datasets.product_id')
    .select(['datasets.id as datasetId', 'datasets.name', 'datasets.sql_text as sql', 'datasets.columns'])
    .select('products.domain_id as domainId')
    .where('datasets.id', '=', datasetId)
    .executeTakeFirst();
  if (dataset === undefined) return undefined;
  const inputs = await listInputs(reader, datasetId);
  return { ...dataset, columns: dataset.columns as Column[], inputs };
}

/** SQL compares names without their case; the declaration keeps them in lower case. */
function sourceTableIs(column: string) {
  return sql<SqlBool>`${sql.ref(column)} = lower(concat(sources.name, '.', source_tables.name))`;
}

async function listInputs(reader: Reader, datasetId: string): Promise<LineageInput[]> {
  const rows = await reader
    .selectFrom('dataset_inputs as input')
    .leftJoin('sources', 'sources.id', 'input.source_id')
    .leftJoin('source_tables', (join) =>
      join.onRef('source_tables.source_id', '=', 'input.source_id').on(sourceTableIs('input.name')),
    )
    .leftJoin('datasets', 'datasets.id', 'input.input_dataset_id')
    .leftJoin('products', 'products.id', 'datasets.product_id')
    .select(['input.name', 'input.source_id', 'input.input_dataset_id', 'sources.domain_id as source_domain'])
    .select(['source_tables.facts', 'datasets.columns', 'products.domain_id as dataset_domain'])
    .where('input.dataset_id', '=', datasetId)
    .orderBy('input.name')
    .execute();
  return rows.flatMap((row): LineageInput[] => {
    const { name } = row;
    if (row.source_id !== null && row.source_domain !== null) {
      const columns = (row.facts as { columns?: Column[] } | null)?.columns ?? null;
      const table = name.slice(name.indexOf('.') + 1);
      return [{ kind: 'source', name, sourceId: row.source_id, table, domainId: row.source_domain, columns }];
    }
    if (row.input_dataset_id === null || row.dataset_domain === null) return [];
    const columns = row.columns as Column[];
    return [
      { kind: 'dataset', name, datasetId: row.input_dataset_id, domainId: row.dataset_domain, columns },
    ];
  });
}

export async function saveDatasetNode(
  transaction: Transaction,
  { datasetId, domainId, name }: Pick<DescribedLineage, 'datasetId' | 'domainId' | 'name'>,
  facts: RecordedFacts,
): Promise<void> {
  const node = { id: datasetId, kind: 'dataset' as const, domain_id: domainId, dataset_id: datasetId, name };
  await transaction
    .insertInto('lineage_nodes')
    .values({ ...node, source_id: null, facts: json(facts) })
    .onConflict((conflict) => conflict.column('id').doUpdateSet({ name, facts: json(facts) }))
    .execute();
}

/** The nodes of a dataset's inputs, made where there are none yet; their ids in the same order. */
export async function saveInputNodes(transaction: Transaction, inputs: LineageInput[]): Promise<string[]> {
  const ids: string[] = [];
  // In one order, so that two that record at once do not wait for each other.
  for (const input of inputs) {
    const { domainId } = input;
    const more =
      input.kind === 'dataset'
        ? { id: input.datasetId, kind: 'dataset' as const, dataset_id: input.datasetId, source_id: null }
        : { id: newId('lin'), kind: 'source-table' as const, dataset_id: null, source_id: input.sourceId };
    const name = input.kind === 'dataset' ? input.name.slice(input.name.lastIndexOf('.') + 1) : input.table;
    await transaction
      .insertInto('lineage_nodes')
      .values({ ...more, domain_id: domainId, name, facts: json({}) })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    ids.push(input.kind === 'dataset' ? input.datasetId : await readSourceNode(transaction, input));
  }
  return ids;
}

async function readSourceNode(reader: Reader, { sourceId, table }: { sourceId: string; table: string }) {
  const node = await reader
    .selectFrom('lineage_nodes')
    .select('id')
    .where('source_id', '=', sourceId)
    .where('name', '=', table)
    .executeTakeFirstOrThrow();
  return node.id;
}

export interface NewEdge {
  fromNode: string;
  /** Empty: the node as a whole. */
  fromColumn: string;
  toNode: string;
  toColumn: string;
  transformations: string[];
}

/** Rows of one statement: far below PostgreSQL's 65,535 parameters. */
const ROWS_AT_ONCE = 2_000;

/** Makes these the edges of a writer. */
export async function replaceEdges(
  transaction: Transaction,
  { writer, edges, reportedBy }: { writer: string; edges: NewEdge[]; reportedBy: string | null },
): Promise<void> {
  // Two that write for one node come one after the other.
  await transaction.selectFrom('lineage_nodes').select('id').where('id', '=', writer).forUpdate().execute();
  await transaction.deleteFrom('lineage_edges').where('writer', '=', writer).execute();
  for (let start = 0; start < edges.length; start += ROWS_AT_ONCE) {
    const rows = edges.slice(start, start + ROWS_AT_ONCE).map((edge) => ({
      writer,
      from_node: edge.fromNode,
      from_column: edge.fromColumn,
      to_node: edge.toNode,
      to_column: edge.toColumn,
      transformations: json(edge.transformations),
      reported_by: reportedBy,
    }));
    await transaction
      .insertInto('lineage_edges')
      .values(rows)
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
}
