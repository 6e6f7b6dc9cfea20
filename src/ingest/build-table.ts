import type { Column } from '../base/data-type.ts';
import type { CrawledTable, FileGroup } from './crawled-table.ts';
import { STRING, typeOfValues } from './infer-type.ts';
import type { TablePlan } from './table-plan.ts';

/** What a format's crawl found out about a table; the rest comes from its files' paths. */
export interface TableFacts {
  /** Columns inside the files. */
  columns: Column[];
  dateFormats: Record<string, string>;
  groups: FileGroup[];
  /** Rows by key, of the files that can be read. */
  rows: Map<string, number>;
  fingerprints: Map<string, string>;
  nullCounts: Record<string, number>;
}

/** A table but for its damage, which only the crawl as a whole knows. */
export type SoundTable = Omit<CrawledTable, 'damage'>;

/** Puts a table together from what its files and their paths say. */
export function buildTable(plan: TablePlan, facts: TableFacts): SoundTable {
  const readable = new Set(facts.groups.flatMap(({ keys }) => keys));
  const files = plan.files.map(({ key, bytes, modifiedAt, partition }) => ({
    key,
    bytes,
    modifiedAt,
    partition,
    fingerprint: facts.fingerprints.get(key) ?? '',
    rows: readable.has(key) ? (facts.rows.get(key) ?? 0) : null,
  }));
  const partitionColumns = partitionColumnsOf(plan);
  const inPath = new Set(partitionColumns.map(({ name }) => name.toLowerCase()));
  return {
    name: plan.name,
    format: plan.format,
    // A folder's value wins over a column of the same name, as in Hive and Spark.
    columns: [...facts.columns.filter(({ name }) => !inPath.has(name.toLowerCase())), ...partitionColumns],
    partitionColumns: partitionColumns.map(({ name }) => name),
    dateFormats: facts.dateFormats,
    groups: facts.groups,
    rows: files.reduce((sum, { rows }) => sum + (rows ?? 0), 0),
    bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
    files,
    nullCounts: facts.nullCounts,
  };
}

/** Columns from the folders, with the narrowest type that keeps every value as it is written. */
function partitionColumnsOf(plan: TablePlan): Column[] {
  const values = new Map<string, string[]>();
  for (const { partition } of plan.files) {
    for (const [name, value] of Object.entries(partition)) {
      const list = values.get(name) ?? [];
      if (value !== null) list.push(value);
      values.set(name, list);
    }
  }
  return [...values].map(([name, list]) => ({ name, type: typeOfValues(list) ?? STRING, required: false }));
}
