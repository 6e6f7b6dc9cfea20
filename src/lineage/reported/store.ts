import { sql } from 'kysely';
import { newId } from '../../base/ids.ts';
import { json, type Reader, type Transaction } from '../../store/database.ts';
import type { Facets, JobName } from './read-event.ts';
import type { RunDocument } from './merge-run.ts';

/** Events of one domain are merged one after the other. */
export async function lockReports(transaction: Transaction, domainId: string): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || ':lineage:' || ${domainId}, 0))`.execute(
    transaction,
  );
}

export interface NameKey extends JobName {
  domainId: string;
  kind: 'dataset' | 'job';
}

export async function findNodeByName(reader: Reader, key: NameKey): Promise<string | undefined> {
  const row = await reader
    .selectFrom('lineage_names')
    .select('node_id')
    .where('domain_id', '=', key.domainId)
    .where('kind', '=', key.kind)
    .where('namespace', '=', key.namespace)
    .where('name', '=', key.name)
    .executeTakeFirst();
  return row?.node_id;
}

/** A node for something outside, called as it was first reported. */
export async function insertReportedNode(transaction: Transaction, key: NameKey): Promise<string> {
  const id = newId('lin');
  const facts = { fullName: `${key.namespace}:${key.name}` };
  const kind = key.kind === 'job' ? ('job' as const) : ('external' as const);
  await transaction
    .insertInto('lineage_nodes')
    .values({
      id,
      kind,
      domain_id: key.domainId,
      dataset_id: null,
      source_id: null,
      name: key.name,
      facts: json(facts),
    })
    .execute();
  return id;
}

export async function saveName(transaction: Transaction, key: NameKey, nodeId: string): Promise<void> {
  const { domainId, kind, namespace, name } = key;
  await transaction
    .insertInto('lineage_names')
    .values({ domain_id: domainId, kind, namespace, name, node_id: nodeId })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Two names turned out to mean one thing: everything of `from` is of `into`, and `from` is gone. */
export async function joinNodes(
  transaction: Transaction,
  { from, into }: { from: string; into: string },
): Promise<void> {
  const swap = (column: string) =>
    sql`CASE WHEN ${sql.ref(column)} = ${from} THEN ${into} ELSE ${sql.ref(column)} END`;
  await sql`
    INSERT INTO lineage_edges (writer, from_node, from_column, to_node, to_column, transformations, reported_by)
    SELECT ${swap('writer')}, ${swap('from_node')}, from_column, ${swap('to_node')}, to_column, transformations, reported_by
    FROM lineage_edges WHERE ${from} IN (writer, from_node, to_node)
    ON CONFLICT DO NOTHING`.execute(transaction);
  await transaction.updateTable('lineage_names').set({ node_id: into }).where('node_id', '=', from).execute();
  await transaction.deleteFrom('lineage_nodes').where('id', '=', from).execute();
}

export async function readFacets(
  reader: Reader,
  nodeId: string,
): Promise<{ kind: string; facts: Record<string, unknown> }> {
  return reader
    .selectFrom('lineage_nodes')
    .select(['kind', 'facts'])
    .where('id', '=', nodeId)
    .executeTakeFirstOrThrow();
}

export async function saveFacts(
  transaction: Transaction,
  { nodeId, facts }: { nodeId: string; facts: Record<string, unknown> & { facets: Facets } },
): Promise<void> {
  await transaction
    .updateTable('lineage_nodes')
    .set({ facts: json(facts) })
    .where('id', '=', nodeId)
    .execute();
}

export async function findRunDocument(
  reader: Reader,
  { domainId, runId }: { domainId: string; runId: string },
): Promise<RunDocument | undefined> {
  const row = await reader
    .selectFrom('lineage_runs')
    .select('document')
    .where('domain_id', '=', domainId)
    .where('run_id', '=', runId)
    .executeTakeFirst();
  return row?.document as RunDocument | undefined;
}

export async function saveRunDocument(
  transaction: Transaction,
  run: { domainId: string; runId: string; jobId: string; document: RunDocument },
): Promise<void> {
  const values = { job_id: run.jobId, newest_at: new Date(run.document.at), document: json(run.document) };
  await transaction
    .insertInto('lineage_runs')
    .values({ domain_id: run.domainId, run_id: run.runId, ...values })
    .onConflict((conflict) => conflict.columns(['domain_id', 'run_id']).doUpdateSet(values))
    .execute();
}

/** The run whose datasets are those of the job: the newest that completed, or the newest of all; any of its kin for its parent. */
export async function findTellingRun(reader: Reader, jobId: string): Promise<RunDocument | undefined> {
  const row = await reader
    .selectFrom('lineage_runs')
    .select('document')
    .where('job_id', '=', jobId)
    .orderBy(sql`document->'inputs' <> '{}'::jsonb OR document->'outputs' <> '{}'::jsonb`, 'desc')
    .orderBy(sql`(document->>'completed')::boolean`, 'desc')
    .orderBy('newest_at', 'desc')
    .orderBy('run_id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.document as RunDocument | undefined;
}

/** Runs older than the events that are kept; the newest of each job stays, for its edges are the graph's. */
export async function removeRuns(transaction: Transaction, before: Date): Promise<void> {
  await sql`
    DELETE FROM lineage_runs AS run WHERE newest_at < ${before} AND EXISTS (
      SELECT 1 FROM lineage_runs AS newer WHERE newer.job_id = run.job_id AND newer.newest_at > run.newest_at
    )`.execute(transaction);
}

/** A dataset or source table of ours by the name that our own events give it. */
export async function findOwnNode(reader: Reader, name: string) {
  const nodes = reader
    .selectFrom('lineage_nodes as node')
    .innerJoin('domains', 'domains.id', 'node.domain_id');
  if (name.includes('/')) {
    const [domain = '', source = '', table = ''] = name.split('/');
    return nodes
      .innerJoin('sources', 'sources.id', 'node.source_id')
      .select('node.id')
      .where('domains.name', '=', domain)
      .where('sources.name', '=', source)
      .where('node.name', '=', table)
      .executeTakeFirst();
  }
  const [domain = '', product = '', dataset = ''] = name.split('.');
  return nodes
    .innerJoin('datasets', 'datasets.id', 'node.dataset_id')
    .innerJoin('products', 'products.id', 'datasets.product_id')
    .select('node.id')
    .where('domains.name', '=', domain)
    .where('products.name', '=', product)
    .where('datasets.name', '=', dataset)
    .executeTakeFirst();
}
