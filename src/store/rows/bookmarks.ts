import type { Time } from './column-types.ts';

/** How a dataset's pipeline reads on; absent = it never had to. */
export interface BookmarkRow {
  dataset_id: string;
  version: number;
  paused: boolean;
  /** What the next run builds on: the last release, that of the last step, or nothing. */
  next: 'continue' | 'restore' | 'rebuild';
  updated_at: Time;
}

/** How far the run of a release has read. */
export interface BookmarkStepRow {
  dataset_id: string;
  release: number;
  run_id: string;
  /** `readingOf` the setting; a step of another setting is no bookmark. */
  reading: string;
  /** Of a growing key: its last value as text, and how many rows have it. */
  value: string | null;
  ties: number;
  /** The key's type at that time; null of files, and of steps before types were kept. */
  type: string | null;
}

export interface BookmarkFileRow {
  dataset_id: string;
  release: number;
  key: string;
  bytes: number;
  modified_at: string;
}
