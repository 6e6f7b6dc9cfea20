import type { Problem } from '../base/errors.ts';
import type { TableReference } from '../engines/engine.ts';
import type { Parts } from '../identity/context.ts';
import { listSourcesById, type NamedSource } from '../ingest/store.ts';
import type { Principal } from '../policy/action.ts';
import { listSources, readDomainAttributes } from '../products/store.ts';
import { fullNames, lowerCaseName, matchingDatasets, writtenName } from '../subscriptions/match-tables.ts';
import { needPurpose, type PlannedDataset, planDataset, type Reading } from '../subscriptions/plan-access.ts';
import { type AccessFacts, readAccessFacts } from '../subscriptions/store.ts';
import { MeshError } from '../base/errors.ts';

/** A table of one of the domain's own sources. */
export interface SourceInput {
  kind: 'source';
  reference: TableReference;
  source: NamedSource;
  table: string;
}

/** A dataset of the domain's own, or of a product it subscribes to, as its plan lets it be seen. */
export interface DatasetInput {
  kind: 'dataset';
  reference: TableReference;
  planned: PlannedDataset;
}

export type PipelineInput = SourceInput | DatasetInput;

export interface PipelineScope {
  domainId: string;
  domain: string;
  /** The major the pipeline belongs to. */
  productId: string;
  /** Which subscription to use where several would apply: `-- purpose: TEXT` in the SQL. */
  purpose: string | null;
}

/**
 * What each table of a pipeline's SQL is: `source.table` of the own domain first, then datasets. A pipeline
 * reads others' datasets under its domain's subscriptions, as any consumer does.
 * @throws MeshError `pipeline.unknown-input` for all names that are neither, `query.*` where access is missing
 */
export async function resolveInputs(
  parts: Parts,
  scope: PipelineScope,
  tables: TableReference[],
): Promise<PipelineInput[]> {
  const { database, clock } = parts;
  const sources = await listSources(database.reader, scope.domainId);
  const byName = new Map(sources.map((source) => [source.name.toLowerCase(), source.id]));
  const isSource = ({ schema }: TableReference) => byName.has(schema.toLowerCase());
  const rows = await listSourcesById(database.reader, [
    ...new Set(tables.filter(isSource).map((table) => byName.get(table.schema.toLowerCase())!)),
  ]);
  const reading = await readingOf(parts, scope);
  const facts = await readAccessFacts(database.reader, {
    names: tables.filter((table) => !isSource(table)).map(lowerCaseName),
    domainIds: [scope.domainId],
    now: clock.now(),
    releasesAt: null,
  });
  const problems: Problem[] = [];
  const inputs = tables.flatMap((reference): PipelineInput[] => {
    if (isSource(reference)) {
      const source = rows.find(({ id }) => id === byName.get(reference.schema.toLowerCase()))!;
      return [{ kind: 'source', reference, source, table: reference.name }];
    }
    const found = matchingDatasets(facts, reference, reading);
    if (found.length === 1) return [{ kind: 'dataset', reference, planned: planDataset(found[0]!, reading) }];
    problems.push({ message: found.length === 0 ? unknown(reference) : ambiguous(reference, found) });
    return [];
  });
  if (problems.length > 0) throw new MeshError('pipeline.unknown-input', { problems });
  needPurpose(
    inputs.flatMap((input) => (input.kind === 'dataset' ? [input.planned] : [])),
    reading,
  );
  return inputs;
}

/** The domain itself as reader, with the attributes the mesh's administrators gave it. */
export async function readingOf({ database, clock }: Parts, scope: PipelineScope): Promise<Reading> {
  const principal: Principal = {
    id: `pipeline of ${scope.domain}`,
    kind: 'service-account',
    administrator: false,
    roles: [{ domain: scope.domain, role: 'engineer' }],
    attributes: await readDomainAttributes(database.reader, { domain: scope.domain, at: null }),
  };
  const { domainId, productId, purpose } = scope;
  const origin = { door: 'job', address: null };
  return {
    principal,
    domainIds: [domainId],
    productId,
    purpose: purpose ?? undefined,
    now: clock.now(),
    origin,
  };
}

function unknown(reference: TableReference): string {
  return `${writtenName(reference)} is neither a table of one of the domain's sources nor a dataset it may discover`;
}

function ambiguous(reference: TableReference, found: AccessFacts[]): string {
  return `${writtenName(reference)} stands for several datasets; write one of ${fullNames(found).join(', ')}`;
}
