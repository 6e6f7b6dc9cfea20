import { quoteIdentifier } from '../../base/data-type.ts';
import type { Incremental } from '../pipeline-settings.ts';

/** How a dataset's pipeline reads on, as it is now. */
export interface Bookmark {
  /** Counts its changes; 0 = it never had one. */
  version: number;
  paused: boolean;
  /** What the next run builds on: the last release, that of the last step, or nothing. */
  next: 'continue' | 'restore' | 'rebuild';
  /** How far the last run has read; null = the next one reads everything. */
  step: BookmarkStep | null;
}

export interface BookmarkStep {
  release: number;
  runId: string;
  /** Of the setting it was made by, see {@link readingOf}. */
  reading: string;
  /** Of a growing key: its last value as text, and how many rows have it. */
  value: string | null;
  ties: number;
  /** Of a growing key: the name of its type; null where none was kept. */
  type: string | null;
}

/** A source's file as it was read. */
export interface ReadFile {
  key: string;
  bytes: number;
  /** ISO 8601. */
  modifiedAt: string;
}

/** How far a run has read, to be kept with its release. */
export interface Advance {
  reading: string;
  value: string | null;
  ties: number;
  type: string | null;
  /** Files read beyond the step before. */
  files: ReadFile[];
}

export const NO_BOOKMARK: Bookmark = { version: 0, paused: false, next: 'continue', step: null };

/** The setting in one form: a step that was made by another one is no bookmark for it. */
export function readingOf(incremental: Incremental): string {
  const { schema, name } = incremental.input;
  const input = `${written(schema)}.${written(name)}`;
  return incremental.kind === 'files'
    ? `files of ${input}`
    : `growing ${written(incremental.column)} of ${input}`;
}

/** In quotes unless it is a plain word: two settings never look the same. */
function written(name: string): string {
  return /^[\p{L}\p{N}_-]+$/u.test(name) ? name : quoteIdentifier(name);
}

/** From where a run reads: a step, or null for everything, whose rows then take the place of all rows. */
export function stepFor(bookmark: Bookmark, incremental: Incremental): BookmarkStep | null {
  const { step, next } = bookmark;
  if (next === 'rebuild' || step === null || step.reading !== readingOf(incremental)) return null;
  return step;
}

/** What is new among a table's files since they were read. */
export interface FileChanges {
  /** To be read: new files, and those that changed. */
  read: string[];
  changed: string[];
  gone: string[];
}

/** A file is the same by name, size and time of change. */
export function compareFiles(files: ReadFile[], seen: ReadonlyMap<string, ReadFile>): FileChanges {
  const isSame = (file: ReadFile, before: ReadFile | undefined) =>
    before !== undefined && before.bytes === file.bytes && before.modifiedAt === file.modifiedAt;
  const read = files.filter((file) => !isSame(file, seen.get(file.key))).map(({ key }) => key);
  const present = new Set(files.map(({ key }) => key));
  return {
    read,
    changed: read.filter((key) => seen.has(key)),
    gone: [...seen.keys()].filter((key) => !present.has(key)),
  };
}
