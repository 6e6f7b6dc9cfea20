import { listReaders, listSourcesById } from '../ingest/store.ts';
import type { Parts } from '../identity/context.ts';
import { holdDatasets } from './holds/store.ts';
import type { Scope } from './scope/read-scope.ts';
import type { Erasure } from './store.ts';

/** What an erasure's scope is found by. */
export function scopeQuestion({ domain_id: domainId, dataset_ids: startIds, subject, target }: Erasure) {
  // `DOMAIN.PRODUCT.DATASET`: no name has a dot.
  return { domainId, startIds, subject, isNarrow: target.split('.').length > 2 };
}

/**
 * Takes the datasets for an erasure alone: from now on no run of them begins, nor of what reads the sources
 * that are rewritten. False while one is under way, or another erasure has one of them.
 */
export async function takeDatasets(parts: Parts, { id }: Erasure, scope: Scope): Promise<boolean> {
  const own = scope.datasets.filter(({ hold }) => hold === null).map((dataset) => dataset.id);
  const datasetIds = [...new Set([...own, ...(await readersOf(parts, scope))])].sort();
  return parts.database.transact((transaction) => holdDatasets(transaction, { heldBy: id, datasetIds }));
}

async function readersOf({ database }: Parts, { sources }: Scope): Promise<string[]> {
  const ids = [...new Set(sources.map(({ sourceId }) => sourceId))];
  const named = new Map((await listSourcesById(database.reader, ids)).map(({ id, name }) => [id, name]));
  const readers: string[] = [];
  for (const { sourceId, table } of sources) {
    const name = named.get(sourceId);
    if (name !== undefined)
      readers.push(...(await listReaders(database.reader, sourceId, `${name}.${table}`)));
  }
  return readers;
}
