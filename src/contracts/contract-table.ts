import type { Column } from '../base/data-type.ts';
import { MeshError } from '../base/errors.ts';
import { columnName, columnsOf, storedProperties, type TypeReading } from './column-type.ts';
import type { Finding } from './finding.ts';
import { customValue } from './model-elements.ts';
import type { Contract } from './odcs.ts';
import type { SchemaObject, SchemaProperty } from './odcs-schema.ts';
import { jsonPointer, type Path } from './parse-document.ts';
import { parsePartitionTransform, PARTITION_TRANSFORM, type Partition, partitionFault } from './partition.ts';

/** What a contract promises of one column beyond its type. */
export interface ColumnPromise {
  /** The column's name in the table. */
  name: string;
  /** The property in the contract, for messages. */
  path: Path;
  businessName: string | null;
  /** ODCS `classification`, e.g. `restricted`; open words. */
  classification: string | null;
  tags: string[];
  unique: boolean;
}

/** The table that a dataset's contract promises. Names are those of the table's columns. */
export interface ContractTable {
  columns: Column[];
  /** One per column, in the same order. */
  promises: ColumnPromise[];
  /** Columns of the primary key in their order; empty without one. */
  primaryKey: string[];
  partitions: Partition[];
}

/** The table promised by a dataset's contract; `contract.invalid` for a contract that promises none or several. */
export function contractTable(contract: Contract): ContractTable {
  const { table, findings } = readTable(contract);
  if (table && findings.length === 0) return table;
  const problems = findings.map(({ path, message }) => ({ message, pointer: jsonPointer(path) }));
  throw new MeshError('contract.invalid', { facts: { file: contract.id }, problems });
}

/** The table as far as it can be read, and what hinders. */
export function readTable(contract: Contract): { table: ContractTable | null; findings: Finding[] } {
  const [object, ...others] = contract.schema ?? [];
  if (!object || others.length > 0) {
    const count = contract.schema?.length ?? 0;
    const message = `a dataset's contract has exactly one object in \`schema\`, this one has ${count}`;
    const path = others.length > 0 ? ['schema', 1] : ['schema'];
    return { table: null, findings: [{ path, message, needsWhole: true }] };
  }
  const reading: TypeReading = { findings: [] };
  const columns = columnsOf(object.properties ?? [], ['schema', 0], reading);
  const table = {
    columns,
    promises: promisesOf(object),
    primaryKey: keyColumns(object, 'primaryKey', 'primaryKeyPosition').map(columnName),
    partitions: partitionsOf(object, columns, reading),
  };
  return { table, findings: reading.findings };
}

function promisesOf(object: SchemaObject): ColumnPromise[] {
  return storedProperties(object.properties).map(({ property, index }) => ({
    name: columnName(property),
    path: ['schema', 0, 'properties', index],
    businessName: property.businessName ?? null,
    classification: property.classification ?? null,
    tags: property.tags ?? [],
    unique: property.unique === true,
  }));
}

/** Positions start from 1; -1 and none leave a column at its place in the document, after the placed ones. */
function keyColumns(
  object: SchemaObject,
  flag: 'primaryKey' | 'partitioned',
  position: 'primaryKeyPosition' | 'partitionKeyPosition',
): SchemaProperty[] {
  const place = (property: SchemaProperty) => {
    const number = property[position] ?? -1;
    return number > 0 ? number : Number.MAX_SAFE_INTEGER;
  };
  return storedProperties(object.properties)
    .map(({ property }) => property)
    .filter((property) => property[flag] === true)
    .sort((a, b) => place(a) - place(b));
}

function partitionsOf(object: SchemaObject, columns: Column[], { findings }: TypeReading): Partition[] {
  return keyColumns(object, 'partitioned', 'partitionKeyPosition').flatMap((property) => {
    const path: Path = ['schema', 0, 'properties', object.properties!.indexOf(property)];
    const index =
      property.customProperties?.findIndex(({ property: name }) => name === PARTITION_TRANSFORM) ?? -1;
    const asked = customValue(property.customProperties, PARTITION_TRANSFORM) ?? 'identity';
    const at = index < 0 ? [...path, 'partitioned'] : [...path, 'customProperties', index, 'value'];
    const transform = parsePartitionTransform(asked);
    if (!transform) {
      const message = `${PARTITION_TRANSFORM} ${String(asked)} is none of identity, year, month, day, bucket[N]`;
      findings.push({ path: at, message });
      return [];
    }
    const column = columns.find(({ name }) => name === columnName(property))!;
    const fault = partitionFault(transform, column.type);
    if (fault) findings.push({ path: at, message: fault });
    return [{ column: column.name, transform }];
  });
}
