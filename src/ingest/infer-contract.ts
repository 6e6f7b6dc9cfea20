import { isMap, isSeq, type Document, type YAMLMap } from 'yaml';
import type { Column, DataType } from '../base/data-type.ts';
import { draftDocument, printDraft } from '../contracts/draft-contract.ts';
import { classifyColumn, isPersonal, personalKind, type ColumnMeaning } from './classify.ts';
import type { CrawledTable } from './crawled-table.ts';
import type { ColumnProfile, TableProfile } from './profile-table.ts';

export interface DraftTask {
  /** The contract's id. */
  id: string;
  dataset: string;
  domain?: string;
  /** Where the table was crawled, for the first comment. */
  seenIn?: string;
  table: CrawledTable;
  profile: TableProfile;
}

/**
 * A first ODCS document for a crawled table: names and types as found, `required` where no value is missing,
 * keys where all rows differ, values where there are few, and what seems to be personal data as such.
 * It is a draft: an owner checks every line.
 */
export function inferContract(task: DraftTask): string {
  const { table, profile } = task;
  const profiles = new Map(profile.columns.map((column) => [column.name, column]));
  const columns = table.columns.map((column): Column => {
    const found = profiles.get(column.name);
    return { ...column, required: profile.rows > 0 && found?.nulls === 0 };
  });
  const document = draftDocument({
    id: task.id,
    dataset: task.dataset,
    ...(task.domain === undefined ? {} : { domain: task.domain }),
    ...(task.seenIn === undefined ? {} : { seenIn: task.seenIn }),
    columns,
    partitions: table.partitionColumns.map((column) => ({ column, transform: 'identity' as const })),
    primaryKey: primaryKeyOf(profile),
    rowCount: profile.rows,
  });
  suggest(document, columns, profiles);
  return printDraft(document);
}

/** The most telling unique column, or the pair that identifies a row; empty where there is none. */
export function primaryKeyOf(profile: TableProfile): string[] {
  const unique = profile.columns.filter((column) => column.unique).map(({ name }) => name);
  const named = unique.find(
    (name) => /(^|[^a-z])(id|key|code|no|nr|number)$/i.test(name) || /(Id|ID|No|Code)$/.test(name),
  );
  const single = named ?? unique[0];
  return single === undefined ? [...(profile.pairKey ?? [])] : [single];
}

/** Adds to the draft's properties what its form does not carry: uniqueness, values, meaning, examples. */
function suggest(document: Document, columns: readonly Column[], profiles: Map<string, ColumnProfile>): void {
  const properties = document.getIn(['schema', 0, 'properties']);
  if (!isSeq(properties)) return;
  columns.forEach(({ name, type }, at) => {
    const property = properties.items[at];
    const profile = profiles.get(name);
    if (isMap(property) && profile) describeProperty(document, property, { profile, type });
  });
}

interface Described {
  profile: ColumnProfile;
  type: DataType;
}

function describeProperty(document: Document, property: YAMLMap, { profile, type }: Described): void {
  const meaning = classifyColumn(profile.name, profile.samples);
  const add = (key: string, value: unknown) => property.set(key, document.createNode(value));
  if (profile.unique) add('unique', true);
  if (meaning !== null) describeMeaning(add, meaning);
  // Examples of personal data would publish it with the contract.
  if (isPersonal(meaning)) return;
  const examples = [...new Set(profile.samples)].slice(0, 3).filter((value) => value.length <= 60);
  if (profile.values !== null) add('quality', [validValues(profile.values)]);
  else if (examples.length > 0)
    add(
      'examples',
      examples.map((text) => exampleValue(text, type)),
    );
}

/** Numbers as numbers, unless a number of the document would not hold all digits. */
function exampleValue(text: string, type: DataType): string | number {
  const numeric = ['int', 'long', 'decimal', 'float', 'double'].includes(type.kind);
  const exact = numeric && text.replace(/\D/g, '').length <= 15;
  return exact ? Number(text) : text;
}

function describeMeaning(add: (key: string, value: unknown) => void, meaning: ColumnMeaning): void {
  if (isPersonal(meaning)) add('classification', 'personal');
  const kind = personalKind(meaning);
  add('tags', kind === null ? [meaning] : [`personal-data:${kind}`, meaning]);
}

/** ODCS 3.1 "Library metrics", `invalidValues`. */
function validValues(values: readonly string[]): Record<string, unknown> {
  return { metric: 'invalidValues', arguments: { validValues: values }, mustBe: 0 };
}
