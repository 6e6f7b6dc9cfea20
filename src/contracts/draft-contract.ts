import { Document, isMap, type Node, type YAMLMap } from 'yaml';
import { type Column, type DataType, typeName } from '../base/data-type.ts';
import type { LogicalType } from './odcs-schema.ts';
import { printYaml } from './print-document.ts';
import { PARTITION_TRANSFORM, type Partition, printPartitionTransform } from './partition.ts';

/** What a crawl found out about a table. */
export interface TableFacts {
  /** The contract's id, e.g. a UUID or `sales.sell-out.sell-out`. */
  id: string;
  /** Name of the dataset, which becomes the name of the contract and of its object. */
  dataset: string;
  domain?: string;
  columns: readonly Column[];
  partitions?: readonly Partition[];
  /** Columns that were found to identify a row; they must be required. */
  primaryKey?: readonly string[];
  /** Where the columns were seen, e.g. `source sales-files, folder sell-out`, for the first comment. */
  seenIn?: string;
  rowCount?: number | bigint;
  description?: string;
}

/**
 * A first ODCS document for a table, ready to be read as its contract, with comments that tell what only its
 * owner can fill in. `contractTable` of it gives the same columns, keys and partitions.
 */
export function draftContract(facts: TableFacts): string {
  return printDraft(draftDocument(facts));
}

/** A draft as YAML; comments stay where the draft put them. */
export function printDraft(document: Document): string {
  return document.toString({ lineWidth: 0, singleQuote: true });
}

/** The draft before it is printed: more may be added to its properties. */
export function draftDocument(facts: TableFacts): Document {
  const content = {
    // Maps came with 3.2.0; all else is written as the version most tools read.
    apiVersion: facts.columns.some(({ type }) => holdsMap(type)) ? 'v3.2.0' : 'v3.1.0',
    kind: 'DataContract',
    id: facts.id,
    name: facts.dataset,
    version: '0.1.0',
    status: 'draft',
    ...(facts.domain === undefined ? {} : { domain: facts.domain }),
    description: { purpose: facts.description ?? '', limitations: '', usage: '' },
    schema: [
      {
        name: facts.dataset,
        physicalType: 'table',
        logicalType: 'object',
        properties: facts.columns.map((column) => propertyOf(column, facts)),
      },
    ],
  };
  // Quotes what YAML 1.1 readers, such as PyYAML, take for something else than text (`yes`, `12:30`).
  const document = new Document(content, { compat: 'yaml-1.1' });
  comment(document, facts);
  return document;
}

/** What its owner only has to uncomment must hold: it names columns that are there. */
function qualityHint({ columns }: TableFacts): string {
  const plain = columns.filter(({ type }) => !['struct', 'list', 'map'].includes(type.kind));
  const names = plain.slice(0, 2).map(({ name }) => name);
  const duplicates =
    names.length === 0
      ? ''
      : `
   - metric: duplicateValues
     mustBe: 0
     arguments: { properties: ${printYaml(names, 'flow').trim()} }`;
  return ` Say what must hold in the data, for example:
 quality:
   - metric: rowCount
     mustBeGreaterThan: 0${duplicates}`;
}

const TERMS_HINT = ` Then tell consumers what to expect:
 slaProperties:
   - property: frequency
     value: 1
     unit: d
 team:
   members:
     - username: somebody@example.com
       role: owner`;

function comment(document: Document, facts: TableFacts): void {
  const { seenIn, rowCount } = facts;
  const rows = rowCount === undefined ? '' : `, ${rowCount} rows`;
  const seen = oneLine(seenIn === undefined ? 'a table' : seenIn);
  document.commentBefore = ` Draft of a data contract (ODCS) made from ${seen}${rows}.\n Check every line, fill in what is empty, then raise the version to 1.0.0 and the status to active.`;
  document.contents &&
    commentOn(document, ['description'], ' What the data is for, what it does not cover, and how to use it.');
  commentOn(
    document,
    ['schema'],
    ' Names and types are as found. Correct `required`, add `unique`, `description`, `classification`.',
  );
  const object = document.getIn(['schema', 0]) as YAMLMap;
  object.comment = qualityHint(facts);
  document.comment = TERMS_HINT;
}

function commentOn(document: Document, path: string[], text: string): void {
  const map = document.contents;
  if (!isMap(map)) return;
  const pair = map.items.find(({ key }) => String(key) === path[0]);
  const key = pair?.key as Node | undefined;
  if (!key) return;
  key.commentBefore = text;
  key.spaceBefore = true;
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ');
}

function propertyOf(column: Column, facts: TableFacts): Record<string, unknown> {
  const key = facts.primaryKey?.indexOf(column.name) ?? -1;
  const part = facts.partitions?.findIndex((partition) => partition.column === column.name) ?? -1;
  const transform = facts.partitions?.[part]?.transform ?? 'identity';
  return {
    name: column.name,
    ...typeKeys(column.type),
    ...(column.required ? { required: true } : {}),
    ...(key < 0 ? {} : { primaryKey: true, primaryKeyPosition: key + 1 }),
    ...(part < 0 ? {} : { partitioned: true, partitionKeyPosition: part + 1 }),
    ...(part < 0 || transform === 'identity'
      ? {}
      : { customProperties: [{ property: PARTITION_TRANSFORM, value: printPartitionTransform(transform) }] }),
    ...(column.doc === undefined ? {} : { description: column.doc }),
  };
}

const LOGICAL: Record<DataType['kind'], LogicalType> = {
  boolean: 'boolean',
  int: 'integer',
  long: 'integer',
  float: 'number',
  double: 'number',
  decimal: 'number',
  date: 'date',
  time: 'time',
  timestamp: 'timestamp',
  timestamptz: 'timestamp',
  string: 'string',
  uuid: 'string',
  binary: 'string',
  struct: 'object',
  list: 'array',
  map: 'map',
};

function typeKeys(type: DataType): Record<string, unknown> {
  const logicalType = LOGICAL[type.kind];
  switch (type.kind) {
    case 'struct':
      return { logicalType, properties: type.fields.map((field) => ({ ...fieldKeys(field) })) };
    case 'list':
      return { logicalType, items: valueKeys(type.element, type.elementRequired) };
    case 'map':
      return {
        logicalType,
        map: { key: valueKeys(type.key, false), value: valueKeys(type.value, type.valueRequired) },
      };
    default:
      return { logicalType, physicalType: typeName(type) };
  }
}

function fieldKeys(field: Column): Record<string, unknown> {
  const doc = field.doc === undefined ? {} : { description: field.doc };
  return { name: field.name, ...valueKeys(field.type, field.required), ...doc };
}

function valueKeys(type: DataType, required: boolean): Record<string, unknown> {
  return { ...typeKeys(type), ...(required ? { required: true } : {}) };
}

function holdsMap(type: DataType): boolean {
  if (type.kind === 'map') return true;
  if (type.kind === 'list') return holdsMap(type.element);
  return type.kind === 'struct' && type.fields.some((field) => holdsMap(field.type));
}
