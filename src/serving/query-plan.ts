import { originOf, principalOf } from '../audit/decisions.ts';
import { MeshError } from '../base/errors.ts';
import { type ParsedQuery, type Relation, type TableReference, tableKey } from '../engines/engine.ts';
import type { Context } from '../identity/context.ts';
import { fullNames, lowerCaseName, matchingDatasets, writtenName } from '../subscriptions/match-tables.ts';
import { needPurpose, type PlannedDataset, planDataset, type Reading } from '../subscriptions/plan-access.ts';
import { type AccessFacts, readAccessFacts } from '../subscriptions/store.ts';
import { nearTables } from './near-tables.ts';
import { relationAsOf } from './past-release.ts';

/** What a query may see: a view for each table it names, and the files below them. */
export interface QueryPlan {
  relations: Relation[];
  files: string[];
  datasets: QueriedDataset[];
}

export interface QueriedDataset {
  planned: PlannedDataset;
  /** Columns the query reads. */
  columns: string[];
}

export interface QueryOptions {
  purpose?: string | undefined;
  /** The releases as of this moment; else those of now. */
  at?: Date | null;
}

/**
 * One read of everything that decides, then one pure plan for each table of the statement.
 * @throws MeshError `query.unknown-table` for all names that are nothing the caller may discover
 */
export async function planQuery(
  context: Context,
  query: ParsedQuery,
  options: QueryOptions,
): Promise<QueryPlan> {
  const facts = await readAccessFacts(context.database.reader, {
    names: query.tables.map(lowerCaseName),
    domainIds: context.caller.domains.map(({ id }) => id),
    now: context.clock.now(),
    releasesAt: options.at ?? null,
  });
  const reading = readingOf(context, options.purpose);
  const { planned, unknown } = matchTables(query.tables, facts, reading);
  if (unknown.length > 0) {
    const tables = unknown.map(writtenName);
    const problems = await nearTables(context, unknown, reading);
    throw new MeshError('query.unknown-table', { facts: { tables }, problems });
  }
  needPurpose(
    planned.map(({ dataset }) => dataset),
    reading,
  );
  const plan: QueryPlan = { relations: [], files: [], datasets: [] };
  for (const { reference, dataset } of planned) {
    const { files, record: _record, ...relation } = await relationAsOf(context, dataset, options.at ?? null);
    plan.relations.push({ ...reference, ...relation });
    plan.files.push(...files);
    const visible = dataset.plan.columns.map(({ name }) => name);
    plan.datasets.push({ planned: dataset, columns: query.columns[tableKey(reference)] ?? visible });
  }
  return plan;
}

/** The caller as reader, at this moment and by this door. */
export function readingOf(context: Context, purpose?: string): Reading {
  const { caller, clock } = context;
  const domainIds = caller.domains.map(({ id }) => id);
  return { principal: principalOf(caller), domainIds, purpose, now: clock.now(), origin: originOf(context) };
}

function matchTables(tables: TableReference[], facts: AccessFacts[], reading: Reading) {
  const unknown: TableReference[] = [];
  const matched = tables.flatMap((reference) => {
    const found = matchingDatasets(facts, reference, reading);
    if (found.length > 1) throw ambiguous(reference, found);
    if (found[0] === undefined) unknown.push(reference);
    return found.map((one) => ({ reference, one }));
  });
  // A table that is unknown is told before what is wrong with the others.
  if (unknown.length > 0) return { planned: [], unknown };
  const planned = matched.map(({ reference, one }) => ({ reference, dataset: planDataset(one, reading) }));
  return { planned, unknown };
}

function ambiguous(reference: TableReference, found: AccessFacts[]): MeshError {
  return new MeshError('query.ambiguous-table', {
    facts: { table: writtenName(reference), choices: fullNames(found) },
  });
}
