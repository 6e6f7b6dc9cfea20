import type { Column } from '../base/data-type.ts';
import { traceInputs } from '../lineage/describe-lineage.ts';
import { BY_TABLES } from '../lineage/lineage-model.ts';
import type { Traced } from '../lineage/trace/trace-model.ts';
import {
  type ColumnWay,
  type DerivedColumn,
  derivedFrom,
  holdsPersonal,
  type ReadTable,
} from '../products/derived/derived-columns.ts';
import { readTables } from '../products/derived/store.ts';
import type { Reader } from '../store/database.ts';
import type { CurrentState, ReadFolder } from './current.ts';
import { type DeclaredDataset, type DeclaredDomain, fullName, type MeshDeclaration } from './declaration.ts';
import type { Names } from './names-in-reach.ts';
import { type Input, resolveInputs } from './resolve-inputs.ts';
import { listSourceColumns } from './state/store.ts';

type Known = Pick<ReadFolder, 'declaration' | 'tables'> &
  Pick<CurrentState, 'names' | 'domains'> & { now: Date };

type TypedTable = ReadTable & { columns: Column[] };

/**
 * What the datasets of a folder make of personal data of others, by `domain.product.dataset`. Others are tagged as
 * the folder declares them, or as they are stored. Only what reads personal data is traced.
 */
export async function readDerived(reader: Reader, known: Known): Promise<Map<string, DerivedColumn[]>> {
  const derived = new Map<string, DerivedColumn[]>();
  for (const domain of known.declaration.domains.filter(({ name }) => known.domains.has(name))) {
    const { inputs } = resolveInputs(domain, inputFacts(domain, known));
    const tables = await tablesOf(reader, [...inputs.values()].flat(), known);
    let sources: Map<string, Column[]> | undefined;
    for (const product of domain.products) {
      for (const dataset of product.datasets) {
        const read = inputs.get(`${product.name}.${dataset.name}`) ?? [];
        if (!read.some(({ name }) => tables.has(name) && holdsPersonal(tables.get(name)!))) continue;
        sources ??= await listSourceColumns(reader, domain.name);
        const ways = await waysOf(dataset, read, { tables, sources });
        derived.set(`${fullName(product)}.${dataset.name}`, derivedFrom(ways, tables));
      }
    }
  }
  return derived;
}

/** Names alone count here: whether they may be read, and by whom they may be found, the plan says. */
function inputFacts({ name }: DeclaredDomain, { names, tables, domains, now }: Known) {
  const held = (domains.get(name)?.subscriptions ?? []).filter(
    ({ state, until }) => state === 'active' && (until === null || until > now),
  );
  return {
    names,
    tables,
    held,
    subscribed: new Set<string>(),
    hidden: new Set<string>(),
    crawled: new Map(),
  };
}

/** By the input's name. */
async function tablesOf(
  reader: Reader,
  inputs: Input[],
  { declaration, names }: Known,
): Promise<Map<string, TypedTable>> {
  const tables = new Map<string, TypedTable>();
  const others = new Map<string, string>();
  for (const input of inputs) {
    if (input.kind !== 'dataset' || tables.has(input.name)) continue;
    const declared = declaredTable(input.name, declaration, names);
    if (declared !== null) tables.set(input.name, declared);
    else if (input.datasetId !== null) others.set(input.name, input.datasetId);
  }
  const stored = await readTables(reader, [...others.values()]);
  for (const [name, id] of others) {
    const table = stored.get(id);
    if (table !== undefined) tables.set(name, { ...table, name });
  }
  return tables;
}

function declaredTable(name: string, { domains }: MeshDeclaration, names: Names): TypedTable | null {
  const dot = name.lastIndexOf('.');
  const named = names.products.get(name.slice(0, dot));
  const domain = domains.find((one) => one.name === named?.domain);
  const product = domain?.products.find((one) => one.name === named?.name && one.major === named.major);
  const dataset = product?.datasets.find((one) => one.name === name.slice(dot + 1));
  if (domain === undefined || product === undefined || dataset === undefined) return null;
  const contract = dataset.contract as unknown as Record<string, unknown>;
  const { columns } = dataset;
  return { name, contract, columns, productTags: product.tags, domainTags: domain.tags };
}

async function waysOf(
  { sql, columns }: DeclaredDataset,
  inputs: Input[],
  { tables, sources }: { tables: Map<string, TypedTable>; sources: Map<string, Column[]> },
): Promise<ColumnWay[]> {
  const typed = inputs.map(({ kind, name }) => ({
    ...{ kind, name },
    columns: (kind === 'source' ? sources.get(name) : tables.get(name)?.columns) ?? null,
  }));
  const outputs = columns.map(({ name }) => name);
  const traced = await traceInputs(sql?.text ?? '', typed, outputs);
  return traced.columns.flatMap((column) => waysTo(column, inputs));
}

function waysTo({ output, sources }: Traced['columns'][number], inputs: Input[]): ColumnWay[] {
  if (sources === null) {
    const lost = { fromColumn: '', toColumn: output, transformations: [BY_TABLES] };
    return inputs.map(({ name }) => ({ ...lost, from: name }));
  }
  return sources.map(({ input, column, transformations }) => ({
    ...{ from: inputs[input]!.name, fromColumn: column, toColumn: output },
    transformations,
  }));
}
