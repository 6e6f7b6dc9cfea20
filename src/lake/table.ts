import { randomUUID } from 'node:crypto';
import type { Column } from '../base/data-type.ts';
import { MeshError, type Problem } from '../base/errors.ts';
import { commitFirst, commitTable } from './commit.ts';
import { evolveSchema, type Evolution } from './evolve.ts';
import type { Lake, Table } from './lake.ts';
import { currentSchema, defaultSpec, type PartitionSpec, type TableMetadata } from './metadata.ts';
import { checkKey } from './objects.ts';
import { FIRST_PARTITION_ID, partitionSpec, type PartitionField } from './partition.ts';
import { assignFieldIds, columnsOf, schemaOf, withoutFieldIds } from './schema.ts';

export interface NewTable {
  tableId: string;
  /** Where the table's files go: a key prefix that no other table has or is inside of. */
  prefix: string;
  columns: Column[];
  partitions?: PartitionField[];
  properties?: Record<string, string>;
}

/**
 * Creates an empty table (format version 2). Field ids are given here, whatever the columns carry.
 * @throws MeshError `lake.table-exists`, `lake.schema-incompatible`, `lake.partition-invalid`.
 */
export async function createTable(lake: Lake, table: NewTable): Promise<Table> {
  checkKey(table.prefix);
  const problems = columnProblems(table.columns);
  if (problems.length > 0) throw new MeshError('lake.schema-incompatible', { problems });
  const { columns, lastColumnId } = assignFieldIds(withoutFieldIds(table.columns), 0);
  const lastPartitionId = FIRST_PARTITION_ID - 1;
  const spec = partitionSpec(table.partitions ?? [], { columns, specId: 0, lastPartitionId });
  const metadata: TableMetadata = {
    'format-version': 2,
    'table-uuid': randomUUID(),
    location: lake.objects.uri(table.prefix),
    'last-sequence-number': 0,
    'last-updated-ms': lake.clock.now().getTime(),
    'last-column-id': lastColumnId,
    'current-schema-id': 0,
    schemas: [schemaOf(columns, 0)],
    'default-spec-id': 0,
    'partition-specs': [spec],
    'last-partition-id': lastPartitionId + spec.fields.length,
    'default-sort-order-id': 0,
    'sort-orders': [{ 'order-id': 0, fields: [] }],
    properties: { 'write.parquet.compression-codec': 'zstd', ...table.properties },
    snapshots: [],
    'snapshot-log': [],
    'metadata-log': [],
    refs: {},
  };
  return commitFirst(lake, table.tableId, { metadata, prefix: table.prefix });
}

/** Names that differ only in case are one name to SQL. */
function columnProblems(columns: Column[], path = ''): Problem[] {
  const seen = new Map<string, string>();
  return columns.flatMap((column) => {
    const other = seen.get(column.name.toLowerCase());
    seen.set(column.name.toLowerCase(), column.name);
    const at = `${path}${column.name}`;
    const inside = column.type.kind === 'struct' ? columnProblems(column.type.fields, `${at}.`) : [];
    if (column.name === '') inside.push({ message: `a column of ${path || 'the table'} has no name` });
    if (other !== undefined) inside.push({ message: `${at} has the same name as ${path}${other}` });
    return inside;
  });
}

/** The table's columns now, with field ids. */
export function tableColumns(table: Table): Column[] {
  return columnsOf(currentSchema(table.metadata));
}

/** The spec by which files written from now on are partitioned. */
export function tableSpec(table: Table): PartitionSpec {
  return defaultSpec(table.metadata);
}

export interface WantedSchema {
  columns: Column[];
  /** Old path to new name, see `evolveSchema`. */
  renames?: Record<string, string>;
  /** The schema the caller looked at; a change of somebody else in between is refused. */
  expectedSchemaId?: number;
}

/** The steps from the table's schema to the wanted one; writes nothing. */
export function planEvolution(table: Table, wanted: WantedSchema): Evolution {
  const problems = columnProblems(wanted.columns);
  if (problems.length > 0) throw new MeshError('lake.schema-incompatible', { problems });
  return evolveSchema(tableColumns(table), wanted.columns, {
    lastColumnId: table.metadata['last-column-id'],
    partitionSources: tableSpec(table).fields.map((field) => field['source-id']),
    ...(wanted.renames ? { renames: wanted.renames } : {}),
  });
}

/**
 * Makes a schema the table's current one. No data file changes; a wanted schema that means the same as the
 * current one changes nothing.
 * @throws MeshError `lake.schema-incompatible`, `lake.schema-changed`.
 */
export async function evolveTable(lake: Lake, tableId: string, wanted: WantedSchema): Promise<Table> {
  return commitTable(lake, tableId, async (table) => {
    const current = table.metadata['current-schema-id'];
    if (wanted.expectedSchemaId !== undefined && wanted.expectedSchemaId !== current) {
      throw new MeshError('lake.schema-changed', { facts: { table: tableId } });
    }
    const evolution = planEvolution(table, wanted);
    if (evolution.changes.length === 0) return null;
    return { metadata: withSchema(table.metadata, evolution) };
  });
}

function withSchema(metadata: TableMetadata, evolution: Evolution): TableMetadata {
  const schemaId = Math.max(...metadata.schemas.map((schema) => schema['schema-id'])) + 1;
  return {
    ...metadata,
    'last-column-id': evolution.lastColumnId,
    'current-schema-id': schemaId,
    schemas: [...metadata.schemas, schemaOf(evolution.columns, schemaId)],
    properties: { ...metadata.properties, ...readerProperties(evolution) },
  };
}

/**
 * Iceberg's vectorized reader for Spark (1.11 too) fails on files whose int column has become long when the
 * Parquet writer annotated it as a 32-bit integer, as DuckDB does; its row reader does not.
 */
function readerProperties(evolution: Evolution): Record<string, string> {
  const widened = evolution.changes.some((change) => change.kind === 'widen' && change.from === 'int');
  return widened ? { 'read.parquet.vectorization.enabled': 'false' } : {};
}

/**
 * Partitions files written from now on in another way; files written before stay where they are.
 * @throws MeshError `lake.partition-invalid`.
 */
export async function repartitionTable(
  lake: Lake,
  tableId: string,
  partitions: PartitionField[],
): Promise<Table> {
  return commitTable(lake, tableId, async ({ metadata }) => {
    const specId = Math.max(...metadata['partition-specs'].map((one) => one['spec-id'])) + 1;
    const lastPartitionId = metadata['last-partition-id'];
    const wanted = partitionSpec(partitions, {
      columns: columnsOf(currentSchema(metadata)),
      specId,
      lastPartitionId,
    });
    const spec = withKnownIds(wanted, metadata);
    const same = metadata['partition-specs'].find((one) => sameFields(one, spec));
    if (same?.['spec-id'] === metadata['default-spec-id']) return null;
    if (same) return { metadata: { ...metadata, 'default-spec-id': same['spec-id'] } };
    const last = Math.max(lastPartitionId, ...spec.fields.map((field) => field['field-id']));
    const specs = [...metadata['partition-specs'], spec];
    return {
      metadata: {
        ...metadata,
        'partition-specs': specs,
        'default-spec-id': specId,
        'last-partition-id': last,
      },
    };
  });
}

/** "Partition field IDs must be reused if an existing partition spec contains an equivalent field." */
function withKnownIds(spec: PartitionSpec, metadata: TableMetadata): PartitionSpec {
  const known = metadata['partition-specs'].flatMap((one) => one.fields);
  const fields = spec.fields.map((field) => {
    const same = known.find(
      (one) => one['source-id'] === field['source-id'] && one.transform === field.transform,
    );
    return { ...field, 'field-id': same?.['field-id'] ?? field['field-id'] };
  });
  return { ...spec, fields };
}

function sameFields(left: PartitionSpec, right: PartitionSpec): boolean {
  return JSON.stringify(left.fields) === JSON.stringify(right.fields);
}
