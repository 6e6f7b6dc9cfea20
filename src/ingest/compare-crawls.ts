import { sameType, typeName } from '../base/data-type.ts';
import type { CrawledTable } from './crawled-table.ts';

/** One difference between two crawls of a source, in the order of their tables. */
export type CrawlChange =
  | { kind: 'table-added' | 'table-removed'; table: string }
  | { kind: 'column-added' | 'column-removed'; table: string; column: string; type: string }
  | { kind: 'column-retyped'; table: string; column: string; from: string; to: string }
  | { kind: 'file-added' | 'file-changed' | 'file-removed'; table: string; key: string };

/** What is new, gone or different since the previous crawl; empty when nothing changed. */
export function findChanges(
  previous: readonly CrawledTable[],
  current: readonly CrawledTable[],
): CrawlChange[] {
  const before = new Map(previous.map((table) => [table.name, table]));
  const after = new Map(current.map((table) => [table.name, table]));
  const removed = [...before.keys()].filter((name) => !after.has(name));
  return [
    ...[...after].flatMap(([name, table]): CrawlChange[] => {
      const known = before.get(name);
      if (known === undefined) return [{ kind: 'table-added', table: name }];
      return [...compareColumns(known, table), ...compareFiles(known, table)];
    }),
    ...removed.map((table): CrawlChange => ({ kind: 'table-removed', table })),
  ];
}

/** Whether what reads the table may break or mean something else: a new column alone does neither. */
export function isDrift({ kind }: CrawlChange): boolean {
  return kind === 'table-removed' || kind === 'column-removed' || kind === 'column-retyped';
}

/** The changes in words, files of a table counted together. */
export function compareCrawls(previous: readonly CrawledTable[], current: readonly CrawledTable[]): string[] {
  const groups = Map.groupBy(findChanges(previous, current), (change) =>
    'key' in change ? `${change.kind} ${change.table}` : change,
  );
  return [...groups.values()].map((changes) => describeChanges(changes[0]!, changes.length));
}

/** One change in words; of a file, how many of that kind there are. */
export function describeChanges(change: CrawlChange, count: number): string {
  switch (change.kind) {
    case 'table-added':
      return `table ${change.table} is new`;
    case 'table-removed':
      return `table ${change.table} is gone`;
    case 'column-added':
      return `table ${change.table}: column ${change.column} (${change.type}) is new`;
    case 'column-removed':
      return `table ${change.table}: column ${change.column} (${change.type}) is gone`;
    case 'column-retyped':
      return `table ${change.table}: column ${change.column} was ${change.from} and is ${change.to}`;
    default: {
      const word = { 'file-added': 'new', 'file-changed': 'changed', 'file-removed': 'gone' }[change.kind];
      const files = count === 1 ? change.key : `${count} files, such as ${change.key},`;
      return `table ${change.table}: ${files} ${count === 1 ? 'is' : 'are'} ${word}`;
    }
  }
}

function compareColumns(previous: CrawledTable, current: CrawledTable): CrawlChange[] {
  const table = current.name;
  const before = new Map(previous.columns.map((column) => [column.name, column]));
  const after = new Map(current.columns.map((column) => [column.name, column]));
  const changes: CrawlChange[] = [];
  for (const [column, { type }] of after) {
    const known = before.get(column);
    if (known === undefined) changes.push({ kind: 'column-added', table, column, type: typeName(type) });
    else if (!sameType(known.type, type)) {
      changes.push({ kind: 'column-retyped', table, column, from: typeName(known.type), to: typeName(type) });
    }
  }
  for (const [column, { type }] of before) {
    if (!after.has(column)) changes.push({ kind: 'column-removed', table, column, type: typeName(type) });
  }
  return changes;
}

/** A fingerprint covers only a part of a file: a new date counts as a change too. */
function compareFiles(previous: CrawledTable, current: CrawledTable): CrawlChange[] {
  const table = current.name;
  const before = new Map(previous.files.map((file) => [file.key, file]));
  const after = new Set(current.files.map(({ key }) => key));
  const changes: CrawlChange[] = [];
  for (const { key, bytes, fingerprint, modifiedAt } of current.files) {
    const known = before.get(key);
    if (known === undefined) changes.push({ kind: 'file-added', table, key });
    else if (known.bytes !== bytes || known.fingerprint !== fingerprint || known.modifiedAt !== modifiedAt) {
      changes.push({ kind: 'file-changed', table, key });
    }
  }
  for (const key of before.keys()) if (!after.has(key)) changes.push({ kind: 'file-removed', table, key });
  return changes;
}
