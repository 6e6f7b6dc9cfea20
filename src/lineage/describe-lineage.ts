import { duckdbType } from '../base/data-type.ts';
import type { Reader } from '../store/database.ts';
import type { DescribedLineage, LineageInput } from './lineage-model.ts';
import { readDeclaredInputs } from './store.ts';
import { tablesOnly, type Traced, type TraceTable } from './trace/trace-model.ts';
import { traceColumns } from './trace/tracer.ts';

/** A dataset's lineage as its SQL and its inputs' columns are now; undefined when there is no such dataset. */
export async function describeLineage(
  reader: Reader,
  datasetId: string,
): Promise<DescribedLineage | undefined> {
  const facts = await readDeclaredInputs(reader, datasetId);
  if (facts === undefined) return undefined;
  const { columns, ...dataset } = facts;
  const outputs = columns.map(({ name }) => name);
  const { sql, inputs } = dataset;
  const traced = sql === null ? tablesOnly({ outputs }, []) : await traceInputs(sql, inputs, outputs);
  return { ...dataset, traced };
}

type NamedInput = Pick<LineageInput, 'kind' | 'name' | 'columns'>;

/** Which columns of these inputs make which outputs of a SELECT. */
export function traceInputs(sql: string, inputs: NamedInput[], outputs: string[]): Promise<Traced> {
  return traceColumns({ sql, tables: inputs.flatMap(tablesOf), outputs });
}

/** `source.table`; a dataset by its domain, and by its domain and product. A source comes before a domain of its name. */
function tablesOf({ kind, name, columns }: NamedInput, input: number, all: NamedInput[]): TraceTable[] {
  const parts = name.split('.');
  const table = parts.at(-1) ?? '';
  const schemas = kind === 'source' ? [parts[0] ?? ''] : [parts.slice(0, -1).join('.'), parts[0] ?? ''];
  const taken = (schema: string) =>
    all.some((other) => other.kind === 'source' && other.name === `${schema}.${table}`);
  const typed = columns?.map((column) => ({ name: column.name, type: duckdbType(column.type) })) ?? null;
  return schemas
    .filter((schema) => kind === 'source' || !taken(schema))
    .map((schema) => ({ input, schema, name: table, columns: typed }));
}
