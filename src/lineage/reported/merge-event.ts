import type { Context } from '../../identity/context.ts';
import type { Transaction } from '../../store/database.ts';
import { onlyVisible } from '../graph/ground.ts';
import { type GraphNode, listNodes } from '../graph/store.ts';
import { replaceEdges } from '../store.ts';
import { documentOf, keyOf, mergeFacets, mergeRuns, type RunDocument } from './merge-run.ts';
import {
  type EventDataset,
  type Facets,
  type JobName,
  nameOf,
  type ReadEvent,
  recordOf,
  textOf,
} from './read-event.ts';
import { edgesOfRun, namesIn } from './run-edges.ts';
import {
  findNodeByName,
  findOwnNode,
  findRunDocument,
  findTellingRun,
  insertReportedNode,
  joinNodes,
  readFacets,
  saveFacts,
  saveName,
  saveRunDocument,
} from './store.ts';

/** What an event is merged into: the part of the graph that one domain's systems have told of. */
export interface Merging {
  context: Context;
  transaction: Transaction;
  domainId: string;
  /** Namespace of what is ours. */
  namespace: string;
}

/** Merges an event into its run, and makes the edges of its job anew from the run that tells most. */
export async function mergeEvent(merging: Merging, event: ReadEvent): Promise<void> {
  const { transaction, domainId } = merging;
  const told = [...event.inputs, ...event.outputs, ...(event.dataset === null ? [] : [event.dataset])];
  for (const dataset of told) await mergeDataset(merging, dataset);
  const document = documentOf(event);
  if (document === null || event.run === null || event.job === null) return;
  // Whatever is named is a node, whether the run that tells of it decides the job's edges or not.
  for (const name of namesIn(document)) await nodeOfDataset(merging, [name]);
  if (event.parent !== null) await nodeOfJob(merging, event.parent);
  const jobId = await nodeOfJob(merging, event.job);
  const runId = event.run.id;
  const known = await findRunDocument(transaction, { domainId, runId });
  const merged = known === undefined ? document : mergeRuns(known, document);
  // A run is of the job that it named last.
  const owner = await nodeOfJob(merging, merged.job.value);
  await saveRunDocument(transaction, { domainId, runId, jobId: owner, document: merged });
  for (const job of new Set([jobId, owner])) await writeJob(merging, job);
}

async function writeJob(merging: Merging, jobId: string): Promise<void> {
  const { transaction, domainId } = merging;
  const run = await findTellingRun(transaction, jobId);
  const edges = run === undefined ? [] : await edgesOf(merging, jobId, run);
  await replaceEdges(transaction, { writer: jobId, edges, reportedBy: domainId });
}

async function edgesOf(merging: Merging, jobId: string, run: RunDocument) {
  const datasets = new Map<string, string>();
  for (const name of namesIn(run)) datasets.set(keyOf(name), await nodeOfDataset(merging, [name]));
  const parent = run.parent === null ? null : await nodeOfJob(merging, run.parent.value);
  return edgesOfRun(run, { datasets, job: jobId, parent });
}

async function nodeOfJob({ transaction, domainId }: Merging, job: JobName): Promise<string> {
  const key = { domainId, kind: 'job' as const, ...job };
  const known = await findNodeByName(transaction, key);
  if (known !== undefined) return known;
  const id = await insertReportedNode(transaction, key);
  await saveName(transaction, key, id);
  return id;
}

/** The dataset's node, under all its names, with what the event tells of it. */
async function mergeDataset(merging: Merging, dataset: EventDataset): Promise<void> {
  const { transaction } = merging;
  const symlinks = dataset.facets['symlinks']?.value?.['identifiers'];
  const others = (Array.isArray(symlinks) ? symlinks : [])
    .slice(0, MOST_NAMES)
    .flatMap((one: unknown): JobName[] => {
      const problems: never[] = [];
      const name = nameOf(one, '', problems);
      return problems.length === 0 ? [name] : [];
    });
  const { namespace, name } = dataset;
  const nodeId = await nodeOfDataset(merging, [{ namespace, name }, ...others]);
  const { kind, facts } = await readFacets(transaction, nodeId);
  // Of our own datasets nobody else says what they are.
  if (kind !== 'external') return;
  const facets = mergeFacets((facts['facets'] ?? {}) as Facets, kept(dataset.facets));
  await saveFacts(transaction, { nodeId, facts: { ...facts, facets, columns: columnsOf(facets) } });
}

const MOST_NAMES = 20;
/** Columns kept of one dataset's schema. */
const MOST_COLUMNS = 4_000;

function kept({ schema, documentation }: Facets): Facets {
  return {
    ...(schema === undefined ? {} : { schema }),
    ...(documentation === undefined ? {} : { documentation }),
  };
}

function columnsOf({ schema }: Facets): { name: string; type: string }[] {
  const fields = schema?.value?.['fields'];
  return (Array.isArray(fields) ? fields : []).slice(0, MOST_COLUMNS).flatMap((field: unknown) => {
    const name = textOf(recordOf(field)?.['name']);
    return name === '' ? [] : [{ name, type: textOf(recordOf(field)?.['type']) }];
  });
}

/** The one node of these names; nodes that had been told of apart become one. */
async function nodeOfDataset(merging: Merging, names: JobName[]): Promise<string> {
  const { transaction, domainId } = merging;
  const keys = names.map((name) => ({ domainId, kind: 'dataset' as const, ...name }));
  const found = new Set<string>();
  for (const key of keys) {
    const known = (await findNodeByName(transaction, key)) ?? (await ownNode(merging, key));
    if (known !== undefined) found.add(known);
  }
  const nodes = await listNodes(transaction, [...found]);
  // What is ours stays itself; of others the first that was told of.
  const [first, ...rest] = nodes.toSorted(
    (left, right) => rankOf(left) - rankOf(right) || (left.id < right.id ? -1 : 1),
  );
  const nodeId = first?.id ?? (await insertReportedNode(transaction, keys[0]!));
  for (const { id, kind } of rest) if (kind === 'external') await join(merging, id, nodeId);
  for (const key of keys) await saveName(transaction, key, nodeId);
  return nodeId;
}

function rankOf({ kind }: GraphNode): number {
  return kind === 'external' ? 1 : 0;
}

async function join({ transaction }: Merging, from: string, into: string): Promise<void> {
  const lost = await readFacets(transaction, from);
  const staying = await readFacets(transaction, into);
  if (staying.kind === 'external') {
    const facets = mergeFacets(
      (staying.facts['facets'] ?? {}) as Facets,
      (lost.facts['facets'] ?? {}) as Facets,
    );
    await saveFacts(transaction, {
      nodeId: into,
      facts: { ...staying.facts, facets, columns: columnsOf(facets) },
    });
  }
  await joinNodes(transaction, { from, into });
}

/** A dataset or table of ours, if the reporter may discover it: for the others it is a name like any. */
async function ownNode(
  { context, transaction, namespace }: Merging,
  name: JobName,
): Promise<string | undefined> {
  if (name.namespace !== namespace) return undefined;
  const node = await findOwnNode(transaction, name.name);
  if (node === undefined) return undefined;
  const within: Context = { ...context, database: { ...context.database, reader: transaction } };
  const [visible] = await onlyVisible(within, await listNodes(transaction, [node.id]));
  return visible?.id;
}
